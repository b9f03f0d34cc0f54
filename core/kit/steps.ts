/** Steps of N environments, built by named constructors: who writes an env fills no arrays by hand. */
import { Pcg64, type Pcg64State } from "./random.ts";
import { actionAt } from "./actions.ts";
import { TandemError } from "../base/errors.ts";
import { hashOf } from "./hash.ts";
import { mapTensors, zerosOf } from "./tensors.ts";
import type {
  Actions,
  EnvSpec,
  EnvStep,
  Observations,
  Spaces,
  StageState,
  StateArray,
  TensorArrays,
  Tensors,
} from "../stages/mod.ts";

/** What one environment shows: its part of each tensor, to be read and written. */
export type Row<S extends Spaces = Spaces> = {
  readonly [Name in keyof S]: TensorArrays[S[Name]["dtype"]];
};

/** What is asked in an episode. */
interface Asked {
  readonly mission: string;
  /** What tells equal rows under different missions apart; none where all are the same. */
  readonly bytes: readonly Uint8Array[];
}

/** What {@linkcode VectorSteps} asks of an env. */
export interface StepsOptions<S extends Spaces> {
  /** Starts an episode in environment i: writes what it shows first. */
  begin(row: Row<S>, random: Pcg64, i: number): void;
  /**
   * What is asked of the agent: the same always, or what it says of environment i after `begin` and
   * `load`; nothing unless told.
   */
  readonly mission?: string | ((i: number) => string);
  /** What a row shows in words, one sentence a thing seen. */
  text(row: Row<S>): readonly string[];
  /** A number that equal rows share; a hash of their bytes and the mission unless told. */
  key?(row: Row<S>): number;
  /** Writes 1 where an action is legal in environment i now, else 0; for `EnvSpec.legalActions`. */
  legal?(row: Row<S>, out: Uint8Array, i: number): void;
}

/**
 * Owns what an env answers with. For each environment a step is named once, by {@linkcode transition},
 * {@linkcode termination} or {@linkcode truncation}; the step limit truncates by itself, what an episode
 * ended with is kept in `finals`, and the next episode begins in the same step. Nothing is allocated.
 *
 * @template S The spaces of the env's spec.
 */
export class VectorSteps<S extends Spaces> {
  /** What is shown now, an environment a row. */
  readonly rows: readonly Row<S>[];
  /** What `step` answers. */
  readonly answer: EnvStep;
  readonly #finals: readonly Row<S>[];
  /** What is asked now, and what was in the episodes that ended last; an environment each. */
  readonly #asked: Asked[];
  readonly #askedLast: Asked[];
  readonly #tensors: Tensors;
  readonly #legal: Uint8Array | undefined;
  readonly #random: readonly Pcg64[];
  readonly #steps: Int32Array;

  /** Steps of environments that have not begun: `reset` begins them. */
  constructor(
    private readonly spec: EnvSpec & { readonly observation: S },
    private readonly options: StepsOptions<S>,
  ) {
    const { envs, observation, actions, legalActions } = spec;
    const now: Tensors = zerosOf<Spaces>(observation, [envs]);
    const finals: Tensors = zerosOf<Spaces>(observation, [envs]);
    this.#tensors = now;
    this.#legal = legalActions ? new Uint8Array(envs * actions.length) : undefined;
    this.rows = rowsOf<S>(now, envs);
    this.#finals = rowsOf<S>(finals, envs);
    this.#random = Array.from({ length: envs }, () => new Pcg64(0));
    const { mission = "" } = options;
    const always: Asked = { mission: typeof mission === "string" ? mission : "", bytes: [] };
    this.#asked = new Array<Asked>(envs).fill(always);
    this.#askedLast = [...this.#asked];
    this.#steps = new Int32Array(envs);
    this.answer = {
      observations: this.#observe(now, this.rows, this.#asked, this.#legal),
      finals: this.#observe(
        finals,
        this.#finals,
        this.#askedLast,
        this.#legal?.slice().fill(1),
      ),
      rewards: new Float32Array(envs),
      terminated: new Uint8Array(envs),
      truncated: new Uint8Array(envs),
    };
  }

  /** Starts an episode from each seed. */
  reset(seeds: ArrayLike<number>): Observations {
    for (let i = 0; i < this.rows.length; i++) {
      this.#random[i]!.reseed(seeds[i]!);
      this.restart(i);
    }
    return this.answer.observations;
  }

  /** Begins an episode in environment i. */
  restart(i: number): void {
    this.#steps[i] = 0;
    this.options.begin(this.rows[i]!, this.#random[i]!, i);
    this.#ask(i);
    this.#tellLegal(i);
  }

  /** Names the step of environment i: the episode goes on, unless the step limit is reached. */
  transition(i: number, reward = 0): void {
    if (this.stepOf(i) >= this.spec.maxSteps) return this.truncation(i, reward);
    this.#steps[i]!++;
    this.#enter(i, reward, 0, 0);
    this.#tellLegal(i);
  }

  /** Names the step of environment i: the task ended the episode, and no value follows. */
  termination(i: number, reward = 0): void {
    this.#enter(i, reward, 1, 0);
    this.#end(i);
  }

  /** Names the step of environment i: the episode is cut, and value would have followed. */
  truncation(i: number, reward = 0): void {
    this.#enter(i, reward, 0, 1);
    this.#end(i);
  }

  /** The number of the step under way in the episode of environment i: the first is 1. */
  stepOf(i: number): number {
    return this.#steps[i]! + 1;
  }

  /** The generator of environment i, for what chance decides within an episode. */
  randomOf(i: number): Pcg64 {
    return this.#random[i]!;
  }

  /**
   * The action of environment i, an index into the actions' names.
   *
   * @throws {TandemError} E_ACTION where there is none such, or it is not legal now.
   */
  actionOf(actions: Actions, i: number): number {
    const { actions: names, id } = this.spec;
    const action = actionAt(this.spec, actions, i);
    if (this.#legal?.[i * names.length + action] !== 0) return action;
    throw new TandemError("E_ACTION", `"${names[action]}" is not legal now in "${id}".`);
  }

  /** All of it; an env that remembers more adds that. */
  save(): StageState {
    const tensors = mapTensors(this.#tensors, ({ shape, data }) => ({ shape, data: data.slice() }));
    const steps: StateArray = { shape: [this.#steps.length], data: this.#steps.slice() };
    return {
      json: this.#random.map((random) => random.save()),
      arrays: { ...tensors, steps },
    };
  }

  /** Goes on from what {@linkcode save} gave. */
  load({ json, arrays = {} }: StageState): void {
    for (const [i, state] of (json as Pcg64State[]).entries()) this.#random[i]!.load(state);
    for (const [name, { data }] of Object.entries(this.#tensors)) data.set(arrays[name]!.data);
    this.#steps.set(arrays.steps!.data);
    for (let i = 0; i < this.rows.length; i++) {
      this.#ask(i);
      this.#tellLegal(i);
    }
  }

  #enter(i: number, reward: number, terminated: 0 | 1, truncated: 0 | 1): void {
    this.answer.rewards[i] = reward;
    this.answer.terminated[i] = terminated;
    this.answer.truncated[i] = truncated;
  }

  #end(i: number): void {
    const [now, final] = [this.rows[i]!, this.#finals[i]!];
    for (const name in now) final[name].set(now[name]);
    this.#askedLast[i] = this.#asked[i]!;
    this.restart(i);
  }

  #ask(i: number): void {
    const { mission } = this.options;
    if (typeof mission !== "function") return;
    const asked = mission(i);
    this.#asked[i] = { mission: asked, bytes: [new TextEncoder().encode(asked)] };
  }

  #tellLegal(i: number): void {
    if (!this.#legal) return;
    const count = this.spec.actions.length;
    this.options.legal?.(this.rows[i]!, this.#legal.subarray(i * count, (i + 1) * count), i);
  }

  #observe(
    tensors: Tensors,
    rows: readonly Row<S>[],
    asked: readonly Asked[],
    legal?: Uint8Array,
  ): Observations {
    const { text, key } = this.options;
    const bytes = key ? [] : rows.map(bytesOf);
    return {
      envs: rows.length,
      tensors,
      ...legal && { legal },
      mission: (i) => asked[i]!.mission,
      text: (i) => text(rows[i]!),
      key: key ? (i) => key(rows[i]!) : (i) => hashOf([...bytes[i]!, ...asked[i]!.bytes]),
    };
  }
}

/** Views of all tensors, an environment each: made once, since a view costs much to make. */
function rowsOf<S extends Spaces>(tensors: Tensors, envs: number): readonly Row<S>[] {
  return Array.from({ length: envs }, (_, i) =>
    mapTensors(tensors, ({ data }) => {
      const width = data.length / envs;
      return data.subarray(i * width, (i + 1) * width);
    }) as Row<S>);
}

/** A row's bytes, a view a tensor. */
function bytesOf(row: Row): readonly Uint8Array[] {
  return Object.values(row).map(({ buffer, byteOffset, byteLength }) =>
    new Uint8Array(buffer, byteOffset, byteLength)
  );
}
