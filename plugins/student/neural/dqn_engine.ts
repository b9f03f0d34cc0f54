import type { MaybePromise } from "../../../core/stages/mod.ts";
import { Adam } from "../../../runtimes/tfjs/adam.ts";
import type { RandomSource } from "../../../runtimes/weights/initialisers.ts";
import { RowMeans } from "../../../runtimes/tfjs/row_means.ts";
import {
  type Scalar,
  type Tensor1D,
  type Tensor2D,
  type TensorFlow,
  type Tensors,
} from "../../../runtimes/tfjs/tfjs.ts";
import {
  type EngineOptions,
  EPSILON,
  extraShapes,
  initialWeights,
  type Inputs,
  layerShapes,
} from "./engine.ts";
import { Network } from "./network.ts";
import type { Replay } from "./replay.ts";
import { adamState, type NetworkState, networkState, type WeightArray } from "./state.ts";
import { gradientStep, readOnce, uploadInputs } from "./tfjs_parts.ts";

/** What `learn` reports, in this order. */
export function dqnMetricNames({ loss, trust }: Pick<EngineOptions, "loss" | "trust">): string[] {
  const more = [...(loss.imitates ? ["teacherLoss"] : []), ...(trust ? ["trust"] : [])];
  return ["loss", "qLoss", "valueLoss", ...more, "gradNorm"];
}

/** What the teacher's action has to be ahead of the others by, where it is imitated. */
const AHEAD = 0.8;

/** The dueling network and its target network on TensorFlow.js. */
export class DqnEngine {
  readonly #online: Network;
  readonly #target: Network;
  readonly #adam: Adam;
  /** [metrics] of the updates since they were asked for. */
  readonly #metrics: RowMeans;

  /** Draws the initial weights; `tensors` are the engine's from now on. */
  constructor(
    private readonly tensors: Tensors,
    private readonly options: EngineOptions & { readonly discount: number },
    random: RandomSource,
  ) {
    const { policy: _, ...shapes } = layerShapes(options);
    const level = { inputs: options.hidden, outputs: 1 };
    const all = { ...shapes, ...extraShapes(options), level };
    const weights = initialWeights(all, random, options.trust);
    this.#online = new Network(tensors, weights);
    this.#target = new Network(tensors, weights);
    this.#metrics = new RowMeans(tensors.tf);
    this.#adam = new Adam(tensors, this.#online.variables, {
      learningRate: options.learningRate,
      epsilon: EPSILON,
    });
  }

  /** [B, A + 1] Q(s, .) and V(s). */
  judge(inputs: Inputs): MaybePromise<Float32Array> {
    const { tf } = this.tensors;
    return readOnce(
      this.tensors,
      tf.tidy(() => {
        const { qValues, values } = this.#online.judge(uploadInputs(tf, this.options, inputs));
        return tf.concat2d([qValues, values.expandDims<Tensor2D>(1)], 1);
      }),
    );
  }

  /**
   * One gradient step on rows of the replay.
   *
   * @param imitation Weight of the margin loss, where guidance is imitated.
   */
  update(replay: Replay, rows: Int32Array, imitation = 0): void {
    const { tensors, options } = this;
    const { tf } = tensors;
    this.#metrics.add(tf.tidy(() => {
      const pick = (values: Float32Array) =>
        tf.tensor1d(Float32Array.from(rows, (k) => values[k]!));
      const now = uploadInputs(tf, options, replay.now, rows);
      const next = uploadInputs(tf, options, replay.next, rows);
      const actions = Array.from(rows, (k) => replay.actions[k]!);
      const targets = doubleTargets(tf, {
        online: this.#online.judge(next).qValues,
        target: this.#target.judge(next).qValues,
        rewards: pick(replay.rewards),
        known: pick(replay.known),
        nextValues: pick(replay.nextValues),
        discount: options.discount,
      });
      const chosen = tf.oneHot(actions, options.actions).toFloat() as Tensor2D;
      const best = this.#online.judge(now).qValues.max<Tensor1D>(1);
      const { variables } = this.#online;
      return gradientStep(tensors, variables, this.#adam, options.maxGradNorm, () => {
        const { qValues, values, trust } = this.#online.judge(now);
        const qLoss = huber(tf, qValues.mul(chosen).sum<Tensor1D>(1).sub(targets));
        const valueLoss = values.sub(best).square().mean<Scalar>();
        const own = qLoss.add<Scalar>(valueLoss.mul(options.loss.valueLoss));
        const teacherLoss = options.loss.imitates
          ? marginLoss(tf, qValues, now.teacher, AHEAD)
          : undefined;
        const loss = teacherLoss ? own.add<Scalar>(teacherLoss.mul(imitation)) : own;
        const more = [teacherLoss, trust?.mean<Scalar>()].filter((term) => term !== undefined);
        return { loss, terms: [qLoss, valueLoss, ...more] };
      });
    }));
  }

  /** Takes the target network's weights from the one that learns. */
  renewTarget(): void {
    this.#target.variables.forEach((variable, k) => variable.assign(this.#online.variables[k]!));
  }

  /** Means of {@linkcode dqnMetricNames} over the updates since it was asked last. */
  metrics(): MaybePromise<Float32Array> {
    return readOnce(this.tensors, this.#metrics.take());
  }

  setPace(pace: number): void {
    this.#adam.learningRate = pace * this.options.learningRate;
  }

  async save(): Promise<{ network: NetworkState; target: Record<string, WeightArray> }> {
    return {
      network: networkState(await this.#online.read(), await this.#adam.save()),
      target: await this.#target.read(),
    };
  }

  /** @throws TandemError E_SHAPE where the state is of another network. */
  load(network: NetworkState, target: Readonly<Record<string, WeightArray>>): void {
    this.#adam.load(adamState(network, this.#online.names));
    this.#online.write(network.weights);
    this.#target.write(target);
  }

  dispose(): void {
    this.#metrics.dispose();
    this.#adam.dispose();
    this.#online.dispose();
    this.#target.dispose();
    this.tensors.dispose();
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
