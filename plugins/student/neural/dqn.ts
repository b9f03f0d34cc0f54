import { expectMemory, positive, share, whole } from "../../../core/kit/bounds.ts";
import { annealed, checkDistribution, grainsOf } from "../../../core/kit/guidance_mode.ts";
import { described, option } from "../../../core/pipeline/options.ts";
import { definePlugin, type Plugin } from "../../../core/pipeline/plugin.ts";
import { openTensors } from "../../../runtimes/tfjs/tfjs.ts";
import { DqnEngine, dqnMetricNames } from "./dqn_engine.ts";
import { DqnStudent } from "./dqn_student.ts";
import type { EngineOptions, Inputs } from "./engine.ts";
import { Features } from "./features.ts";
import { guidanceOptions, minibatch, sharedOptions, weight } from "./options.ts";
import { Replay } from "./replay.ts";
import { makeInputs } from "./tfjs_parts.ts";

const { learningRate, hidden, valueLoss, instruction } = sharedOptions;

/** Options of {@linkcode dqn}. */
export const dqnOptions = {
  learningRate,
  hidden,
  valueLoss,
  instruction,
  maxGradNorm: option("Largest norm of the gradient.", positive(1e9), 10),
  gamma: option("Discount of rewards, gamma.", share, 0.99),
  minibatch: option("Samples of one gradient step.", minibatch, 128),
  updates: option("Gradient steps after each rollout.", whole(1, 1_000_000), 64),
  renewEvery: option(
    "Gradient steps between renewals of the target network.",
    whole(1, 10_000_000),
    100,
  ),
  replay: option("The most transitions remembered.", whole(1, 2_000_000), 50_000),
  exploration: option(
    "Chance of an action at random while it trains, in the end; at first it is 1.",
    share,
    0.05,
  ),
  exploring: option(
    "Environment steps in which that chance falls, in a straight line.",
    whole(1, 1e12),
    20_000,
  ),
  hears: guidanceOptions.hears,
  guidance: described(
    `What guidance is to the student. "features": inputs of the network. "trust": beside that, D
    is D(s, x, a) + trust(s) log p(a | s), with p the teacher's distribution and the trust
    learned. "annealed": no input, but a margin loss that has what the teacher finds likeliest
    ahead of the rest, and whose weight falls to 0. The latter two are for guidance that names
    actions.`,
    guidanceOptions.guidance,
  ),
  initialTrust: option(
    'The trust at first, where guidance is "trust", in units of reward.',
    positive(1e3),
    0.1,
  ),
  imitation: option('Weight of the margin loss at first, where guidance is "annealed".', weight, 1),
  annealing: described(
    "Iterations in which that weight falls to 0, in a straight line.",
    guidanceOptions.annealing,
  ),
} as const;

export const dqn: Plugin<"student", typeof dqnOptions> = definePlugin({
  kind: "student",
  name: "dqn",
  description: "Dueling double DQN with a replay memory.",
  details: `
    Deep Q-learning (Mnih et al., Nature 518, 2015) with double targets (van Hasselt et al., arXiv
    1509.06461) and dueling heads (Wang et al., arXiv 1511.06581, equation 9), from a replay
    memory:

        y = r + gamma Q_target(s', x', argmax_a Q(s', x', a)),
        L = mean huber(Q(s, x, a) - y) + c_v mean((V(s) - max_a Q(s, x, a))^2),

    with Q(s, x, a) = L(s, x) + D(s, x, a) - mean of D(s, x, .). V(s), which is not told the
    guidance, follows the best Q from behind, so that A = Q - V tells what acting on guidance is
    worth. Where s' is not in the rollout (its last step, a truncation) V(s') as it was then takes
    Q's place.

    Its targets are its own, since an estimator's are those of policies long gone. Guidance is an
    input, or what \`guidance\` says: with "annealed" L has beside

        c_i mean(max_a (Q(s, a) + l(a)) - Q(s, a_x)),

    the margin loss of learning from demonstrations (Hester et al., arXiv 1704.03732), with a_x the
    teacher's likeliest action and l(a) = 0.8 for any other. It computes on the run's device.`,
  options: dqnOptions,
  fits: grainsOf,
  async create(options, context, { env, candidates }) {
    checkDistribution(options, env, candidates);
    const features = new Features(env, candidates.length, options.hears);
    const engineOptions: EngineOptions & { discount: number } = {
      ...options,
      film: options.instruction === "film" && env.missionWords.length > 0,
      entries: features.entries,
      words: features.words,
      guidance: features.guidanceWidth,
      actions: env.actions.length,
      trust: options.guidance === "trust" ? options.initialTrust : undefined,
      loss: {
        ...{ clip: 0, entropy: 0, valueLoss: options.valueLoss, qLoss: 1, standardise: false },
        imitates: options.guidance === "annealed",
      },
      discount: options.gamma,
    };
    const { entries, words, guidance } = engineOptions;
    // What was seen and said before and after each step.
    const transition = 2 * (entries.length + words.length + 4 * guidance) + 32;
    expectMemory("student.replay", options.replay * transition);
    const random = context.random("student weights");
    const engine = new DqnEngine(await openTensors(context.device), engineOptions, random);
    const rooms = new Map<number, Inputs>();
    const inputs = (size: number) => {
      const room = rooms.get(size) ?? makeInputs(engineOptions, size);
      rooms.set(size, room);
      return room;
    };
    const replay = new Replay(options.replay, engineOptions);
    const metrics = dqnMetricNames(engineOptions);
    const schedule = { ...options, imitation: annealed(options), metrics };
    return new DqnStudent(
      ...[engine, features, replay, env.actions.length, schedule, inputs, context] as const,
    );
  },
});
