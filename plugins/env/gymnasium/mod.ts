import * as v from "valibot";
import { definePlugin, option, type Plugin } from "@tandem/core";
import { DAY } from "@tandem/core/internal";
import { between, positive, whole } from "@tandem/core/kit";
import { openGymnasium } from "./open.ts";
import type { GymnasiumOptions } from "../options.ts";

/** As Gymnasium writes ids: "CartPole-v1", "ALE/Pong-v5", "my_worlds:Room-v0". */
const ID = /^(?:[A-Za-z_][\w.]*:)?(?:[\w-]+\/)?[\w.-]{1,100}$/;

const gymnasiumOptions = {
  id: option(
    `The environment's id, such as "CartPole-v1"; "my_worlds:Room-v0" imports the Python module
    my_worlds first.`,
    v.pipe(v.string(), v.regex(ID, 'It is an id such as "CartPole-v1"')),
    "CartPole-v1",
  ),
  python: option(
    `The Python that has Gymnasium: a name that is searched for, or a path, as that of a virtual
    environment.`,
    v.pipe(v.string(), v.nonEmpty("It is a program"), v.maxLength(1000)),
    "python3",
  ),
  kwargs: option(
    `What \`gymnasium.make\` is told besides, such as { "is_slippery": false }.`,
    v.record(v.string(), v.unknown()),
    {},
  ),
  maxSteps: option(
    "The most steps of an episode, at which it is truncated; the environment's own unless told.",
    whole(1, 10_000_000),
  ),
  rewardThreshold: option(
    "The return at which an episode counts as solved; the environment's own unless told.",
    between(-1e12, 1e12),
  ),
  actions: option(
    "Names of the actions, which teachers suggest; the environment's own unless told.",
    v.pipe(v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(100))), v.maxLength(10_000)),
  ),
  missionWords: option(
    "Words that missions are made of, for students that read them; Minigrid's are known.",
    v.pipe(v.array(v.pipe(v.string(), v.regex(/^[a-z]+$/))), v.maxLength(10_000)),
  ),
  timeout: option(
    "Seconds within which the environments have to answer.",
    positive(DAY),
    60,
  ),
} as const;

/** Any environment of Python's Gymnasium. */
export const gymnasium: Plugin<"env", GymnasiumOptions> = definePlugin({
  kind: "env",
  name: "gymnasium",
  description: "Any environment of Python's Gymnasium.",
  details: `
    N environments of Python's Gymnasium (Towers et al., arXiv 2407.17032) in a process of their
    own. Observations: Discrete, MultiDiscrete, MultiBinary, Box, and Dict of them; actions:
    Discrete and Box of floats. A Text of a Dict is the mission. Categories beyond 256 are two
    digits of a number, and a Box is floats of 32 bits. Minigrid's image and direction are one
    grid, as BabyAI's here.

    An episode that ends begins anew in the same step, and what it ended with is kept, so that a
    truncated one is bootstrapped from. Its seed is the world's; each next one is drawn from it.
    A saved run has the seeds and the actions of the episodes under way, and plays them again
    when it goes on: where the environment then shows something else, it ends with E_CHECKPOINT.

    It starts a program, and has to be allowed to, in front of the command:

        TANDEM_ALLOW="--allow-run=python3 --allow-env=NODE_V8_COVERAGE" deno task run ...

    The variable is one that Deno reads whenever a program is started; Python gets no variable of
    yours. Commands that write nothing, as \`evaluate\`, need --allow-write=/tmp besides.`,
  options: gymnasiumOptions,
  effects: ["process"],
  create: openGymnasium,
});
