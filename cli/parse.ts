import { InvalidArgumentError } from "@commander-js/extra-typings";

/** An option's argument as a whole number from 0 on. */
export function wholeNumber(text: string): number {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 0 on.");
}

/** An option's argument as a whole number from 1 on. */
export function positiveNumber(text: string): number {
  const number = wholeNumber(text);
  if (number > 0) return number;
  throw new InvalidArgumentError("It must be a whole number from 1 on.");
}

/** An option's argument as a number of seconds above 0. */
export function positiveSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It must be a number of seconds above 0.");
}

/** Collects the arguments of an option that may be repeated. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
