/** The key: where it comes from, and what one looks like. */
import { TandemError } from "@tandem/core";

/** Servers take no longer header than this. */
const LONGEST_KEY = 8192;

/**
 * The key that an environment variable holds; "" where none is wanted.
 *
 * @throws {TandemError} E_OPTION where the variable is not set, may not be read or holds no key; no
 * message shows what it holds.
 */
export function readKey(variable: string): string {
  if (variable === "") return "";
  let value: string | undefined;
  try {
    value = Deno.env.get(variable);
  } catch (cause) {
    throw new TandemError(
      "E_OPTION",
      `The key in "${variable}" may not be read: grant it, by TANDEM_ALLOW=--allow-env=${variable} before the command.`,
      { cause },
    );
  }
  const key = value?.trim() ?? "";
  if (key === "") {
    throw new TandemError(
      "E_OPTION",
      `The environment variable "${variable}" holds no key: set it, or set keyVariable to "" for a ` +
        `server that wants none.`,
    );
  }
  const fault = faultOf(key);
  if (fault === undefined) return key;
  throw new TandemError(
    "E_OPTION",
    `The environment variable "${variable}" holds ${fault}: it must hold one key alone, of letters, ` +
      "digits and signs of ASCII.",
  );
}

/** What keeps a text from being a key, in words that do not repeat it. */
function faultOf(key: string): string | undefined {
  if (key.length > LONGEST_KEY) return `${key.length} characters, which is no key`;
  if (/[\r\n]/.test(key)) return "several lines";
  if (/^["'`]|["'`]$/.test(key)) return "a key in quotation marks";
  if (/^bearer\s/i.test(key)) return 'a key behind "Bearer", which is added by itself';
  if (/\s/.test(key)) return "a space or a tab within";
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f]/.test(key)) return "a control character";
  if (/[^\x21-\x7e]/.test(key)) return "a character beyond ASCII, such as a curly quotation mark";
  return undefined;
}

/** Whether a text may be a key itself, given where its variable's name belongs. */
export function looksLikeKey(text: string): boolean {
  return /^(?:sk|pk)-/.test(text) ||
    (text.match(/[A-Za-z0-9]{20,}/g) ?? []).some((run) => /\d/.test(run));
}
