import type { Tensor, Tensor1D, Tensor2D, Tensors, Variable } from "../../../runtimes/tfjs.ts";
import type { LayerName } from "./engine.ts";
import type { WeightArray } from "./state.ts";

/** What the network says of B states under guidance. */
export interface Outputs {
  /** [B, A] unnormalised log-probabilities of the actions. */
  readonly logits: Tensor2D;
  /** [B, A] Q(s, a) given x. */
  readonly qValues: Tensor2D;
  /** [B] V(s). */
  readonly values: Tensor1D;
}

/** The network of {@linkcode layerShapes} on tensors. */
export class Network {
  /** W and bias of each layer, in the order of the names. */
  readonly variables: readonly Variable[];
  /** The variables' names among the weights. */
  readonly names: readonly string[];
  readonly #tensors: Tensors;

  constructor(tensors: Tensors, weights: Readonly<Record<string, WeightArray>>) {
    const { tf } = this.#tensors = tensors;
    this.names = Object.keys(weights);
    this.variables = this.names.map((name) => {
      const { data, shape } = weights[name]!;
      return tf.tidy(() => tf.variable(tf.tensor(data, [...shape]), true, unique(tensors, name)));
    });
  }

  /** @param states [B, state]. @param guidance [B, guidance]. */
  forward(states: Tensor2D, guidance: Tensor2D): Outputs {
    const { tf } = this.#tensors;
    const seen = this.#dense(states, "state").tanh<Tensor2D>();
    const told = tf.concat2d([seen, guidance], 1);
    const hidden = this.#dense(told, "guided").tanh<Tensor2D>();
    return {
      logits: this.#dense(hidden, "policy"),
      qValues: this.#dense(hidden, "q"),
      values: this.#judge(seen),
    };
  }

  /** [B] V(s) alone. */
  values(states: Tensor2D): Tensor1D {
    return this.#judge(this.#dense(states, "state").tanh());
  }

  dispose(): void {
    for (const variable of this.variables) variable.dispose();
  }

  #judge(seen: Tensor2D): Tensor1D {
    const hidden = this.#dense(seen, "alone").tanh<Tensor2D>();
    return this.#dense(hidden, "value").squeeze([1]);
  }

  #dense(inputs: Tensor2D, layer: LayerName): Tensor2D {
    return inputs.matMul<Tensor2D>(this.#named(layer)).add(this.#named(`${layer}/bias`));
  }

  #named(name: string): Tensor {
    return this.variables[this.names.indexOf(name)]!;
  }
}

/** A name that no living variable of TensorFlow.js has: it refuses to hold two of one name. */
function unique({ tf }: Tensors, name: string): string {
  const taken = tf.engine().registeredVariables;
  for (let n = 1;; n++) {
    const candidate = `ppo/${name}/${n}`;
    if (!(candidate in taken)) return candidate;
  }
}
