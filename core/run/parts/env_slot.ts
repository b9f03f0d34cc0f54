/** The env of a run: an extra stage may ask for one with other options, such as the next level. */
import { TandemError } from "../../base/errors.ts";
import type { Env, MaybePromise, StageState, Stateful } from "../../stages/mod.ts";

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

interface KeptChange {
  /** The options, as JSON. */
  readonly change: string;
  readonly inner: unknown;
}

/** Holds the env that is played now. */
export class EnvSlot implements Stateful {
  readonly save?: () => Promise<StageState>;
  readonly load?: (state: StageState) => Promise<void>;
  readonly #made: Map<string, Env>;
  #key: string;
  #now: Env;
  /** Whether another env was ever asked for: then the state says which it is of. */
  #mayChange = false;

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
    if (!first.save || !first.load) return;
    this.save = async () => {
      const { json, arrays } = await this.#now.save!();
      if (!this.#mayChange) return { json, arrays };
      return { json: { change: this.#key, inner: json } satisfies KeptChange, arrays };
    };
    this.load = async ({ json, arrays }) => {
      if (!isKeptChange(json)) return await this.#now.load!({ json, arrays });
      await this.change(JSON.parse(json.change));
      await this.#now.load!({ json: json.inner, arrays });
    };
  }

  /** The env that is played now. */
  get now(): Env {
    return this.#now;
  }

  /**
   * Goes over to other options; the env has to be reset or loaded then.
   *
   * @returns Whether it is another env than before.
   * @throws {TandemError} E_WIRING where what the stages know of the env would no longer hold.
   */
  async change(change: EnvChange): Promise<boolean> {
    this.#mayChange = true;
    const key = JSON.stringify({ ...this.own, ...change });
    if (key === this.#key) return false;
    const env = this.#made.get(key) ?? await this.make(change);
    this.#made.set(key, env);
    for (const what of KNOWN) {
      if (JSON.stringify(env.spec[what]) === JSON.stringify(this.first.spec[what])) continue;
      throw new TandemError(
        "E_WIRING",
        `"${env.spec.id}" cannot follow "${this.first.spec.id}" in one run: its ${what} differs.`,
        { stage: "env" },
      );
    }
    [this.#now, this.#key] = [env, key];
    return true;
  }
}

function isKeptChange(json: unknown): json is KeptChange {
  const { change } = (json ?? {}) as Partial<KeptChange>;
  return typeof change === "string";
}
