/** An env whose options change while it runs, such as the level of a curriculum. */
import { TandemError } from "../../stages/errors.ts";
import type {
  Actions,
  Env,
  EnvSpec,
  EnvStep,
  MaybePromise,
  Observations,
  StageState,
} from "../../stages/mod.ts";

/** Options on top of the pipeline's. */
export type EnvChange = Readonly<Record<string, unknown>>;

/** What the stages know of an env: it must hold of every env that stands in its place. */
const KNOWN = [
  "observation",
  "actions",
  "actionBox",
  "legalActions",
  "missionWords",
  "guidance",
] as const;

/** Stands in for an env and hands everything on to the one that is played now. */
export class ChangingEnv implements Env {
  readonly save?: () => Promise<StageState>;
  readonly load?: (state: StageState) => Promise<void>;
  readonly achieved?: (i: number) => readonly string[];
  readonly snapshot?: (i: number) => string;
  readonly draw?: (snapshot: string) => string;
  readonly #made: Map<string, Env>;
  #key: string;
  #now: Env;

  /**
   * @param first The env with the pipeline's own options.
   * @param own Those options.
   * @param make Makes one with other options; it is kept and used again.
   */
  constructor(
    private readonly first: Env,
    private readonly own: EnvChange,
    private readonly make: (change: EnvChange) => MaybePromise<Env>,
  ) {
    this.#now = first;
    this.#key = JSON.stringify(own);
    this.#made = new Map([[this.#key, first]]);
    if (first.achieved) this.achieved = (i) => this.#now.achieved?.(i) ?? [];
    if (first.snapshot) this.snapshot = (i) => this.#now.snapshot!(i);
    if (first.draw) this.draw = (snapshot) => first.draw!(snapshot);
    if (!first.save || !first.load) return;
    this.save = async () => {
      const { json, arrays } = await this.#now.save!();
      return { json: { change: this.#key, inner: json }, arrays };
    };
    this.load = async ({ json, arrays }) => {
      const { change, inner } = json as { change: string; inner: unknown };
      await this.change(JSON.parse(change));
      await this.#now.load!({ json: inner, arrays });
    };
  }

  /** The spec of the pipeline's own env. */
  get spec(): EnvSpec {
    return this.first.spec;
  }

  get oracle(): Env["oracle"] {
    return this.#now.oracle;
  }

  reset(seeds: ArrayLike<number>): Observations {
    return this.#now.reset(seeds);
  }

  step(actions: Actions): EnvStep {
    return this.#now.step(actions);
  }

  /**
   * Goes over to other options; the env has to be reset or loaded then.
   *
   * @returns Whether it is another env than before.
   * @throws {TandemError} E_WIRING where what the stages know of the env would no longer hold.
   */
  async change(change: EnvChange): Promise<boolean> {
    const key = JSON.stringify({ ...this.own, ...change });
    if (key === this.#key) return false;
    const env = this.#made.get(key) ?? await this.make(change);
    this.#made.set(key, env);
    for (const what of KNOWN) {
      if (JSON.stringify(env.spec[what]) === JSON.stringify(this.spec[what])) continue;
      throw new TandemError(
        "E_WIRING",
        `"${env.spec.id}" cannot follow "${this.spec.id}" in one run: its ${what} differs.`,
        { stage: "env" },
      );
    }
    [this.#now, this.#key] = [env, key];
    return true;
  }
}
