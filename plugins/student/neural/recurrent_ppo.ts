import * as v from "valibot";
import { annealed, whole } from "@tandem/core/kit";
import { definePlugin, option, type Plugin } from "@tandem/core";
import { fitsOf } from "./options.ts";
import { createActorCritic, ppoOptions } from "./ppo.ts";
import type { RecurrentPpoOptions } from "../options.ts";

const recurrentPpoOptions = {
  ...ppoOptions,
  memory: option(
    "Numbers that it remembers of an episode, a multiple of 8.",
    v.pipe(whole(8, 1024), v.multipleOf(8, "it must be a multiple of 8")),
    64,
  ),
} as const;

/** PPO with a memory of the episode (GRU), for mazes and other half-seen worlds. */
export const recurrentPpo: Plugin<"student", RecurrentPpoOptions> = definePlugin({
  kind: "student",
  name: "recurrent-ppo",
  description: "PPO with a memory of the episode (GRU), for mazes and other half-seen worlds.",
  details: `
    PPO with a memory of the episode, for worlds that do not show all that matters, such as mazes.
    A gated recurrent unit (Cho et al., arXiv 1406.1078, in PyTorch's form) goes on from state to
    state, and the heads for policy, Q and V read it in place of the state (Hausknecht & Stone,
    arXiv 1507.06527; Ni et al., arXiv 2110.05038):

        h_t = (1 - z) n + z h_tm1,  n = tanh(W_n s + r U_n h_tm1),
        r = sigmoid(W_r s + U_r h_tm1),  z = sigmoid(W_z s + U_z h_tm1),

    where s is what is seen and each W and U has a bias; h_tm1 is 0 where an episode starts.

    It learns by PPO's loss over whole rollouts: each environment's steps are a sequence that
    begins with the memory as it was then and is cut where episodes start, and gradients flow
    through all its steps (backpropagation through time, truncated to \`schedule.steps\`). A
    minibatch holds whole sequences, as many as its samples make up, and at least one. Past steps
    that are replayed are single ones, with the memory that was kept of then.

    The memory holds what was seen and nothing of what was said, so that V does not see the
    guidance here either; guidance reaches the student as it reaches \`ppo\`.`,
  options: recurrentPpoOptions,
  fits: fitsOf,
  shapesState: ["hidden", "guidance", "reference"],
  create(options, context, wiring) {
    const { clip, entropy, valueLoss, qLoss, replayLoss } = options;
    const loss = { clip, entropy, valueLoss, qLoss, replayLoss, standardise: true };
    return createActorCritic({ ...options, loss, imitationAt: annealed(options) }, context, wiring);
  },
});
