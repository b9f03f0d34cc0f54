/** The ledger of suggestions: what the teacher said in environment 0, and what became of it. */
import { authorOf, suggestionOf } from "../../kit/guidance.ts";
import type { LaterVerdict, LedgerAmendment, LedgerRow, TandemEvent } from "../../stages/events.ts";
import type { Actions, DecidedStep, Env, JudgedStep, RunPart, Verdicts } from "../../stages/mod.ts";

/** What an iteration adds to the ledger. */
export type LedgerPages = Omit<Extract<TandemEvent, { type: "ledger" }>, "type">;

/** Collects the ledger rows of one iteration. */
export class Ledger implements RunPart {
  #rows: LedgerRow[] = [];
  #amendments: LedgerAmendment[] = [];
  readonly #states: (readonly string[])[] = [];
  readonly #snapshots: (string | undefined)[] = [];
  readonly #right: (boolean | null)[] = [];

  /**
   * @param env The env that is played now.
   * @param candidateActions [K] the action that each candidate names, or -1.
   */
  constructor(private readonly env: () => Env, private readonly candidateActions: Int32Array) {}

  /** Notes what environment 0 looks like, before the step changes it. */
  decide({ t, observations, guidance: { choices } }: DecidedStep): void {
    const env = this.env();
    this.#states[t] = observations.text(0);
    this.#snapshots[t] = env.snapshot?.(0);
    const action = this.candidateActions[choices[0]!] ?? -1;
    const oracle = action >= 0 ? env.oracle : undefined;
    this.#right[t] = oracle && oracle.action(0) >= 0 ? oracle.isRight(0, action) : null;
  }

  /** Enters the verdict on the suggestion of step t of the rollout. */
  enter(
    iteration: number,
    t: number,
    now: JudgedStep,
    before: JudgedStep,
    verdict: Verdicts,
  ): void {
    const { guidance, actions, rewards, missions, terminated, truncated, envs } = now.rollout;
    const at = now.step * envs;
    const said = guidance[now.step]!;
    const choice = said.choices[0]!;
    const author = authorOf(said, 0);
    const row: { -readonly [Key in keyof LedgerRow]: LedgerRow[Key] } = {
      iteration,
      step: t,
      env: 0,
      mission: missions[at]!,
      state: this.#states[t]!,
      snapshot: this.#snapshots[t],
      guidance: choice < 0 ? null : suggestionOf(said, 0),
      probability: choice < 0 ? 0 : said.distribution[choice]!,
      right: this.#right[t]!,
      action: this.#actionOf(actions, now.step),
      reward: rewards[at]!,
      ended: terminated[at] === 1 || truncated[at] === 1,
      advantage: now.advantages[0]!,
      before: before.advantages[0]!,
      verdict: nameOfSign(verdict.signs[0]!),
      words: choice < 0 ? "" : verdict.words(0),
    };
    if (author) row.author = author;
    this.#rows.push(row);
  }

  /**
   * Adds a verdict that step t of iteration `of` got afterwards.
   *
   * @param iteration The one in which it was given.
   */
  amend(of: number, t: number, iteration: number, later: LaterVerdict): void {
    if (of !== iteration) {
      this.#amendments.push({ iteration: of, step: t, env: 0, later: { ...later, iteration } });
      return;
    }
    const row = this.#rows.findIndex((row) => row.step === t);
    if (row < 0) return;
    const { later: before = [] } = this.#rows[row]!;
    this.#rows[row] = { ...this.#rows[row]!, later: [...before, later] };
  }

  /** What environment 0 did, in the action's name or in its numbers. */
  #actionOf(actions: Actions, step: number): string {
    const { envs, actions: names, actionBox } = this.env().spec;
    if (!actionBox) return names[actions[step * envs]!]!;
    const width = actionBox.low.length;
    const taken = actions.subarray(step * envs * width, step * envs * width + width);
    return Array.from(taken, (value) => value.toFixed(3)).join(", ");
  }

  /** Hands over what was entered in the iteration, and begins anew. */
  take(): LedgerPages {
    const [rows, amendments] = [this.#rows, this.#amendments];
    [this.#rows, this.#amendments] = [[], []];
    return { rows, ...amendments.length > 0 && { amendments } };
  }
}

/** A sign as the ledger has it. */
export function nameOfSign(sign: number): LedgerRow["verdict"] {
  return sign > 0 ? "positive" : sign < 0 ? "negative" : "abstain";
}
