import {
  type Context,
  type Decision,
  definePlugin,
  type Guidance,
  type MaybePromise,
  type Metrics,
  type Mode,
  type Observations,
  option,
  type OptionsOutput,
  type Plugin,
  type PolicyView,
  type Rollout,
  type Samples,
  type StageState,
  type Student,
  type Wirings,
} from "@tandem/core";
import { andThen, countLegal, described, expectMemory } from "@tandem/core/internal";
import {
  annealed,
  argmax,
  checkDistribution,
  grainsOf,
  type Pcg64,
  positive,
  share,
  whole,
} from "@tandem/core/kit";
import {
  openTensors,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
  type TensorFlow,
  type Tensors,
} from "@tandem/runtimes/tfjs";
import type { RandomSource } from "@tandem/runtimes/weights";
import {
  type EngineOptions,
  initialWeights,
  type Inputs,
  type InputWidths,
  type Layers,
  makeInputs,
  namedMetrics,
  rateOf,
} from "./engine.ts";
import { Features } from "./features.ts";
import { type Batch, masked, Network, type ReadOptions, uploadInputs } from "./network.ts";
import { READING, readingOf } from "./match.ts";
import { learningRateOptions, learningRateSchedule } from "./learning_rate.ts";
import { guidanceOptions, minibatch, NAMED, network, sharedOptions, weight } from "./options.ts";
import { networkLayers } from "./ppo.ts";
import { openReader } from "./mission_reader.ts";
import { copyRow, Replay } from "./replay.ts";
import { prefixed, TrainingState, under, type WeightArray } from "./state.ts";
import { readOnce, TfjsOptimiser } from "./tfjs_optimiser.ts";
import type { DqnOptions } from "../options.ts";

const { learningRate, hidden, valueLoss } = sharedOptions;

/** Options of {@linkcode dqn}. */
export const dqnOptions = {
  learningRate,
  ...learningRateOptions,
  hidden,
  network,
  valueLoss,
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
    ahead of the rest, and whose weight falls to 0. These two are for guidance that names actions.
    "mission": what is said is read in the place of the mission, where missions are made of its
    words; for subgoals and plans.`,
    guidanceOptions.guidance,
  ),
  missionSteps: guidanceOptions.missionSteps,
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

/** Dueling double DQN with a replay memory. */
export const dqn: Plugin<"student", DqnOptions> = definePlugin({
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
    teacher's likeliest action and l(a) = 0.8 for any other. With \`network\` "match" the maps of
    the student \`match\`, without pose and memory, read the state, and relu stands in place of tanh.
    It computes on the run's device.`,
  options: dqnOptions,
  fits: (options) => [
    ...(options.network === "match" ? ["grid", "discrete"] as const : NAMED),
    ...grainsOf(options),
  ],
  shapesState: ["hidden", "network", "guidance", "replay"],
  create(options, context, wiring) {
    return openReader(options, wiring, (options, wiring) => createDqn(options, context, wiring));
  },
});

/** Makes one that hears guidance as candidates. @throws TandemError E_WIRING, E_OPTION */
async function createDqn(
  options: OptionsOutput<typeof dqnOptions>,
  context: Context,
  { env, candidates, iterations }: Wirings["student"],
): Promise<Student> {
  const learningRateAt = learningRateSchedule(options, iterations);
  checkDistribution(options, env, candidates);
  const { maps, phrases } = options.network === "match" ? readingOf("dqn", env, READING) : {};
  const features = new Features(env, candidates.length, options.hears, { phrases });
  const { entries, words, guidance, floats, legal } = features;
  const shape = { entries, words, guidance, floats, legal, actions: env.actions.length, maps };
  // What was seen and said before and after each step.
  const bytes = entries.length + words.length + (maps?.slots ?? 0) + legal;
  const transition = 2 * (bytes + 4 * (guidance + floats)) + 32;
  expectMemory("student.replay", options.replay * transition);
  const imitates = options.guidance === "annealed";
  const trust = options.guidance === "trust" ? options.initialTrust : undefined;
  const { hidden } = options;
  const { policy: _, ...layers } = networkLayers({ ...shape, hidden, imitates, trust });
  const network = {
    ...shape,
    trust,
    activation: maps ? "relu" : "tanh",
    layers: { ...layers, level: { inputs: hidden, outputs: 1, gain: 1 } },
    loss: { imitates },
  } as const;
  const random = context.random("student weights");
  const tensors = await openTensors(context.device);
  const scheduled = { ...options, learningRateAt };
  return new Dqn(tensors, random, features, network, scheduled, context);
}

/** What the teacher's action has to be ahead of the others by, where it is imitated. */
const AHEAD = 0.8;

/** The network of {@linkcode networkLayers} with "level", L, in place of "policy"; "q" is D. */
interface DqnNetwork extends ReadOptions, InputWidths {
  readonly layers: Layers;
  readonly activation: EngineOptions["activation"];
  readonly trust?: number;
}

const TARGET = "target/";
const REPLAY = "replay/";

interface Saved {
  /** Environment steps learned from, and gradient steps taken. */
  readonly steps: number;
  readonly updates: number;
  /** The replay's next row. */
  readonly cursor: number;
}

/** See {@linkcode dqn}: acting, and an update. */
class Dqn implements Student {
  readonly #breathe: Context["breathe"];
  readonly #state: TrainingState<"acting" | "judged" | "sampling">;
  readonly #imitationAt: (rollouts: number) => number;
  readonly #online: Network;
  readonly #target: Network;
  readonly #optimiser: TfjsOptimiser;
  readonly #replay: Replay;
  readonly #inputs = new Map<number, Inputs>();
  /** All actions. */
  readonly #every: readonly number[];
  /** Environment steps learned from, and gradient steps taken. */
  #steps = 0;
  #updates = 0;

  constructor(
    private readonly tensors: Tensors,
    random: RandomSource,
    private readonly features: Features,
    private readonly network: DqnNetwork,
    private readonly options: OptionsOutput<typeof dqnOptions> & {
      learningRateAt(rollouts: number): number;
    },
    context: Pick<Context, "random" | "breathe">,
  ) {
    const weights = initialWeights(network, random);
    this.#online = new Network(tensors, weights, network);
    this.#target = new Network(tensors, weights, network);
    this.#optimiser = new TfjsOptimiser(tensors, this.#online, rateOf(network));
    this.#replay = new Replay(options.replay, network);
    this.#imitationAt = annealed(options);
    this.#breathe = context.breathe;
    this.#every = Array.from({ length: network.actions }, (_, action) => action);
    this.#state = new TrainingState({
      acting: context.random("student actions"),
      judged: context.random("student evaluation"),
      sampling: context.random("student minibatches"),
    });
  }

  act(observations: Observations, guidance: Guidance, mode: Mode): MaybePromise<Decision> {
    const { acting, judged } = this.#state.streams;
    const random = mode === "train" ? acting : judged;
    const epsilon = mode === "train" ? this.#exploration() : 0;
    return andThen(
      this.#ask(observations, guidance),
      (rows) => this.#decide(rows, observations, epsilon, random),
    );
  }

  policy(observations: Observations, guidance: Guidance): MaybePromise<PolicyView> {
    const { actions } = this.network;
    const { envs } = observations;
    const epsilon = this.#exploration();
    return andThen(this.#ask(observations, guidance), (rows) => {
      const table = (give: (at: number, action: number) => number) =>
        Float32Array.from(
          { length: envs * actions },
          (_, k) => give(Math.floor(k / actions) * (actions + 1), k % actions),
        );
      const probabilities = new Float32Array(envs * actions);
      for (let i = 0; i < envs; i++) {
        const { some, best } = this.#choices(rows, observations, i);
        for (const action of some) {
          const greedy = action === best ? 1 - epsilon : 0;
          probabilities[i * actions + action] = epsilon / some.length + greedy;
        }
      }
      const qValues = table((at, a) => rows[at + a]!);
      return { probabilities, qValues, values: this.#valuesIn(rows, envs) };
    });
  }

  values(observations: Observations): MaybePromise<Float32Array> {
    return andThen(
      this.#ask(observations, undefined),
      (rows) => this.#valuesIn(rows, observations.envs),
    );
  }

  /** Takes the rollout into the replay memory, and learns from what is drawn from there. */
  async learn(rollout: Rollout): Promise<Metrics> {
    const { updates, minibatch, renewEvery, maxGradNorm } = this.options;
    const { sampling } = this.#state.streams;
    const learningRate = this.options.learningRate * this.#state.learningRateScale *
      this.options.learningRateAt(this.#state.rollouts);
    const imitation = this.#imitationAt(this.#state.rollouts++);
    const exploration = this.#exploration();
    this.#remember(rollout);
    const rows = new Int32Array(minibatch);
    for (let k = 0; k < updates; k++) {
      const turn = this.#breathe();
      if (turn) await turn;
      for (let i = 0; i < minibatch; i++) rows[i] = sampling.integers(0, this.#replay.size);
      this.#backward(rows, imitation);
      this.#optimiser.step({ learningRate, maxGradNorm });
      if (++this.#updates % renewEvery === 0) this.#target.copy(this.#online);
    }
    const { loss, trust } = this.network;
    const more = [...(loss.imitates ? ["teacherLoss"] : []), ...(trust ? ["trust"] : [])];
    const names = ["loss", "qLoss", "valueLoss", ...more, "gradNorm"];
    const losses = namedMetrics(names, await this.#optimiser.metrics());
    return { ...losses, exploration, replayed: this.#replay.size };
  }

  /** Takes transitions into the replay memory, from which the next update draws. */
  practise(samples: Samples): Metrics {
    const { size, missions, terminated } = samples;
    const replay = this.#replay;
    const inputs = this.#inputsOf(size);
    const rows = Array.from({ length: size }, () => replay.claim());
    this.features.writeSilent(inputs, samples.observations, missions);
    rows.forEach((row, k) => copyRow(inputs, k, replay.now, row));
    this.features.writeSilent(inputs, samples.nextObservations, missions);
    for (const [k, row] of rows.entries()) {
      copyRow(inputs, k, replay.next, row);
      replay.actions[row] = samples.actions[k]!;
      replay.rewards[row] = samples.rewards[k]!;
      replay.known[row] = 1 - terminated[k]!;
      replay.nextValues[row] = 0;
    }
    return { practised: size };
  }

  scaleLearningRate(factor: number): void {
    this.#state.learningRateScale *= factor;
  }

  async save(): Promise<StageState> {
    const { json, arrays } = this.#state.save(await this.#optimiser.save());
    const { cursor, arrays: replay } = this.#replay.save();
    const saved: Saved = { steps: this.#steps, updates: this.#updates, cursor };
    const target = await this.#target.read();
    return {
      json: { ...json as object, ...saved },
      arrays: { ...arrays, ...prefixed(TARGET, target), ...prefixed(REPLAY, replay) },
    };
  }

  load(state: StageState): void {
    this.#optimiser.load(this.#state.load(state).network);
    const { steps, updates, cursor } = state.json as Saved;
    this.#steps = steps;
    this.#updates = updates;
    this.#replay.load(cursor, under(REPLAY, state.arrays ?? {}));
    this.#target.write(under(TARGET, state.arrays ?? {}) as Record<string, WeightArray>);
  }

  dispose(): void {
    this.#optimiser.dispose();
    this.#online.dispose();
    this.#target.dispose();
    this.tensors.dispose();
  }

  /** The gradients of the loss on rows of the replay. */
  #backward(rows: Int32Array, imitation: number): void {
    const { tf } = this.tensors;
    const { actions, loss: { imitates } } = this.network;
    const replay = this.#replay;
    tf.tidy(() => {
      const pick = (values: Float32Array) =>
        tf.tensor1d(Float32Array.from(rows, (k) => values[k]!));
      const now = uploadInputs(tf, this.network, replay.now, rows);
      const next = uploadInputs(tf, this.network, replay.next, rows);
      const legal = (qValues: Tensor2D, batch: Batch) =>
        batch.legal ? masked(tf, qValues, batch.legal) : qValues;
      const taken = Array.from(rows, (k) => replay.actions[k]!);
      const targets = doubleTargets(tf, {
        online: legal(this.#online.judge(next).qValues, next),
        target: this.#target.judge(next).qValues,
        rewards: pick(replay.rewards),
        known: pick(replay.known),
        nextValues: pick(replay.nextValues),
        discount: this.options.gamma,
      });
      const chosen = tf.oneHot(taken, actions).toFloat() as Tensor2D;
      const best = legal(this.#online.judge(now).qValues, now).max<Tensor1D>(1);
      this.#optimiser.backward(() => {
        const { qValues, values, trust } = this.#online.judge(now);
        const qLoss = huber(tf, qValues.mul(chosen).sum<Tensor1D>(1).sub(targets));
        const valueLoss = values.sub(best).square().mean<Scalar>();
        const own = qLoss.add<Scalar>(valueLoss.mul(this.options.valueLoss));
        const teacherLoss = imitates ? marginLoss(tf, qValues, now.teacher, AHEAD) : undefined;
        const loss = teacherLoss ? own.add<Scalar>(teacherLoss.mul(imitation)) : own;
        const more = [teacherLoss, trust?.mean<Scalar>()].filter((term) => term !== undefined);
        return { loss, terms: [qLoss, valueLoss, ...more] };
      });
    });
  }

  /** Chance of an action at random. */
  #exploration(): number {
    const { exploration, exploring } = this.options;
    return Math.max(exploration, 1 - (1 - exploration) * this.#steps / exploring);
  }

  /** [N, A + 1] Q(s, x, .) and V(s). */
  #ask(observations: Observations, guidance: Guidance | undefined): MaybePromise<Float32Array> {
    const { tf } = this.tensors;
    const { envs } = observations;
    const inputs = this.#inputsOf(envs);
    this.features.writeStates(inputs, observations);
    if (guidance) this.features.writeGuidance(inputs, guidance);
    else inputs.guidance.fill(0);
    const rows = tf.tidy(() => {
      const { qValues, values } = this.#online.judge(uploadInputs(tf, this.network, inputs));
      return tf.concat2d([qValues, values.expandDims<Tensor2D>(1)], 1);
    });
    return readOnce(this.tensors, rows);
  }

  #valuesIn(rows: Float32Array, envs: number): Float32Array {
    const { actions } = this.network;
    const width = actions + 1;
    return Float32Array.from({ length: envs }, (_, i) => rows[i * width + actions]!);
  }

  #decide(
    rows: Float32Array,
    observations: Observations,
    epsilon: number,
    random: Pcg64,
  ): Decision {
    const { actions: count } = this.network;
    const { envs } = observations;
    const taken = new Int32Array(envs);
    const [logProbs, targetLogProbs, qValues] = [0, 1, 2].map(() => new Float32Array(envs));
    for (let i = 0; i < envs; i++) {
      const at = i * (count + 1);
      const { some, best } = this.#choices(rows, observations, i);
      const explores = random.random() < epsilon;
      const action = explores ? some[random.integers(0, some.length)]! : best;
      taken[i] = action;
      logProbs![i] = Math.log(epsilon / some.length + (action === best ? 1 - epsilon : 0));
      targetLogProbs![i] = action === best ? 0 : -Infinity;
      qValues![i] = rows[at + action]!;
    }
    return {
      actions: taken,
      logProbs: logProbs!,
      targetLogProbs: targetLogProbs!,
      qValues: qValues!,
      values: this.#valuesIn(rows, envs),
    };
  }

  /** The legal actions of environment i, and the best of them. */
  #choices(rows: Float32Array, { legal }: Observations, i: number) {
    const { actions } = this.network;
    const at = i * (actions + 1);
    if (!legal) return { some: this.#every, best: argmax(rows, at, actions) };
    const own = legal.subarray(i * actions, (i + 1) * actions);
    countLegal(own);
    const some = this.#every.filter((action) => own[action] === 1);
    return { some, best: some[argmax(some.map((action) => rows[at + action]!))]! };
  }

  /** Takes a rollout's transitions in; the next state is the next step's, where the episode went on. */
  #remember(rollout: Rollout): void {
    const { envs, rewards: { length: size } } = rollout;
    const replay = this.#replay;
    const seen = this.#inputsOf(size);
    this.features.writeRollout(seen, rollout);
    this.#steps += size;
    for (let k = 0; k < size; k++) {
      const row = replay.claim();
      const ended = rollout.terminated[k] === 1 || rollout.truncated[k] === 1;
      const known = !ended && k + envs < size;
      copyRow(seen, k, replay.now, row);
      if (known) copyRow(seen, k + envs, replay.next, row);
      replay.actions[row] = rollout.actions[k]!;
      replay.rewards[row] = rollout.rewards[k]!;
      replay.known[row] = +known;
      replay.nextValues[row] = rollout.nextValues[k]!;
    }
  }

  /** Room for the inputs of so many states, the same each time. */
  #inputsOf(size: number): Inputs {
    let inputs = this.#inputs.get(size);
    if (!inputs) this.#inputs.set(size, inputs = makeInputs(this.network, size));
    return inputs;
  }
}

/** What the targets of B transitions are made of. */
export interface NextStates {
  /** [B, A] Q(s', x', .) by the network that learns, and by the target network. */
  readonly online: Tensor2D;
  readonly target: Tensor2D;
  /** [B] r. */
  readonly rewards: Tensor1D;
  /** [B] 1 where s' and x' are known; else `nextValues` [B] stand for their value. */
  readonly known: Tensor1D;
  readonly nextValues: Tensor1D;
  readonly discount: number;
}

/**
 * y = r + gamma Q_target(s', x', argmax_a Q(s', x', a)) (van Hasselt et al., arXiv 1509.06461,
 * equation 4).
 *
 * @returns [B] y.
 */
export function doubleTargets(tf: TensorFlow, next: NextStates): Tensor1D {
  const { online, target, rewards, known, nextValues, discount } = next;
  const best = tf.oneHot(online.argMax<Tensor1D>(1), online.shape[1]).toFloat();
  const values = target.mul(best).sum<Tensor1D>(1);
  const value = tf.add(values.mul(known), nextValues.mul(tf.sub(1, known)));
  return rewards.add(value.mul(discount));
}

/**
 * The mean of max_a (Q(s, a) + l(a)) - Q(s, a_x) over the states in which the teacher spoke, with a_x what
 * it finds likeliest and l(a) the margin for any other action, 0 for a_x (Hester et al., arXiv
 * 1704.03732, section 4); 0 where it was silent.
 */
export function marginLoss(
  tf: TensorFlow,
  qValues: Tensor2D,
  teacher: Tensor2D,
  margin: number,
): Scalar {
  const spoken = teacher.sum<Tensor1D>(1).greater(0).toFloat();
  const said = tf.oneHot(teacher.argMax<Tensor1D>(1), teacher.shape[1]).toFloat();
  const rival = qValues.add<Tensor2D>(tf.sub(1, said).mul(margin)).max<Tensor1D>(1);
  const behind = rival.sub(qValues.mul<Tensor2D>(said).sum<Tensor1D>(1));
  return behind.mul(spoken).sum().div(tf.maximum(1, spoken.sum()));
}

/** The mean of Huber's loss of radius 1: e^2 / 2 within, |e| - 1/2 beyond. */
export function huber(tf: TensorFlow, errors: Tensor1D): Scalar {
  const size = errors.abs();
  const within = tf.minimum(size, 1);
  return within.square().div(2).add(size.sub(within)).mean();
}
