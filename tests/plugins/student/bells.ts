/** A world of several parts, small enough to be learned in a second. */
import { definePlugin, type Plugin } from "../../../core/pipeline/plugin.ts";
import { option } from "../../../core/pipeline/options.ts";
import { Pcg64 } from "../../../core/kit/random.ts";
import { multiDiscrete } from "../../../core/kit/spaces.ts";
import { hashOf } from "../../../core/kit/hash.ts";
import type { Env, Observations } from "../../../core/stages/mod.ts";
import { bytes } from "../../core/tensors.ts";
import * as v from "valibot";

const LAST = 4;
const PARTS: readonly string[] = ["ring the red bell", "ring the blue bell"];

/**
 * A bell at each end of a corridor of five places, red on the left, and an agent between. A mission asks
 * for one of them, or for both in an order. Who rings in that order earns 1; a wrong bell ends the
 * episode. A bag of the mission's words does not tell the order.
 */
export const bells: Plugin<"env", { readonly parts?: 1 | 2 }, "vector"> = definePlugin({
  kind: "env",
  name: "bells",
  description: "Two bells to be rung as the mission says.",
  options: { parts: option("Bells that a mission asks for.", v.picklist([1, 2]), 1) },
  fits: ["vector"],
  create({ parts }, _context, { envs }): Env {
    const random = Array.from({ length: envs }, () => new Pcg64(0));
    const first = new Uint8Array(envs), rung = new Uint8Array(envs), ages = new Uint8Array(envs);
    const dueIn = (i: number) => PARTS[(first[i]! + rung[i]!) % 2]!;
    const mission = (i: number) => {
      const order = [first[i]!, 1 - first[i]!].slice(0, parts);
      return order.map((part) => PARTS[part]!).join(" then ");
    };
    const at = new Uint8Array(envs), last = new Uint8Array(envs);
    const [now, finals] = [at, last].map((data): Observations => ({
      envs,
      mission,
      tensors: bytes("place", data, [envs]),
      text: (i) => [`You are at place ${data[i]}`],
      key: (i) => hashOf([data.slice(i, i + 1), new TextEncoder().encode(mission(i))]),
    }));
    const begin = (i: number) => {
      first[i] = random[i]!.integers(0, 2);
      at[i] = 1 + random[i]!.integers(0, 3);
      rung[i] = ages[i] = 0;
    };
    const achieved = Array.from({ length: envs }, (): string[] => []);
    const rewards = new Float32Array(envs);
    const terminated = new Uint8Array(envs), truncated = new Uint8Array(envs);
    const step = (i: number, action: number) => {
      at[i]! += action === 0 ? -1 : 1;
      const bell = at[i] === 0 ? 0 : at[i] === LAST ? 1 : -1;
      const isRight = bell >= 0 && PARTS[bell] === dueIn(i);
      achieved[i] = bell >= 0 ? [PARTS[bell]!] : [];
      if (isRight) rung[i]!++;
      if (bell >= 0) at[i]! += action === 0 ? 1 : -1; // steps back from the wall
      rewards[i] = isRight && rung[i] === parts ? 1 : 0;
      terminated[i] = (bell >= 0 && !isRight) || rewards[i] === 1 ? 1 : 0;
      truncated[i] = terminated[i] === 0 && ++ages[i]! >= 20 ? 1 : 0;
      last[i] = at[i]!;
      if (terminated[i] === 1 || truncated[i] === 1) begin(i);
    };
    return {
      spec: {
        id: "Bells-v0",
        envs,
        observation: { place: multiDiscrete([LAST + 1]) },
        actions: ["left", "right"],
        missionWords: ["ring", "the", "red", "blue", "bell", "then"],
        guidance: { subgoal: [...PARTS, "listen"], plan: ["listen"] },
        maxSteps: 20,
        autoreset: "same-step",
      },
      reset(seeds) {
        for (let i = 0; i < envs; i++) {
          random[i]!.reseed(seeds[i]!);
          begin(i);
        }
        return now!;
      },
      step(actions) {
        actions.forEach((action, i) => step(i, action));
        return { observations: now!, finals: finals!, rewards, terminated, truncated };
      },
      achieved: (i) => achieved[i]!,
      oracle: {
        action: (i) => PARTS.indexOf(dueIn(i)),
        isRight: (i, action) => PARTS[action] === dueIn(i),
        subgoal: dueIn,
      },
    };
  },
});
