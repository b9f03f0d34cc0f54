/** A world that cannot be solved without memory. */
import { definePlugin, type Plugin } from "../../../core/pipeline/plugin.ts";
import { Pcg64 } from "../../../core/kit/random.ts";
import type { Env, Observations, Tensors } from "../../../core/stages/mod.ts";
import { bytes } from "../../core/tensors.ts";
import { multiDiscrete } from "../../../core/kit/spaces.ts";

/** Steps of an episode. */
const LENGTH = 4;
const ACTIONS = ["left", "right"] as const;

/**
 * A corridor whose end forks (the T-maze of Bakker, NIPS 2001): a sign at its start says left or right and
 * is seen from there alone; three steps later the same action earns 1, the other one nothing. Without
 * memory half of the episodes are solved, whatever the policy.
 *
 * An observation is [place, sign], the sign being 0 where there is none.
 */
export const cue: Plugin<"env", Record<never, never>, "vector"> = definePlugin({
  kind: "env",
  name: "cue",
  description: "A corridor with a sign at its start and a fork at its end.",
  options: {},
  fits: ["vector"],
  create(_options, _context, { envs }): Env {
    const random = Array.from({ length: envs }, () => new Pcg64(0));
    const [now, finals] = [new Signs(envs), new Signs(envs)];
    const signs = new Uint8Array(envs);
    const [rewards, terminated] = [new Float32Array(envs), new Uint8Array(envs)];
    const truncated = new Uint8Array(envs);
    const begin = (i: number) => {
      signs[i] = random[i]!.integers(0, 2);
      now.data.set([0, 1 + signs[i]!], 2 * i);
    };
    return {
      spec: {
        id: "Cue-v0",
        envs,
        observation: { signs: multiDiscrete([LENGTH + 1, 3]) },
        actions: ACTIONS,
        missionWords: [],
        maxSteps: LENGTH,
        autoreset: "same-step",
      },
      reset(seeds) {
        for (let i = 0; i < envs; i++) {
          random[i]!.reseed(seeds[i]!);
          begin(i);
        }
        return now;
      },
      step(actions) {
        for (let i = 0; i < envs; i++) {
          const place = now.data[2 * i]! + 1;
          now.data.set([place, 0], 2 * i);
          terminated[i] = place === LENGTH ? 1 : 0;
          rewards[i] = place === LENGTH && actions[i] === signs[i] ? 1 : 0;
          if (place < LENGTH) continue;
          finals.data.set([place, 0], 2 * i);
          begin(i);
        }
        return { observations: now, finals, rewards, terminated, truncated };
      },
    };
  },
});

class Signs implements Observations {
  readonly data: Uint8Array;
  readonly tensors: Tensors;

  constructor(readonly envs: number) {
    this.data = new Uint8Array(2 * envs);
    this.tensors = bytes("signs", this.data, [envs]);
  }

  mission = () => "go where the sign said";
  text = (i: number) => [
    ["There is no sign", "The sign says left", "The sign says right"][
      this.data[2 * i + 1]!
    ]!,
  ];
  key = (i: number) => this.data[2 * i]! * 3 + this.data[2 * i + 1]!;
}
