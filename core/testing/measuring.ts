/** Being measured is no part of training. */
import { Pcg64 } from "../kit/random.ts";
import type { Env, MaybePromise, Observations } from "../stages/mod.ts";
import { type Findings, same } from "./findings.ts";
import { script, STEPS } from "./setting.ts";

/** How {@linkcode checkMeasuring} asks a stage. */
export interface Asking<S> {
  /** Of the worlds and of `random`. */
  readonly seed: number;
  /**
   * What the stage answers in training.
   *
   * @param measured Whether it is asked before in the mode "evaluate".
   */
  answer(stage: S, seen: Observations, random: Pcg64, measured: boolean): Promise<unknown>;
  /** What is said of a stage that answers otherwise once it has been measured. */
  readonly fault: string;
}

/** Checks that a stage answers the same in training, whether it is measured between or not. */
export async function checkMeasuring<S extends { dispose?(): MaybePromise<void> }>(
  findings: Findings,
  create: () => Promise<S>,
  world: Env,
  { seed, answer, fault }: Asking<S>,
): Promise<void> {
  const train = async (measured: boolean) => {
    const stage = await create();
    const scene = script(world, seed);
    const random = new Pcg64(seed);
    const answers: unknown[] = [];
    for (let t = 0; t < STEPS; t++) {
      answers.push(await answer(stage, scene.next().value, random, measured));
    }
    await stage.dispose?.();
    return answers;
  };
  findings.expect(same(await train(true), await train(false)), fault);
}
