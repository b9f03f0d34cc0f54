/**
 * Serves BabyAI's worlds to the program that started this one, which is bindings/python. It needs no
 * permission: it reads stdin and writes to stdout.
 *
 *     deno run --no-prompt bindings/serve.ts '{"level": "BabyAI-GoToLocal-v0", "envs": 16}'
 *
 * Frames are a length (u32, what follows), a word that says what it is (u32) and a body, little-endian:
 *
 *     RESET  seeds f64 [N]: NaN goes on with a world's own generator, -1 leaves a world alone
 *     STEP   actions i32 [N]
 *
 *     ROWS   rewards f64 [N], observations u8 [N, D], terminated u8 [N], truncated u8 [N], the
 *            observations at the end of the episodes that ended in a step [*, D], and the missions of
 *            those that began, as JSON
 *     HELLO  what the worlds look like, as JSON
 *     FAILED a sentence with a code
 */
import * as v from "valibot";
import { TandemError } from "../core/base/errors.ts";
import { joinColumns } from "../core/kit/join_columns.ts";
import { parseJson } from "../core/kit/json.ts";
import { levelId } from "../plugins/env/babyai/levels.ts";
import { BabyAIVector } from "../plugins/env/babyai/vector.ts";

const [RESET, STEP] = [1, 2];
const [ROWS, HELLO, FAILED] = [1, 2, 3];
const HEAD = 8;
/** Leaves a world alone; NaN goes on with its generator. */
const NOT_THIS = -1;

const Setting = v.strictObject({
  level: v.string(),
  envs: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_536)),
  viewSize: v.optional(v.number(), 7),
  autoreset: v.optional(v.boolean(), true),
});

const encoder = new TextEncoder();

/** Worlds behind frames. */
class Served {
  readonly #vector: BabyAIVector;
  readonly #autoreset: boolean;
  /** The largest frame that is asked. */
  readonly longest: number;

  /** @throws {TandemError} E_LEVEL, E_OPTION */
  constructor(setting: unknown) {
    const parsed = v.safeParse(Setting, setting);
    if (!parsed.success) throw new TandemError("E_OPTION", parsed.issues[0].message);
    const { level, ...options } = parsed.output;
    this.#vector = new BabyAIVector({ level: levelId(level), ...options });
    this.#autoreset = options.autoreset;
    this.longest = HEAD + 8 * options.envs;
  }

  hello(): Uint8Array {
    const { level, envs, view } = this.#vector;
    return frame(HELLO, [encoder.encode(JSON.stringify({ level, envs, viewSize: view.size }))]);
  }

  /** The answer to a request's body, with the word before it. @throws {TandemError} */
  answer(request: Uint8Array): Uint8Array {
    const { envs } = this.#vector;
    const op = new DataView(request.buffer, request.byteOffset).getUint32(0, true);
    const body = request.slice(4).buffer;
    if (op === RESET && body.byteLength === 8 * envs) return this.#reset(new Float64Array(body));
    if (op === STEP && body.byteLength === 4 * envs) return this.#step(new Int32Array(body));
    throw new TandemError("E_ARGUMENT", `A frame asks "${op}" with ${body.byteLength} bytes.`);
  }

  #reset(seeds: Float64Array): Uint8Array {
    const begun = [...seeds.keys()].filter((i) => seeds[i] !== NOT_THIS);
    for (const i of begun) {
      this.#vector.resetOne(i, Number.isNaN(seeds[i]) ? undefined : seeds[i]);
      this.#vector.rewards[i] = this.#vector.terminated[i] = this.#vector.truncated[i] = 0;
    }
    return this.#rows([], begun);
  }

  #step(actions: Int32Array): Uint8Array {
    const vector = this.#vector;
    vector.step(actions);
    const { terminated, truncated, finals } = vector;
    const over = [...terminated.keys()].filter((i) => terminated[i] || truncated[i]);
    if (!this.#autoreset) return this.#rows([], []);
    const width = finals.length / vector.envs;
    return this.#rows(over.map((i) => finals.subarray(i * width, (i + 1) * width)), over);
  }

  #rows(finals: readonly Uint8Array[], begun: readonly number[]): Uint8Array {
    const { rewards, observations, terminated, truncated } = this.#vector;
    const missions = begun.length === 0
      ? ""
      : JSON.stringify(begun.map((i) => this.#vector.mission(i)));
    return frame(ROWS, [
      new Uint8Array(rewards.buffer, rewards.byteOffset, rewards.byteLength),
      observations,
      terminated,
      truncated,
      ...finals,
      encoder.encode(missions),
    ]);
  }
}

function frame(kind: number, parts: readonly Uint8Array[]): Uint8Array {
  const whole = joinColumns([new Uint8Array(HEAD), ...parts]);
  const head = new DataView(whole.buffer);
  head.setUint32(0, whole.length - 4, true);
  head.setUint32(4, kind, true);
  return whole;
}

/** Reads so many bytes; undefined where the other program has ended. */
function read(size: number): Uint8Array | undefined {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size;) {
    const count = Deno.stdin.readSync(bytes.subarray(at));
    if (count === null) return undefined;
    at += count;
  }
  return bytes;
}

function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

/** Answers until nobody asks any more. */
function serve(text: string): void {
  try {
    const served = new Served(parseJson(text));
    write(served.hello());
    for (;;) {
      const head = read(4);
      const size = head && new DataView(head.buffer).getUint32(0, true);
      if (size === undefined) return;
      if (size < 4 || size > served.longest) {
        throw new TandemError("E_ARGUMENT", `A frame says that it has "${size}" bytes.`);
      }
      const request = read(size);
      if (!request) return;
      write(answered(served, request));
    }
  } catch (error) {
    write(frame(FAILED, [encoder.encode(String(error))]));
  }
}

/** What went wrong with one request is told, and the next one may be right. */
function answered(served: Served, request: Uint8Array): Uint8Array {
  try {
    return served.answer(request);
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    return frame(FAILED, [encoder.encode(String(error))]);
  }
}

if (import.meta.main) serve(Deno.args[0] ?? "{}");
