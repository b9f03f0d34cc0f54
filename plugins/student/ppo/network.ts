import { orthogonal, type RandomSource } from "../../../runtimes/initialisers.ts";
import type { Tensor, Tensor1D, Tensor2D, Tensors, Variable } from "../../../runtimes/tfjs.ts";

/** Widths of a network. */
export interface NetworkShape {
  readonly state: number;
  readonly guidance: number;
  readonly hidden: number;
  readonly actions: number;
}

/** What the network says of B states under guidance. */
export interface Outputs {
  /** [B, A] unnormalised log-probabilities of the actions. */
  readonly logits: Tensor2D;
  /** [B, A] Q(s, a) given x. */
  readonly qValues: Tensor2D;
  /** [B] V(s); guidance does not reach it, so that A = Q - V tells what acting on x is worth. */
  readonly values: Tensor1D;
}

/** Gains of the layers' initial weights: sqrt(2) before tanh, small at the policy's head. */
const GAINS = { body: Math.SQRT2, policy: 0.01, value: 1 } as const;

/**
 * A shared first layer reads the state; the actor's and critic's second layer reads it together
 * with the guidance, V's second layer reads it alone.
 */
export class Network {
  readonly variables: readonly Variable[];
  readonly #tensors: Tensors;
  readonly #layers: Record<"state" | "guided" | "policy" | "q" | "alone" | "value", Layer>;

  constructor(tensors: Tensors, shape: NetworkShape, random: RandomSource) {
    this.#tensors = tensors;
    const { state, guidance, hidden, actions } = shape;
    const layer = (name: string, inputs: number, outputs: number, gain: number): Layer => {
      const weights = orthogonal(random, inputs, outputs, gain);
      const { tf } = tensors;
      return tf.tidy(() => ({
        weights: tf.variable(tf.tensor2d(weights, [inputs, outputs]), true, unique(tensors, name)),
        bias: tf.variable(tf.zeros([outputs]), true, unique(tensors, `${name}/bias`)),
      }));
    };
    this.#layers = {
      state: layer("state", state, hidden, GAINS.body),
      guided: layer("guided", hidden + guidance, hidden, GAINS.body),
      policy: layer("policy", hidden, actions, GAINS.policy),
      q: layer("q", hidden, actions, GAINS.value),
      alone: layer("alone", hidden, hidden, GAINS.body),
      value: layer("value", hidden, 1, GAINS.value),
    };
    this.variables = Object.values(this.#layers).flatMap(({ weights, bias }) => [weights, bias]);
  }

  /** @param states [B, state]. @param guidance [B, guidance]. */
  forward(states: Tensor2D, guidance: Tensor2D): Outputs {
    const { tf } = this.#tensors;
    const { guided, policy, q } = this.#layers;
    const seen = this.#see(states);
    const told = tf.concat2d([seen, guidance], 1);
    const hidden = dense(told, guided).tanh<Tensor2D>();
    return {
      logits: dense(hidden, policy),
      qValues: dense(hidden, q),
      values: this.#judge(seen),
    };
  }

  /** [B] V(s) alone. */
  values(states: Tensor2D): Tensor1D {
    return this.#judge(this.#see(states));
  }

  dispose(): void {
    for (const variable of this.variables) variable.dispose();
  }

  #see(states: Tensor2D): Tensor2D {
    return dense(states, this.#layers.state).tanh();
  }

  #judge(seen: Tensor2D): Tensor1D {
    const { alone, value } = this.#layers;
    return dense(dense(seen, alone).tanh<Tensor2D>(), value).squeeze([1]);
  }
}

interface Layer {
  readonly weights: Variable;
  readonly bias: Variable;
}

function dense(inputs: Tensor2D, { weights, bias }: Layer): Tensor2D {
  return inputs.matMul<Tensor2D>(weights as Tensor).add(bias);
}

/** A name that no living variable of TensorFlow.js has: it refuses to hold two of one name. */
function unique({ tf }: Tensors, name: string): string {
  const taken = tf.engine().registeredVariables;
  for (let n = 1;; n++) {
    const candidate = `ppo/${name}/${n}`;
    if (!(candidate in taken)) return candidate;
  }
}
