import {
  annealed,
  argmax,
  checkDistribution,
  drawFrom,
  type Pcg64,
  positive,
  whole,
} from "@tandem/core/kit";
import { andThen, countLegal, type Odometry } from "@tandem/core/internal";
import {
  type Actions,
  type Box,
  type Context,
  type Decision,
  definePlugin,
  type Estimate,
  type Guidance,
  type MaybePromise,
  type Metrics,
  type Mode,
  type Observations,
  option,
  type Plugin,
  type PolicyView,
  type Replay,
  type ReplayBatch,
  type Rollout,
  type StageState,
  type Student,
  TandemError,
  type Wirings,
} from "@tandem/core";
import { rowsOfColumns } from "@tandem/runtimes/fused";
import type { Scalar, Tensor1D, Tensor2D, TensorFlow } from "@tandem/runtimes/tfjs";
import {
  columnsBeside,
  type Engine,
  type EngineOptions,
  type InputWidths,
  isTaught,
  type Layers,
  type LossOptions,
  type MapOptions,
  mapWidth,
  type Minibatch,
  namedMetrics,
  type Outputs,
  type Replayed,
  type Samples,
} from "./engine.ts";
import { type DistillationGate, gateOf, type SilentView } from "./distillation_gate.ts";
import { copyColumns, Features, type MoreFeatures, type Scale, scalesOf } from "./features.ts";
import { learningRateSchedule } from "./learning_rate.ts";
import { LOG_2_PI, logDensity } from "./log_density.ts";
import { openReader } from "./mission_reader.ts";
import { openEngine } from "./open_engine.ts";
import {
  fitsOf,
  type GuidanceOptions,
  guidanceOptions,
  replayOptions,
  type SharedOptions,
  sharedOptions,
  weight,
} from "./options.ts";
import { TrainingState } from "./state.ts";
import type { PpoOptions } from "../options.ts";

/** Options of {@linkcode ppo}. */
export const ppoOptions = {
  ...sharedOptions,
  epochs: option("Passes over a rollout.", whole(1, 1000), 4),
  clip: option("Clipping range of the probability ratio, epsilon.", positive(1e3), 0.2),
  entropy: option("Weight of the entropy bonus.", weight, 0.01),
  ...guidanceOptions,
  ...replayOptions,
} as const;

/** PPO with Q and V heads over the observation and the guidance. */
export const ppo: Plugin<"student", PpoOptions> = definePlugin({
  kind: "student",
  name: "ppo",
  description: "PPO with Q and V heads over the observation and the guidance.",
  details: `
    Proximal policy optimisation (Schulman et al., arXiv 1707.06347, equation 7) with a head for Q
    beside those for the policy and V, so that A = Q - V can be asked of any step.

    The guidance is an input (which candidate, and the teacher's distribution) and nothing more,
    unless \`guidance\` says otherwise: the student is told, never overridden, and its probability
    ratio stays on-policy. Under \`guidance\` "mission" it is read where the mission would be.

    It reads categories and floats alike; floats that have bounds are brought to -1 to 1. Actions that
    the environment calls illegal have the probability 0, in acting and in learning. Where an action
    is floats they are drawn from a normal distribution whose mean is the network's and whose
    deviation is learned, one for all states; the student is judged by the mean.`,
  options: ppoOptions,
  fits: fitsOf,
  shapesState: ["hidden", "guidance", "reference"],
  create(options, context, wiring) {
    const { clip, entropy, valueLoss, qLoss, replayLoss } = options;
    const loss = { clip, entropy, valueLoss, qLoss, replayLoss, standardise: true };
    return createActorCritic({ ...options, loss, imitationAt: annealed(options) }, context, wiring);
  },
});

// One update, from here to the end of the file: the network, acting, learning, the loss. An Engine
// computes it: TensorFlow.js, or kernels of our own that have the same equations in one call.

/** What tells one actor-critic from another; `ppo` is that with a clip, several epochs, no memory. */
export interface ActorCriticOptions extends
  SharedOptions,
  Pick<
    GuidanceOptions,
    | "hears"
    | "guidance"
    | "reference"
    | "initialTrust"
    | "missionSteps"
    | "distillation"
    | "distillationGate"
  > {
  /** Passes over a rollout. */
  readonly epochs: number;
  readonly loss: Omit<LossOptions, "imitates" | "distils">;
  /** Numbers that the network remembers of an episode, W; none where absent. */
  readonly memory?: number;
  /** How a grid and a mission are read, where they are not as categories and a bag of words. */
  readonly reading?: Reading;
  /** Weight of the cross-entropy to the teacher after so many rollouts. */
  imitationAt(rollouts: number): number;
}

/** With what the step size is multiplied by after so many rollouts. */
interface ScheduledOptions extends ActorCriticOptions {
  learningRateAt(rollouts: number): number;
}

/** A grid read by maps, a mission by its words' places. */
export interface Reading extends MoreFeatures {
  readonly maps: MapOptions;
}

/**
 * The network's layers. Of a state s and guidance x, each layer with its W and bias:
 *
 * seen = tanh(state(s)), hidden = tanh(guided(seen, x)),
 * logits = policy(hidden) (+ softplus(trust(seen)) log p(. | s)), Q(s, .) = q(hidden),
 * V = value(tanh(alone(seen))),
 *
 * and P = softmax(logits), in which actions that are not legal have the logit -10^9. Where actions are
 * floats, a = mean + exp(logStd) noise with mean = policy(hidden), one learned logStd for all states, and
 * Q(s, a) = q(tanh(tried(seen, x, a))).
 *
 * Guidance does not reach V, so that A = Q - V tells what acting on it is worth. With memory a gated
 * recurrent unit goes on from step to step, h_t = gru(input(seen), memory(h_tm1)), and h_t stands in
 * the place of what is seen: it holds what was seen up to now, and nothing of what was said. With
 * maps, those of `match.ts` take the place of the grid's cells in s, and relu that of tanh.
 *
 * @returns Widths, and gains of the initial weights: sqrt(2) before tanh, small at the policy's head.
 */
export function networkLayers(
  { hidden, imitates, ...network }:
    & Pick<EngineOptions, "trust" | keyof InputWidths>
    & { readonly hidden: number; readonly imitates?: boolean },
): Layers {
  const { words, floats, guidance, actions, gaussian, trust, memory, maps } = network;
  const beside = columnsBeside(network);
  const state = rowsOfColumns([...beside, ...words]) + floats + (maps ? mapWidth(maps) : 0);
  const known = memory || hidden;
  const told = imitates ? 0 : guidance;
  return {
    ...(maps && mapLayers(maps, words.length, floats)),
    state: { inputs: state, outputs: hidden, gain: Math.SQRT2 },
    guided: { inputs: known + told, outputs: hidden, gain: Math.SQRT2 },
    policy: { inputs: hidden, outputs: actions, gain: 0.01 },
    q: { inputs: hidden, outputs: gaussian ? 1 : actions, gain: 1 },
    alone: { inputs: known, outputs: hidden, gain: Math.SQRT2 },
    value: { inputs: hidden, outputs: 1, gain: 1 },
    ...(gaussian && {
      tried: { inputs: known + told + actions, outputs: hidden, gain: Math.SQRT2 },
    }),
    ...(trust && { trust: { inputs: known, outputs: 1, gain: 0.01 } }),
    ...(memory && {
      input: { inputs: hidden, outputs: 3 * memory, gain: 1 },
      memory: { inputs: memory, outputs: 3 * memory, gain: 1 },
    }),
  };
}

/** What the tables of maps learn faster by than the rest. */
const MAP_RATE = 6;

/** Numbers between what stands beside a grid and its queries. */
const QUERY_HIDDEN = 64;

/** The layers of maps; queries and places depend on floats where there are any. */
function mapLayers(maps: MapOptions, words: number, floats: number): Layers {
  const { cells, channels, matched, plain, width, slots } = maps;
  const categories = channels.reduce((sum, count) => sum + count, 0);
  const table = (inputs: number, outputs: number, deviation: number) =>
    ({ inputs, outputs, deviation, hasBias: false, rate: MAP_RATE }) as const;
  return {
    cell: table(categories, width, Math.SQRT1_2),
    word: table(words, width, 0.5),
    gate: table(slots, matched, 0.5),
    ...(floats > 0 && { place: table(cells, width, 0.3) }),
    match: { inputs: 1, outputs: matched, value: 1, rate: MAP_RATE },
    plain: { ...table(categories, plain, 0.5), rate: 1 },
    ...(floats > 0 && {
      query: { inputs: words + floats, outputs: QUERY_HIDDEN, gain: Math.SQRT2 },
      asked: { inputs: QUERY_HIDDEN, outputs: width * matched, gain: 0.5 },
    }),
  };
}

/**
 * Makes an actor-critic: its features, its network, the engine that its options ask for.
 *
 * @throws TandemError E_OPTION where the fused runtime is asked for what it cannot do or a gate compares
 * what the student never does, E_WIRING where the teacher's distribution is needed and not one over actions.
 */
export function createActorCritic(
  options: ActorCriticOptions,
  context: Context,
  wiring: Wirings["student"],
): Promise<Student> {
  return openReader(options, wiring, (options, wiring) => openHearer(options, context, wiring));
}

/** Makes one that hears guidance as candidates. */
async function openHearer(
  options: ActorCriticOptions,
  context: Context,
  { env, candidates, grain, iterations }: Wirings["student"],
): Promise<Student> {
  const learningRateAt = learningRateSchedule(options, iterations);
  checkDistribution(options, env, candidates);
  checkGate(options);
  const { maps, ...reading } = options.reading ?? {};
  const isPointed = grain === "reference" && options.reference === "pointer";
  const more = { ...reading, ...isPointed && { pointer: env.places } };
  const features = new Features(env, candidates.length, options.hears, more);
  const imitates = options.guidance === "annealed";
  const distils = !imitates && options.distillation > 0;
  const { entries, words, guidance, floats, legal } = features;
  const gaussian = env.actionBox !== undefined;
  const network = {
    ...{ entries, words, guidance, floats, legal, gaussian },
    actions: env.actionBox?.low.length ?? env.actions.length,
    trust: options.guidance === "trust" ? options.initialTrust : undefined,
    memory: options.memory,
    maps,
    activation: maps ? "relu" as const : "tanh" as const,
  };
  const engineOptions: EngineOptions = {
    ...network,
    layers: networkLayers({ ...network, hidden: options.hidden, imitates }),
    loss: { ...options.loss, imitates, distils },
    lossOf: ppoLoss,
    threads: options.threads,
  };
  const random = context.random("student weights");
  const engine = await openEngine(options.runtime, context.device, engineOptions, random);
  const scheduled = { ...options, learningRateAt };
  return new ActorCritic(engine, engineOptions, features, scheduled, env.actionBox, context);
}

/**
 * See {@linkcode ppo}: acting, and an update. The arrays of a decision are the student's own: they hold
 * until it acts again.
 */
class ActorCritic implements Student {
  readonly memory: number | undefined;
  /** Where it remembers what it did. */
  readonly remember: Student["remember"];
  readonly learnsFromReplay: true | undefined;
  /** Where actions have names. */
  readonly policy: Student["policy"];
  readonly #actions: number;
  /** Where each number of a float action lies; undefined where actions have names. */
  readonly #scales: readonly Scale[] | undefined;
  /** Names of what an update reports, but for past steps and the gradients' norm. */
  readonly #metrics: readonly string[];
  readonly #state: TrainingState<"acting" | "judged" | "shuffling">;
  readonly #breathe: Context["breathe"];
  readonly #odometry: Odometry | undefined;
  /** How far what the teacher says is learned; undefined where all of it is. */
  readonly #gate: DistillationGate | undefined;
  readonly #decisions = new Map<number, Decision>();

  constructor(
    private readonly engine: Engine,
    network: EngineOptions,
    private readonly features: Features,
    private readonly options: ScheduledOptions,
    actionBox: Box | undefined,
    context: Pick<Context, "random" | "breathe">,
  ) {
    this.#breathe = context.breathe;
    const odometry = options.reading?.odometry;
    this.memory = (options.memory ?? 0) + (odometry?.width ?? 0) || undefined;
    this.#odometry = odometry;
    if (odometry) {
      this.remember = ({ tensors }, actions, memory) => odometry.move(tensors, actions, memory);
    }
    this.learnsFromReplay = options.loss.replayLoss ? true : undefined;
    this.#actions = network.actions;
    this.#gate = isTaught(network.loss) ? gateOf(options.distillationGate) : undefined;
    this.#scales = actionBox && scalesOf(actionBox);
    this.policy = actionBox ? undefined : (...asked) => this.#view(...asked);
    this.#metrics = metricNames(network);
    this.#state = new TrainingState({
      acting: context.random("student actions"),
      judged: context.random("student evaluation"),
      shuffling: context.random("student minibatches"),
    });
  }

  /**
   * Draws a ~ P(. | x, s) and notes log P(a), Q(s, a) and V(s) as they are now. It is judged by draws as
   * well, unless it is deterministic; where actions are floats, by the mean.
   */
  act(
    observations: Observations,
    guidance: Guidance,
    mode: Mode,
    memory?: Float32Array,
  ): MaybePromise<Decision> {
    const { acting, judged } = this.#state.streams;
    const random = mode === "train" ? acting : judged;
    const { envs } = observations;
    const noise = this.#scales && this.#drawNoise(envs, mode, random);
    const draws = mode === "train" || !this.options.deterministic;
    return andThen(this.#ask(observations, guidance, memory), (rows) => {
      const decision = this.#decisionOf(envs);
      for (let i = 0; i < envs; i++) {
        if (noise) this.#drawFloats(decision, rows, i, noise);
        else this.#takeNamed(decision, rows, i, draws ? random.random() : undefined);
      }
      if (memory) this.#odometry?.move(observations.tensors, decision.actions, memory);
      return decision;
    });
  }

  /** Takes the action that a number from 0 to 1 draws; the likeliest one without a number. */
  #takeNamed(decision: Decision, rows: Float32Array, i: number, drawn: number | undefined): void {
    const count = this.#actions;
    const at = i * (2 * count + 1);
    // Softmax spreads what is no number over all: one probability tells of the rest.
    expectPolicy(rows[at]!);
    const action = drawn === undefined ? argmax(rows, at, count) : drawFrom(rows, at, count, drawn);
    decision.actions[i] = action;
    decision.logProbs[i] = Math.log(rows[at + action]!);
    decision.qValues[i] = rows[at + count + action]!;
    decision.values[i] = rows[at + 2 * count]!;
  }

  /** [N, A] standard normal numbers as an input of the network; zeros give the mean. */
  #drawNoise(envs: number, mode: Mode, random: Pcg64): Float32Array {
    const { noise } = this.engine.inputs(envs);
    for (let k = 0; k < noise.length; k++) noise[k] = mode === "train" ? random.gaussian() : 0;
    return noise.slice();
  }

  /** log P(a) = -sum over d of (noise_d^2 / 2 + logStd_d + log(2 pi) / 2), in halves of a's range. */
  #drawFloats(decision: Decision, rows: Float32Array, i: number, noise: Float32Array): void {
    const count = this.#actions;
    const at = i * (2 * count + 2);
    let logProb = 0;
    for (const [d, { middle, half }] of this.#scales!.entries()) {
      const [drawn, logStd] = [rows[at + d]!, rows[at + count + d]!];
      expectPolicy(drawn);
      decision.actions[i * count + d] = middle + half * drawn;
      logProb -= noise[i * count + d]! ** 2 / 2 + logStd + LOG_2_PI / 2;
    }
    decision.logProbs[i] = logProb;
    decision.qValues[i] = rows[at + 2 * count]!;
    decision.values[i] = rows[at + 2 * count + 1]!;
  }

  #view(
    observations: Observations,
    guidance: Guidance,
    memory?: Float32Array,
  ): MaybePromise<PolicyView> {
    const { envs } = observations;
    const asked = this.#ask(observations, guidance, memory);
    return andThen(asked, (rows) => this.#columnsOf(rows, envs));
  }

  /** The columns of what the engine says of so many states. */
  #columnsOf(rows: Float32Array, states: number): PolicyView {
    const [actions, width] = [this.#actions, 2 * this.#actions + 1];
    const columns = (from: number, count: number) =>
      Float32Array.from(
        { length: states * count },
        (_, k) => rows[Math.floor(k / count) * width + from + k % count]!,
      );
    return {
      probabilities: columns(0, actions),
      qValues: columns(actions, actions),
      values: columns(width - 1, 1),
    };
  }

  values(observations: Observations, memory?: Float32Array): MaybePromise<Float32Array> {
    const inputs = this.engine.inputs(observations.envs);
    this.features.writeStates(inputs, observations, memory);
    return andThen(this.engine.values(inputs), (values) => values.slice());
  }

  /**
   * One update: `epochs` passes over the rollout in minibatches, each a gradient step.
   *
   * Samples are single steps, or with memory whole sequences of one environment's steps, through which
   * gradients flow back to the first. Each minibatch has as many past steps beside where some are held:
   * single ones, with the memory that they were taken with.
   */
  async learn(rollout: Rollout, estimate: Estimate, replay?: Replay): Promise<Metrics> {
    const { epochs, minibatch, maxGradNorm } = this.options;
    const { shuffling } = this.#state.streams;
    const learningRate = this.options.learningRate * this.#state.learningRateScale *
      this.options.learningRateAt(this.#state.rollouts);
    const imitation = this.#imitationAt(this.#state.rollouts++);
    const steps = this.options.memory ? rollout.steps : 1;
    const gates = await this.#gate?.of(rollout, () => this.#inSilence(rollout));
    const samples = this.#samplesOf(rollout, estimate, steps, gates);
    // Asked for anew each time: room for past steps may move what the engine holds.
    const { length } = samples.order;
    const past = this.learnsFromReplay && replay && replay.size > 0 ? replay : undefined;
    const together = Math.max(1, Math.floor(minibatch / steps));
    for (let epoch = 0; epoch < epochs; epoch++) {
      shuffling.shuffle(samples.order);
      for (let from = 0; from < length; from += together) {
        const turn = this.#breathe();
        if (turn) await turn;
        const to = Math.min(from + together, length);
        const replayed = past && this.#replayedOf(past.draw((to - from) * steps));
        // The gradients of ppoLoss, at the end of this file; then Adam's step along them.
        this.engine.backward(samples, from, to, imitation, replayed);
        this.engine.step({ learningRate, maxGradNorm });
      }
    }
    const names = past
      ? [...this.#metrics, "replayLoss", GRAD_NORM]
      : [...this.#metrics, GRAD_NORM];
    const metrics = namedMetrics(names, await this.engine.metrics());
    return gates ? { ...metrics, distillationGate: meanWhereSpoken(gates, rollout) } : metrics;
  }

  /** Weight of the cross-entropy to the teacher after so many rollouts. */
  #imitationAt(rollouts: number): number {
    const { guidance, distillation } = this.options;
    return guidance === "annealed" ? this.options.imitationAt(rollouts) : distillation;
  }

  /** What it would do in a rollout's states under no guidance, and what it thinks of each action there. */
  async #inSilence({ observations, missions, legal, memory }: Rollout): Promise<SilentView> {
    const inputs = this.engine.inputs(missions.length);
    this.features.writeSilent(inputs, observations, missions, legal, memory);
    const rows = await this.engine.decide(inputs);
    return this.#columnsOf(rows, missions.length);
  }

  scaleLearningRate(factor: number): void {
    this.#state.learningRateScale *= factor;
  }

  async save(): Promise<StageState> {
    return this.#state.save(await this.engine.save(), this.#gate?.save?.());
  }

  load(state: StageState): void {
    const { network, gate } = this.#state.load(state);
    this.engine.load(network);
    if (gate !== undefined) this.#gate?.load?.(gate);
  }

  dispose(): void {
    this.engine.dispose();
  }

  /** What {@linkcode Engine.decide} says; the memory goes on. */
  #ask(
    observations: Observations,
    guidance: Guidance,
    memory: Float32Array | undefined,
  ): MaybePromise<Float32Array> {
    const inputs = this.engine.inputs(observations.envs);
    const { legal } = observations;
    this.features.writeStates(inputs, observations, memory);
    this.features.writeGuidance(inputs, guidance);
    return andThen(this.engine.decide(inputs), (rows) => {
      if (memory && inputs.memory.length > 0) copyColumns(inputs.memory, memory, inputs.size);
      if (legal) this.#ruleOut(rows, legal);
      return rows;
    });
  }

  /** Kernels leave of the probability 0 what rounding does. @throws E_ACTION where none is legal. */
  #ruleOut(rows: Float32Array, legal: Uint8Array): void {
    const count = this.#actions;
    for (let from = 0, at = 0; from < legal.length; from += count, at += 2 * count + 1) {
      const own = legal.subarray(from, from + count);
      countLegal(own);
      for (let a = 0; a < count; a++) if (own[a] === 0) rows[at + a] = 0;
    }
  }

  #samplesOf(
    rollout: Rollout,
    { targets }: Estimate,
    steps: number,
    gates: Float32Array | undefined,
  ): Samples {
    const samples = this.engine.samples(rollout.rewards.length, steps);
    const { order, memory } = samples;
    this.features.writeRollout(samples, rollout);
    for (let k = 0; k < order.length; k++) order[k] = k;
    if (rollout.memory && memory.length > 0) {
      const first = rollout.memory.subarray(0, rollout.memory.length / rollout.steps);
      copyColumns(first, memory, rollout.envs);
    } else memory.fill(0);
    // Who was asked without a memory had none at any step.
    if (rollout.memory) samples.firsts.set(rollout.firsts);
    else samples.firsts.fill(1);
    this.#writeActions(samples.actions, rollout.actions);
    samples.logProbs.set(rollout.logProbs);
    samples.values.set(rollout.values);
    samples.targets.set(targets);
    writeTaught(samples, this.#actions, gates);
    return samples;
  }

  #replayedOf(batch: ReplayBatch): Replayed {
    const { size, observations, missions, actions, returns, legal, memory } = batch;
    const replayed = this.engine.replayed(size);
    this.features.writeSilent(replayed, observations, missions, legal, memory);
    this.#writeActions(replayed.actions, actions);
    replayed.returns.set(returns);
    return replayed;
  }

  /** Floats in halves of their ranges. */
  #writeActions(to: Actions, actions: Actions): void {
    to.set(actions);
    this.#scales?.forEach(({ middle, half }, d) => {
      for (let k = d; k < to.length; k += this.#actions) to[k] = (to[k]! - middle) / half;
    });
  }

  #decisionOf(envs: number): Decision {
    let decision = this.#decisions.get(envs);
    if (!decision) {
      decision = {
        actions: this.#scales ? new Float32Array(envs * this.#actions) : new Int32Array(envs),
        logProbs: new Float32Array(envs),
        qValues: new Float32Array(envs),
        values: new Float32Array(envs),
      };
      this.#decisions.set(envs, decision);
    }
    return decision;
  }
}

/**
 * L = c_p L_p + c_v mean((V - G)^2) + c_q mean((Q(s, a) - G)^2) - c_h mean(H) + c_i C, where
 *
 * - L_p = -mean(min(r A, clip(r, 1 - e, 1 + e) A)) with r = P(a | x, s) / P_old(a | x, s) (PPO, arXiv
 *   1707.06347, equations 7 and 9), or with e = 0: -mean(A log P(a | x, s)) (arXiv 1602.01783);
 * - A = G - V_old(s), moved and scaled to mean 0 and deviation 1 over the minibatch where the options
 *   say so;
 * - P is a softmax of logits, in which illegal actions have the probability 0; or of float actions a
 *   normal distribution, log P(a) = -sum over d of ((a_d - mean_d)^2 / (2 std_d^2) + log std_d + log(2 pi) / 2);
 * - H is the entropy of P(. | x, s), for a normal one the sum of log std_d + log(2 pi e) / 2;
 * - C is the mean of -g(s) sum_a p(a) log P(a | x, s) over the states in which the teacher spoke, p its
 *   distribution and g the gate of `distillation_gate.ts`, 1 where there is none; where the options
 *   distil, P(a | s) under no guidance takes the place of P(a | x, s).
 *
 * @param imitation c_i; C is left out where the options neither imitate nor distil.
 * @returns The loss and its terms, in the order of {@linkcode METRICS}.
 */
export function ppoLoss(
  tf: TensorFlow,
  outputs: Outputs,
  batch: Minibatch,
  options: LossOptions,
  imitation: number,
): { loss: Scalar; terms: Scalar[] } {
  const { clip } = options;
  const own = batch.targets.sub<Tensor1D>(batch.oldValues);
  const advantages = options.standardise ? standardised(own) : own;
  const { logProbs, entropy, chosenQ, logPolicy } = outputs.logStd
    ? gaussianPolicy(tf, outputs, outputs.logStd, batch)
    : categoricalPolicy(outputs, batch);
  const logRatio = logProbs.sub<Tensor1D>(batch.oldLogProbs);
  const ratio = logRatio.exp<Tensor1D>();
  const gains = clip === 0 ? logProbs.mul(advantages) : tf.minimum(
    ratio.mul(advantages),
    ratio.clipByValue(1 - clip, 1 + clip).mul(advantages),
  );
  const policyLoss = gains.mean().neg();
  const valueLoss = outputs.values.sub(batch.targets).square().mean();
  const qLoss = chosenQ.sub(batch.targets).square().mean();
  const rest = policyLoss.mul(options.policyLoss ?? 1)
    .add(valueLoss.mul(options.valueLoss))
    .add(qLoss.mul(options.qLoss))
    .sub<Scalar>(entropy.mul(options.entropy));
  const approxKl = ratio.sub(1).sub(logRatio).mean();
  const clipFraction = tf.abs(ratio.sub(1)).greater(clip).toFloat().mean();
  const terms = [policyLoss, valueLoss, qLoss, entropy, approxKl, clipFraction] as Scalar[];
  const taught = options.distils ? outputs.silentLogits!.logSoftmax() as Tensor2D : logPolicy;
  if (!isTaught(options) || !taught) return { loss: rest, terms };
  const teacherLoss = crossEntropy(tf, batch.teacher, taught);
  return { loss: rest.add(teacherLoss.mul(imitation)), terms: [...terms, teacherLoss] };
}

/** What the loss asks of a policy over B samples. */
interface PolicyTerms {
  /** [B] log P(a_t | x_t, s_t) as it is now. */
  readonly logProbs: Tensor1D;
  /** The mean of H. */
  readonly entropy: Scalar;
  /** [B] Q(s_t, a_t). */
  readonly chosenQ: Tensor1D;
  /** [B, A] log P(. | x_t, s_t), where actions have names. */
  readonly logPolicy?: Tensor2D;
}

function categoricalPolicy({ logits, qValues }: Outputs, { actions }: Minibatch): PolicyTerms {
  const logPolicy = logits.logSoftmax() as Tensor2D;
  const chosen = (table: Tensor2D) => table.mul<Tensor2D>(actions).sum<Tensor1D>(1);
  const entropy = logPolicy.exp().mul(logPolicy).sum(1).mean().neg() as Scalar;
  return { logProbs: chosen(logPolicy), entropy, chosenQ: chosen(qValues), logPolicy };
}

function gaussianPolicy(
  tf: TensorFlow,
  { logits: mean, qValues }: Outputs,
  logStd: Tensor1D,
  { actions }: Minibatch,
): PolicyTerms {
  return {
    logProbs: logDensity(mean, logStd, actions),
    entropy: tf.sum(logStd.add((LOG_2_PI + 1) / 2)) as Scalar,
    chosenQ: qValues.squeeze<Tensor1D>([1]),
  };
}

/** Values moved and scaled to mean 0 and standard deviation 1. */
function standardised(values: Tensor1D): Tensor1D {
  const centred = values.sub<Tensor1D>(values.mean());
  return centred.div(centred.square().mean().sqrt().add(1e-8));
}

/** The mean of -sum_a p(a) log P(a) over the rows of p that are not zeros; 0 where all are. */
function crossEntropy(tf: TensorFlow, teacher: Tensor2D, logPolicy: Tensor2D): Scalar {
  const spoken = tf.maximum(1, teacher.sum(1).greater(0).toFloat().sum());
  return teacher.mul(logPolicy).sum().neg().div(spoken);
}

/** Writes what is to be learned of the teacher's distribution, which stands in the guidance of the samples. */
function writeTaught(samples: Samples, actions: number, gates: Float32Array | undefined): void {
  const { size, taught, taughtStride, guidance, guidanceStride } = samples;
  if (taughtStride === 0) return;
  for (let k = 0; k < size; k++) {
    const gate = gates?.[k] ?? 1;
    for (let a = 0; a < actions; a++) {
      taught[k * taughtStride + a] = gate * guidance[k * guidanceStride + actions + a]!;
    }
  }
}

/** The mean of gates over the steps in which the teacher spoke; 0 where it never did. */
function meanWhereSpoken(gates: Float32Array, { guidance, envs }: Rollout): number {
  const spoken = gates.filter((_, k) => guidance[Math.floor(k / envs)]!.choices[k % envs]! >= 0);
  return spoken.reduce((sum, gate) => sum + gate, 0) / Math.max(1, spoken.length);
}

/** @throws TandemError E_OPTION where a gate compares the student alone with itself. */
function checkGate({ guidance, distillationGate }: ActorCriticOptions): void {
  if (guidance !== "annealed" || distillationGate !== "return") return;
  throw new TandemError(
    "E_OPTION",
    'student.distillationGate "return" compares episodes with the teacher and without, and under ' +
      'student.guidance "annealed" the student never hears it; "advantage" or "open" would be right.',
  );
}

/** @throws TandemError E_NUMERIC where what a policy says is not finite. */
function expectPolicy(number: number): void {
  if (Number.isFinite(number)) return;
  throw new TandemError("E_NUMERIC", `The student's policy became "${number}".`);
}

/**
 * What an update reports, as means over its gradient steps: the loss and its terms, the approximate KL
 * divergence to the policy that acted (mean((r - 1) - log r)), the share of ratios beyond the clip, and
 * the gradients' norm before it was bounded. Before the last of them stand the cross-entropy to the
 * teacher and the mean trust, in networks that have them, and the loss of past steps where some were
 * replayed; after it, where there is a gate, how far it was open in the mean where the teacher spoke.
 */
const METRICS = [
  "loss",
  "policyLoss",
  "valueLoss",
  "qLoss",
  "entropy",
  "approxKl",
  "clipFraction",
] as const;

const GRAD_NORM = "gradNorm";

function metricNames({ loss, trust }: Pick<EngineOptions, "loss" | "trust">): string[] {
  return [...METRICS, ...(isTaught(loss) ? ["teacherLoss"] : []), ...(trust ? ["trust"] : [])];
}
