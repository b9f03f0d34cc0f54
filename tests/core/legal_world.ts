/** A world in which what may be done changes with the state. */
import { discrete } from "../../core/kit/spaces.ts";
import { VectorSteps } from "../../core/kit/steps.ts";
import { definePlugin, type Plugin } from "../../core/pipeline/plugin.ts";
import type { Actions, Env } from "../../core/stages/mod.ts";

/** A turnstile of three arms: the arm that is shown is blocked; another one turns it, 1 to 2 cells. */
export const turnstile: Plugin<"env", Record<never, never>, "vector"> = definePlugin({
  kind: "env",
  name: "turnstile",
  description: "One of three arms is blocked.",
  options: {},
  fits: ["vector"],
  create(_options, _context, { envs }): Env {
    const spec = {
      id: "Turnstile-v0",
      envs,
      observation: { blocked: discrete(3) },
      actions: ["push 0", "push 1", "push 2"],
      legalActions: true,
      missionWords: [],
      maxSteps: 5,
      autoreset: "same-step" as const,
    };
    const steps = new VectorSteps(spec, {
      begin: ({ blocked }, random) => void (blocked[0] = random.integers(0, 3)),
      text: ({ blocked }) => [`Arm ${blocked[0]} is blocked`],
      legal: ({ blocked }, out) => out.fill(1).fill(0, blocked[0], blocked[0]! + 1),
    });
    return {
      spec,
      reset: (seeds) => steps.reset(seeds),
      step(actions: Actions) {
        for (let i = 0; i < envs; i++) {
          const { blocked } = steps.rows[i]!;
          const pushed = steps.actionOf(actions, i);
          const isNext = pushed === (blocked[0]! + 1) % 3;
          blocked[0] = pushed;
          steps.transition(i, isNext ? 1 : 0);
        }
        return steps.answer;
      },
      save: () => steps.save(),
      load: (state) => steps.load(state),
    };
  },
});
