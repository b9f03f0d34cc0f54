/**
 * Steps a second of Gymnasium's environments here, beside Gymnasium's own SyncVectorEnv in Python, in turns of
 * a few hundred vector steps.
 *
 *     deno run --allow-all bench/gymnasium.ts --python ~/venv/bin/python
 *
 * Ratios are of the fastest hundredth, tenth and half of the single steps: on a machine that is busy
 * with other things the slower ones tell how busy it is.
 */
import { createInterface } from "node:readline";
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { createContext } from "../core/kit/context.ts";
import { Pcg64 } from "../core/kit/random.ts";
import { gymnasium } from "../plugins/mod.ts";

const ENVS = 16;
const ROUNDS = 8;
/** Vector steps of a turn: those of Minigrid take ten times as long. */
const WORLDS: Readonly<Record<string, number>> = {
  "CartPole-v1": 500,
  "FrozenLake-v1": 500,
  "MiniGrid-DoorKey-6x6-v0": 60,
};
/** The shares of the fastest steps at whose slowest one is looked. */
const SHARES = [0.01, 0.1, 0.5];

const { values } = parseArgs({ options: { python: { type: "string", default: "python3" } } });
const { python } = values;

/** Gymnasium's own, in a process that answers line by line. */
function peer() {
  const script = new URL("./peers/gymnasium_sync.py", import.meta.url).pathname;
  const child = spawn(python, ["-W", "ignore", script], { stdio: ["pipe", "pipe", "ignore"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value ?? "null"; // ended: then nothing is there to read
  return {
    hello: async () => JSON.parse(await next()) as { gymnasium: string },
    async seconds(id: string, steps: number): Promise<number[]> {
      child.stdin.write(`${JSON.stringify({ id, envs: ENVS, steps })}\n`);
      return JSON.parse(await next()).seconds;
    },
    close: () => child.kill(),
  };
}

/** Ours, in the same turns. */
async function ours(id: string) {
  const env = await gymnasium({ id, python }).create(createContext({ seed: 0 }), { envs: ENVS });
  env.reset(Array.from({ length: ENVS }, (_, i) => i));
  const random = new Pcg64(1);
  const count = env.spec.actions.length;
  const turn = (steps: number) =>
    Array.from({ length: steps }, () => {
      const actions = Int32Array.from({ length: ENVS }, () => random.integers(0, count));
      const start = performance.now();
      env.step(actions);
      return (performance.now() - start) / 1000;
    });
  return { turn, close: () => env.dispose!() };
}

const at = (sorted: readonly number[], share: number) => sorted[Math.floor(share * sorted.length)]!;

const other = peer();
const { gymnasium: version } = await other.hello();
console.log(
  `Gymnasium ${version}, ${ENVS} environments; microseconds a vector step, ours / its own`,
);
for (const [id, steps] of Object.entries(WORLDS)) {
  const env = await ours(id);
  const [mine, its]: [number[], number[]] = [[], []];
  for (let round = 0; round <= ROUNDS; round++) {
    const turns = [env.turn(steps), await other.seconds(id, steps)] as const;
    if (round === 0) continue; // to warm up
    mine.push(...turns[0]);
    its.push(...turns[1]);
  }
  await env.close();
  for (const times of [mine, its]) times.sort((a, b) => a - b);
  const cells = SHARES.map((share) => {
    const [a, b] = [at(mine, share), at(its, share)];
    return `${100 * share} %: ${(1e6 * a).toFixed(0)} / ${(1e6 * b).toFixed(0)}, speed ${
      (b / a).toFixed(2)
    }`;
  });
  console.log(`${id.padEnd(26)} ${cells.join("   ")}`);
}
other.close();
