import * as v from "valibot";
import {
  type Actions,
  type Env,
  type EnvSpec,
  type EnvStep,
  type Observations,
  type StageState,
  TandemError,
  type Tensor,
  type Tensors,
} from "@tandem/core";
import { actionAt, floatsAt, joinColumns, outsideText, parseJson } from "@tandem/core/internal";
import { hashOf } from "@tandem/core/kit";
import { Episodes } from "./episodes.ts";
import { type Frame, HEAD, type PythonProcess } from "./process.ts";
import { inWords } from "./words.ts";

/** What is asked. */
const [RESET, STEP, REPLAY] = [1, 2, 3];
/** What is answered; anything else is a failure. */
const ROWS = 1;

const NEW_MISSIONS = v.record(v.string(), v.pipe(v.string(), v.maxLength(2000)));
const FAILURE = v.object({ said: v.string(), where: v.string() });

const encoder = new TextEncoder(), decoder = new TextDecoder();

/** N environments of Gymnasium, in a process of their own. */
export class GymnasiumEnv implements Env {
  readonly #process: PythonProcess;
  readonly #episodes: Episodes;
  /** The last answer, of which the observations are views. */
  readonly #frame: Uint8Array;
  /** What is asked, and its views: the seeds of what comes next, and actions. */
  readonly #request: ArrayBuffer;
  readonly #nextSeeds: Float64Array;
  readonly #asked: Actions;
  readonly #now: Shown;
  readonly #finals: Shown;
  readonly #answer: EnvStep;

  constructor(readonly spec: EnvSpec, process: PythonProcess) {
    const { envs, actionBox } = spec;
    const width = actionBox?.low.length ?? 1;
    this.#process = process;
    this.#episodes = new Episodes(envs, width);
    this.#request = new ArrayBuffer(HEAD + envs * (8 + 4 * width));
    this.#nextSeeds = new Float64Array(this.#request, HEAD, envs);
    this.#asked = new (actionBox ? Float32Array : Int32Array)(this.#request, HEAD + 8 * envs);
    const tensors = bytesOf(spec);
    const buffer = new ArrayBuffer(HEAD + envs * (4 + 2) + tensors);
    this.#frame = new Uint8Array(buffer);
    this.#now = new Shown(spec, buffer, HEAD + 4 * envs);
    this.#finals = new Shown(spec, new ArrayBuffer(tensors), 0);
    const flags = HEAD + 4 * envs + tensors;
    this.#answer = {
      observations: this.#now.observations,
      finals: this.#finals.observations,
      rewards: new Float32Array(buffer, HEAD, envs),
      terminated: new Uint8Array(buffer, flags, envs),
      truncated: new Uint8Array(buffer, flags + envs, envs),
    };
  }

  reset(seeds: ArrayLike<number>): Observations {
    this.#episodes.begin(seeds);
    this.#begin(RESET, []);
    return this.#answer.observations;
  }

  step(actions: Actions): EnvStep {
    const { envs, actionBox } = this.spec;
    const check = actionBox ? floatsAt : actionAt;
    for (let i = 0; i < envs; i++) check(this.spec, actions, i);
    this.#asked.set(actions);
    this.#nextSeeds.set(this.#episodes.next);
    this.#receive(this.#ask(STEP, new Uint8Array(this.#request)), "in a step");
    const { terminated, truncated } = this.#answer;
    for (let i = 0; i < envs; i++) {
      this.#episodes.note(i, actions, (terminated[i]! | truncated[i]!) !== 0);
    }
    return this.#answer;
  }

  /** The episodes under way, and what they show: it has to show the same when they are played again. */
  save(): StageState {
    const { counts, actions } = this.#episodes.played;
    const { actionBox } = this.spec;
    const numbers = actionBox ? Float32Array.from(actions) : Int32Array.from(actions);
    return {
      json: this.#episodes.save(),
      arrays: {
        counts: { shape: [counts.length], data: counts },
        actions: { shape: [numbers.length], data: numbers },
        shown: { shape: [this.#now.bytes.length], data: this.#now.bytes.slice() },
      },
    };
  }

  /** Plays the episodes again. @throws {TandemError} E_CHECKPOINT where they come to something else. */
  load({ json, arrays }: StageState): void {
    const { counts, actions, shown } = arrays!;
    this.#episodes.load(json, counts!, actions!);
    try {
      this.#begin(REPLAY, [counts!.data, actions!.data]);
    } catch (cause) {
      throw differs(this.spec.id, cause instanceof Error ? cause.message : "", cause);
    }
    if (!this.#now.bytes.every((byte, k) => byte === shown!.data[k])) {
      throw differs(this.spec.id, "it shows something else");
    }
  }

  async dispose(): Promise<void> {
    await this.#process.close();
  }

  /** Begins the episodes anew, and plays them as far as actions are given. */
  #begin(op: number, parts: readonly (Float32Array | Int32Array | Uint8Array)[]): void {
    const body = [this.#episodes.seeds, ...parts].map(bytesIn);
    const request = joinColumns([new Uint8Array(HEAD), ...body]);
    this.#receive(this.#ask(op, request), "when an episode began");
  }

  #ask(op: number, request: Uint8Array): Frame {
    const head = new DataView(request.buffer);
    head.setUint32(0, request.length - 4, true);
    head.setUint32(4, op, true);
    try {
      return this.#process.ask(request, this.#frame);
    } catch (cause) {
      throw ended(this.spec.id, cause);
    }
  }

  /** Takes in what was answered. @throws {TandemError} E_STAGE, E_SHAPE */
  #receive({ kind, more }: Frame, when: string): void {
    if (kind !== ROWS) throw failed(this.spec.id, when, this.#frame, more);
    const { terminated, truncated } = this.#answer;
    let at = 0;
    for (let i = 0; i < this.spec.envs; i++) {
      if (!(terminated[i] || truncated[i])) continue;
      at = this.#finals.takeRow(i, more, at);
      this.#finals.missions[i] = this.#now.missions[i]!;
      this.#finals.check(i);
    }
    const news = more.length > at ? parseJson(decoder.decode(more.subarray(at))) : {};
    for (const [i, mission] of Object.entries(v.parse(NEW_MISSIONS, news))) {
      this.#now.missions[Number(i)] = outsideText(mission);
    }
    for (let i = 0; i < this.spec.envs; i++) this.#now.check(i);
  }
}

/** Rows of all environments, and the missions that belong to them. */
class Shown {
  readonly observations: Observations;
  /** All tensors, one after another. */
  readonly bytes: Uint8Array;
  readonly missions: string[];
  readonly #rows: readonly (readonly Uint8Array[])[];
  readonly #categories: readonly (readonly number[] | undefined)[];

  constructor(private readonly spec: EnvSpec, buffer: ArrayBuffer, at: number) {
    const { envs, observation } = spec;
    const tensors = viewsOf(spec, buffer, at);
    this.bytes = new Uint8Array(buffer, at, bytesOf(spec));
    this.missions = new Array<string>(envs).fill("");
    this.#rows = Array.from({ length: envs }, (_, i) => rowsOf(tensors, envs, i));
    this.#categories = Object.values(observation).map((space) =>
      space.kind === "discrete"
        ? [space.n]
        : space.kind === "multi-discrete"
        ? space.nvec
        : undefined
    );
    this.observations = {
      envs,
      tensors,
      mission: (i) => this.missions[i]!,
      text: (i) => inWords(observation, tensors, i),
      key: (i) => hashOf([...this.#rows[i]!, encoder.encode(this.missions[i]!)]),
    };
  }

  /** Takes row i out of bytes, from a place on; gives the place behind it. */
  takeRow(i: number, bytes: Uint8Array, from: number): number {
    let at = from;
    for (const row of this.#rows[i]!) {
      row.set(bytes.subarray(at, at + row.length));
      at += row.length;
    }
    return at;
  }

  /** @throws {TandemError} E_SHAPE where a category of row i is none. */
  check(i: number): void {
    for (const [k, nvec] of this.#categories.entries()) {
      if (!nvec) continue;
      const row = this.#rows[i]![k]!;
      for (let d = 0; d < row.length; d++) {
        if (row[d]! < nvec[d]!) continue;
        const name = Object.keys(this.spec.observation)[k]!;
        throw new TandemError(
          "E_SHAPE",
          `The observation "${name}" of "${this.spec.id}" has the category "${row[d]}" at ${d}, ` +
            `where its space has ${nvec[d]}.`,
          { stage: "env" },
        );
      }
    }
  }
}

const sizeOfRow = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** Bytes of all tensors of all environments. */
function bytesOf({ envs, observation }: EnvSpec): number {
  return Object.values(observation).reduce(
    (sum, { dtype, shape }) => sum + envs * sizeOfRow(shape) * (dtype === "uint8" ? 1 : 4),
    0,
  );
}

/** The tensors as views, in the order of the spec: floats come first, so that all are aligned. */
function viewsOf({ envs, observation }: EnvSpec, buffer: ArrayBuffer, start: number): Tensors {
  let at = start;
  const views = Object.entries(observation).map(([name, { dtype, shape }]) => {
    const Kind = dtype === "uint8" ? Uint8Array : Float32Array;
    const data = new Kind(buffer, at, envs * sizeOfRow(shape));
    at += data.byteLength;
    return [name, { dtype, shape: [envs, ...shape], place: "host", data } as Tensor] as const;
  });
  return Object.fromEntries(views);
}

function rowsOf(tensors: Tensors, envs: number, i: number): readonly Uint8Array[] {
  return Object.values(tensors).map(({ data }) => {
    const width = data.byteLength / envs;
    return new Uint8Array(data.buffer, data.byteOffset + i * width, width);
  });
}

function bytesIn({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function ended(id: string, cause: unknown): TandemError {
  return new TandemError(
    "E_STAGE",
    `The Python process of "${id}" has ended: it crashed, was killed, or took longer for an answer ` +
      "than env.timeout says.",
    { stage: "env", cause },
  );
}

function failed(id: string, when: string, frame: Uint8Array, more: Uint8Array): TandemError {
  const length = new DataView(frame.buffer).getUint32(0, true) - 4;
  const whole = new Uint8Array([...frame.subarray(HEAD), ...more]).subarray(0, length);
  const { said, where } = v.parse(FAILURE, parseJson(decoder.decode(whole)));
  const shown = outsideText(said, { max: 300 }).replace(/\.$/, "");
  return new TandemError("E_STAGE", `"${id}" failed ${when}: ${shown} (${outsideText(where)}).`, {
    stage: "env",
  });
}

function differs(id: string, why: string, cause?: unknown): TandemError {
  return new TandemError(
    "E_CHECKPOINT",
    `The episodes of "${id}" do not come to the same again from their seeds and actions (` +
      `${outsideText(why, { max: 300 }).replace(/\.$/, "")}): its runs cannot be resumed.`,
    { stage: "env", cause },
  );
}
