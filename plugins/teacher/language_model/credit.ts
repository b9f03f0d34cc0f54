import type { Deed } from "./channels.ts";
import type { StateFeatures } from "./features.ts";

/** Whom a verdict is about; see the option of the same name. */
export type Credit = "guidance" | "followed" | "action";

/** What is known of a step when its verdict comes. */
export interface Step {
  readonly features: StateFeatures;
  /** What was suggested, and what the student did; -1 for nothing. */
  readonly choice: number;
  readonly action: number;
}

/** Finds the deed that a verdict praises or blames, and the one with which it compares that. */
export class CreditBook {
  /** [N] what the last verdict was about. */
  #before: (Deed | undefined)[] = [];

  constructor(private readonly credit: Credit) {}

  /** Enters a step of environment i; gives the deed, or undefined where nobody is to be credited. */
  enter(env: number, { features, choice, action }: Step): Credited {
    const candidate = this.credit === "guidance" ? choice : action;
    const deed = candidate < 0 ? undefined : { features, candidate };
    const before = this.#before[env];
    this.#before[env] = deed;
    const ignored = this.credit === "followed" && choice !== action;
    return { deed: ignored ? undefined : deed, before };
  }

  /** Enters a step at which nothing was said: the next verdict compares with no deed that is known. */
  skip(): void {
    this.#before = [];
  }

  save(): readonly (Deed | null)[] {
    return Array.from(this.#before, (deed) => deed ?? null);
  }

  load(before: readonly (Deed | null)[]): void {
    this.#before = before.map((deed) => deed ?? undefined);
  }
}

/** The deed of a step, if someone is to be credited, and that of the step before. */
export interface Credited {
  readonly deed?: Deed;
  readonly before?: Deed;
}
