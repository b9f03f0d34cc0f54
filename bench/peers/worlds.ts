/**
 * Tandem's worlds for a program in another language, as bytes on standard input and output: what
 * bench/peers/babyai_student.py learns in.
 *
 *     deno run --allow-read bench/peers/worlds.ts LEVEL ENVS EPISODES
 *
 * ENVS worlds to learn in, and EPISODES to measure in, which begin anew when asked. A request is "s" and
 * an action of each world; or "r", that all begin; in capitals for those to measure in. The answer has, for
 * each world, 148 bytes of what is seen (7 x 7 cells of type, colour and state, and the direction), WORDS
 * bytes of the mission (0, or a word's number from 1 on), and a byte each: 1 where the step solved the
 * mission, 1 where it ended the episode, 1 where that was for want of steps.
 */
import { BabyAIEnv } from "../../plugins/env/babyai/env.ts";
import { levelId } from "../../plugins/env/babyai/levels.ts";
import type { EnvStep, Observations } from "../../core/stages/mod.ts";

const WORDS = 16;
/** Worlds to measure in come from seeds that those to learn in do not reach. */
const FIRST_SEED = { learn: 0, measure: 10_000_000 };

const [level = "GoToLocal", envs = "64", episodes = "500"] = Deno.args;

class Side {
  readonly #env: BabyAIEnv;
  readonly #words: ReadonlyMap<string, number>;
  readonly #actions: Uint8Array;
  readonly #answer: Uint8Array;
  readonly #width: number;

  constructor(private readonly envs: number, private readonly firstSeed: number) {
    this.#env = new BabyAIEnv({ level: levelId(level), envs });
    const { missionWords, observation } = this.#env.spec;
    this.#words = new Map(missionWords.map((word, k) => [word, k + 1]));
    this.#actions = new Uint8Array(envs);
    this.#width = Object.values(observation)[0]!.shape[0]! + WORDS + 3;
    this.#answer = new Uint8Array(envs * this.#width);
  }

  reset(): Uint8Array {
    const seeds = Array.from({ length: this.envs }, (_, i) => this.firstSeed + i);
    return this.#write(this.#env.reset(seeds));
  }

  step(): Uint8Array {
    readInto(this.#actions);
    const step = this.#env.step(Int32Array.from(this.#actions));
    return this.#write(step.observations, step);
  }

  #write(observations: Observations, step?: EnvStep): Uint8Array {
    this.#answer.fill(0);
    const { data } = Object.values(observations.tensors)[0]!;
    const seen = data.length / this.envs;
    for (let i = 0; i < this.envs; i++) {
      const row = this.#answer.subarray(i * this.#width, (i + 1) * this.#width);
      for (let k = 0; k < seen; k++) row[k] = data[i * seen + k]!;
      const words = observations.mission(i).split(/[^a-z]+/).filter((word) => word !== "");
      row.set(words.slice(0, WORDS).map((word) => this.#words.get(word)!), seen);
      if (!step) continue;
      const [terminated, truncated] = [step.terminated[i]!, step.truncated[i]!];
      row.set([+(step.rewards[i]! > 0), terminated | truncated, truncated], seen + WORDS);
    }
    return this.#answer;
  }
}

function readInto(bytes: Uint8Array): void {
  for (let k = 0; k < bytes.length;) {
    const count = Deno.stdin.readSync(bytes.subarray(k));
    if (count === null) Deno.exit(0);
    k += count;
  }
}

function writeAll(bytes: Uint8Array): void {
  for (let k = 0; k < bytes.length;) k += Deno.stdout.writeSync(bytes.subarray(k));
}

const learn = new Side(Number(envs), FIRST_SEED.learn);
const measure = new Side(Number(episodes), FIRST_SEED.measure);
const request = new Uint8Array(1);
while (true) {
  readInto(request);
  const said = String.fromCharCode(request[0]!);
  const side = said === said.toUpperCase() ? measure : learn;
  writeAll(said.toLowerCase() === "r" ? side.reset() : side.step());
}
