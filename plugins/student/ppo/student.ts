import type { Context } from "../../../core/context.ts";
import { TandemError } from "../../../core/errors.ts";
import { drawFrom } from "../../../core/guidance.ts";
import type { OptionsOutput } from "../../../core/options.ts";
import type { Wirings } from "../../../core/plugin.ts";
import type { Pcg64, Pcg64State } from "../../../core/random.ts";
import type {
  Decision,
  Estimate,
  Guidance,
  MaybePromise,
  Metrics,
  Mode,
  Observations,
  PolicyView,
  Rollout,
  StageState,
  Student,
} from "../../../core/stages.ts";
import { andThen } from "../../../core/guidance.ts";
import { Adam, type AdamState } from "../../../runtimes/adam.ts";
import { lossAndGradients, type Tensor1D, type Tensors } from "../../../runtimes/tfjs.ts";
import { Features } from "./features.ts";
import { ppoLoss, standardise } from "./loss.ts";
import type { ppoOptions } from "./mod.ts";
import { Network } from "./network.ts";

/** See {@linkcode ppo}. */
export class PpoStudent implements Student {
  readonly #network: Network;
  readonly #adam: Adam;
  readonly #features: Features;
  readonly #actions: number;
  readonly #acting: Pcg64;
  readonly #judged: Pcg64;
  readonly #shuffling: Pcg64;

  constructor(
    private readonly tensors: Tensors,
    private readonly options: OptionsOutput<typeof ppoOptions>,
    context: Context,
    { env, candidates }: Wirings["student"],
  ) {
    this.#actions = env.actions.length;
    this.#features = new Features(env, candidates.length);
    this.#network = new Network(tensors, {
      state: this.#features.stateWidth,
      guidance: this.#features.guidanceWidth,
      hidden: options.hidden,
      actions: this.#actions,
    }, context.random("student weights"));
    this.#adam = new Adam(tensors, this.#network.variables, {
      learningRate: options.learningRate,
      epsilon: 1e-5,
    });
    this.#acting = context.random("student actions");
    this.#judged = context.random("student evaluation");
    this.#shuffling = context.random("student minibatches");
  }

  act(observations: Observations, guidance: Guidance, mode: Mode): MaybePromise<Decision> {
    const rows = this.#ask(observations, guidance);
    return andThen(rows, (rows) => this.#decide(rows, observations.envs, mode));
  }

  policy(observations: Observations, guidance: Guidance): MaybePromise<PolicyView> {
    const { envs } = observations;
    const width = 2 * this.#actions + 1;
    const columns = (rows: Float32Array, from: number, count: number) =>
      Float32Array.from(
        { length: envs * count },
        (_, k) => rows[Math.floor(k / count) * width + from + k % count]!,
      );
    return andThen(this.#ask(observations, guidance), (rows) => ({
      probabilities: columns(rows, 0, this.#actions),
      qValues: columns(rows, this.#actions, this.#actions),
      values: columns(rows, width - 1, 1),
    }));
  }

  /** [N, 2 A + 1] probabilities, Q and V. */
  #ask(observations: Observations, guidance: Guidance): MaybePromise<Float32Array> {
    const { envs, data } = observations;
    const width = data.length / envs;
    const batch = this.#inputs(
      envs,
      (row) => [data, row * width, observations.mission(row)],
      (row) => [guidance, row],
    );
    const { tf } = this.tensors;
    const outputs = tf.tidy(() => {
      const { logits, qValues, values } = this.#network.forward(...this.#upload(batch));
      return tf.concat2d([logits.softmax(), qValues, values.expandDims<never>(1)], 1);
    });
    const read = this.tensors.device === "webgpu" ? outputs.data() : outputs.dataSync();
    return andThen(read as MaybePromise<Float32Array>, (rows) => {
      outputs.dispose();
      return rows;
    });
  }

  values(observations: Observations): MaybePromise<Float32Array> {
    const { envs, data } = observations;
    const width = data.length / envs;
    const batch = this.#inputs(envs, (row) => [data, row * width, observations.mission(row)]);
    const values = this.tensors.tf.tidy(() => this.#network.values(this.#upload(batch)[0]));
    const read = this.tensors.device === "webgpu" ? values.data() : values.dataSync();
    return andThen(read as MaybePromise<Float32Array>, (numbers) => {
      values.dispose();
      return numbers;
    });
  }

  async learn(rollout: Rollout, estimate: Estimate): Promise<Metrics> {
    const { epochs, minibatch } = this.options;
    const size = rollout.actions.length;
    const order = Int32Array.from({ length: size }, (_, k) => k);
    const sums = new Float64Array(METRICS.length);
    let updates = 0;
    for (let epoch = 0; epoch < epochs; epoch++) {
      this.#shuffling.shuffle(order);
      for (let from = 0; from < size; from += minibatch) {
        const rows = order.subarray(from, Math.min(from + minibatch, size));
        const metrics = this.#update(rollout, estimate, rows);
        const numbers = await metrics.data();
        metrics.dispose();
        for (let m = 0; m < sums.length; m++) sums[m]! += numbers[m]!;
        updates++;
        if (!Number.isFinite(numbers[0])) {
          throw new TandemError(
            "E_NUMERIC",
            `The student's loss became "${numbers[0]}"; a smaller student.learningRate may help.`,
          );
        }
      }
    }
    return Object.fromEntries(METRICS.map((name, m) => [name, sums[m]! / updates]));
  }

  async save(): Promise<StageState> {
    const adam = await this.#adam.save();
    const arrays: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
    for (const [index, variable] of this.#network.variables.entries()) {
      const { shape } = variable;
      const name = variable.name.replace(UNIQUE_PART, "");
      arrays[name] = { shape, data: (await variable.data<"float32">()).slice() };
      arrays[`adam.first.${name}`] = { shape, data: adam.first[index]! };
      arrays[`adam.second.${name}`] = { shape, data: adam.second[index]! };
    }
    const { steps, accBeta1, accBeta2 } = adam;
    const streams = this.#streams().map((random) => random.save());
    return { json: { steps, accBeta1, accBeta2, streams }, arrays };
  }

  load({ json, arrays = {} }: StageState): void {
    const { streams, ...counts } = json as SavedJson;
    for (const [index, random] of this.#streams().entries()) random.load(streams[index]!);
    const names = this.#network.variables.map(({ name }) => name.replace(UNIQUE_PART, ""));
    const numbers = (name: string) => arrays[name]!.data as Float32Array;
    for (const [index, variable] of this.#network.variables.entries()) {
      const saved = this.tensors.tf.tensor(numbers(names[index]!), variable.shape);
      variable.assign(saved);
      saved.dispose();
    }
    this.#adam.load({
      ...counts,
      first: names.map((name) => numbers(`adam.first.${name}`)),
      second: names.map((name) => numbers(`adam.second.${name}`)),
    });
  }

  dispose(): void {
    this.#adam.dispose();
    this.#network.dispose();
    this.tensors.dispose();
  }

  #streams(): readonly Pcg64[] {
    return [this.#acting, this.#judged, this.#shuffling];
  }

  /** One gradient step on some rows of the rollout; gives the metrics as a tensor. */
  #update(rollout: Rollout, estimate: Estimate, rows: Int32Array): Tensor1D {
    const { tensors, options } = this;
    const { tf } = tensors;
    return tf.tidy(() => {
      const inputs = this.#upload(this.#batchOf(rollout, rows));
      const pick = (values: Float32Array) =>
        tf.tensor1d(Float32Array.from(rows, (k) => values[k]!));
      const targets = pick(estimate.targets);
      const batch = {
        actions: tf.oneHot(Array.from(rows, (k) => rollout.actions[k]!), this.#actions).toFloat(),
        oldLogProbs: pick(rollout.logProbs),
        targets,
        advantages: standardise(targets.sub<Tensor1D>(pick(rollout.values))),
      };
      const metrics: { all?: Tensor1D } = {};
      const { loss, gradients } = lossAndGradients(tensors, this.#network.variables, () => {
        const { loss, terms } = ppoLoss(
          tf,
          this.#network.forward(...inputs),
          batch as never,
          options,
        );
        metrics.all = tf.keep(tf.stack([loss, ...terms]).as1D());
        return loss;
      });
      const squares = gradients.map((gradient) => gradient.square().sum());
      const norm = tf.addN(squares).sqrt();
      const scale = tf.minimum(1, tf.scalar(options.maxGradNorm).div(norm.add(1e-6)));
      this.#adam.step(gradients.map((gradient) => gradient.mul(scale)));
      loss.dispose();
      const numbers = tf.concat([metrics.all!, norm.as1D()]) as Tensor1D;
      metrics.all!.dispose();
      return numbers;
    });
  }

  #batchOf({ observations, missions, guidance, envs, actions }: Rollout, rows: Int32Array) {
    const width = observations.length / actions.length;
    return this.#inputs(
      rows.length,
      (row) => [observations, rows[row]! * width, missions[rows[row]!]!],
      (row) => [guidance[Math.floor(rows[row]! / envs)]!, rows[row]! % envs],
    );
  }

  #inputs(
    size: number,
    state: (row: number) => [data: Uint8Array, from: number, mission: string],
    told?: (row: number) => [guidance: Guidance, i: number],
  ): Inputs {
    const features = this.#features;
    const states = new Float32Array(size * features.stateWidth);
    const guidance = new Float32Array(told ? size * features.guidanceWidth : 0);
    for (let row = 0; row < size; row++) {
      features.writeState(states, row * features.stateWidth, ...state(row));
      if (!told) continue;
      const [{ choices, distribution }, i] = told(row);
      const at = row * features.guidanceWidth;
      features.writeGuidance(guidance, at, choices[i]!, distribution, i * features.candidates);
    }
    return { size, states, guidance };
  }

  #upload({ size, states, guidance }: Inputs) {
    const { tf } = this.tensors;
    const { stateWidth, guidanceWidth } = this.#features;
    const rows = guidance.length ? size : 0;
    return [
      tf.tensor2d(states, [size, stateWidth]),
      tf.tensor2d(guidance, [rows, guidanceWidth]),
    ] as const;
  }

  #decide(rows: Float32Array, envs: number, mode: Mode): Decision {
    const count = this.#actions;
    const width = 2 * count + 1;
    const random = mode === "train" ? this.#acting : this.#judged;
    const decision = {
      actions: new Int32Array(envs),
      logProbs: new Float32Array(envs),
      qValues: new Float32Array(envs),
      values: new Float32Array(envs),
    };
    for (let i = 0; i < envs; i++) {
      const at = i * width;
      if (!Number.isFinite(rows[at])) {
        throw new TandemError("E_NUMERIC", `The student's policy became "${rows[at]}".`);
      }
      const action = drawFrom(rows, at, count, random.random());
      decision.actions[i] = action;
      decision.logProbs[i] = Math.log(rows[at + action]!);
      decision.qValues[i] = rows[at + count + action]!;
      decision.values[i] = rows[at + 2 * count]!;
    }
    return decision;
  }
}

/** What makes a variable's name its own among living ones; it is not saved. */
const UNIQUE_PART = /\/\d+$/;

interface SavedJson extends Pick<AdamState, "steps" | "accBeta1" | "accBeta2"> {
  readonly streams: readonly Pcg64State[];
}

interface Inputs {
  readonly size: number;
  readonly states: Float32Array;
  readonly guidance: Float32Array;
}

/** What {@linkcode PpoStudent.learn} reports, in the order of the loss's terms. */
const METRICS = [
  "loss",
  "policyLoss",
  "valueLoss",
  "qLoss",
  "entropy",
  "approxKl",
  "clipFraction",
  "gradNorm",
] as const;
