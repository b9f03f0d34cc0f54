import type { StateAction, StateFeatures } from "@tandem/core";

/** Whom a verdict is about; see the option of the same name. */
export type Credit = "guidance" | "followed" | "action";

/** What is known of a step when its verdict comes. */
export interface Step {
  readonly features: StateFeatures;
  /** What was suggested, and what the student did; -1 for nothing. */
  readonly choice: number;
  readonly action: number;
}

/** Finds what a verdict praises or blames, and with what it compares that. */
export class CreditBook {
  /** [N] what the last verdict was about. */
  #before: (StateAction | undefined)[] = [];

  constructor(private readonly credit: Credit) {}

  /** Enters a step of environment i; gives what is credited, undefined where nothing is. */
  enter(env: number, step: Step): Credited {
    const before = this.#before[env];
    this.#before[env] = this.#judgedIn(step);
    return { credited: this.creditedIn(step), before };
  }

  /** What a verdict on a step credits, whatever came before it. */
  creditedIn(step: Step): StateAction | undefined {
    const ignored = this.credit === "followed" && step.choice !== step.action;
    return ignored ? undefined : this.#judgedIn(step);
  }

  #judgedIn({ features, choice, action }: Step): StateAction | undefined {
    const candidate = this.credit === "guidance" ? choice : action;
    return candidate < 0 ? undefined : { features, candidate };
  }

  /** Enters a step at which nothing was said: the next verdict compares with nothing that is known. */
  skip(): void {
    this.#before = [];
  }

  save(): readonly (StateAction | null)[] {
    return Array.from(this.#before, (judged) => judged ?? null);
  }

  load(before: readonly (StateAction | null)[]): void {
    this.#before = before.map((judged) => judged ?? undefined);
  }
}

/** What a verdict credits, if anything, and what it would have credited the step before. */
export interface Credited {
  readonly credited?: StateAction;
  readonly before?: StateAction;
}
