/** The weights of a fused network, with their gradients and what Adam remembers of them. */
import { TandemError } from "@tandem/core";
import type { AdamOptions, AdamState } from "../tfjs/adam.ts";
import type { Arena, Block } from "./arena.ts";

/** Widths of a dense layer: y[outputs] = x[inputs] W[inputs, outputs] + b[outputs]. */
export interface LayerShape {
  /** Width before. */
  readonly inputs: number;
  /** Width after. */
  readonly outputs: number;
  /** False for a table without a bias. */
  readonly hasBias?: boolean;
  /** What Adam's rate is multiplied by, 1 where absent. */
  readonly rate?: number;
}

/** A layer's place in memory. Rows of W are padded with zeros to a multiple of 8 numbers. */
export interface Layer extends LayerShape {
  /** Address of W. */
  readonly weights: number;
  /** Address of b; 0 for none. */
  readonly bias: number;
  /** Bytes of a row of W, and of b. */
  readonly stride: number;
  /** What leads from the address of a weight to that of its gradient, in bytes. */
  readonly toGrads: number;
}

/** A named array: values and shape. */
export interface NamedArray {
  /** Sizes, row-major. */
  readonly shape: readonly number[];
  /** The numbers. */
  readonly data: Float32Array;
}

/** The blocks of one length. */
type Kind = "values" | "grads" | "first" | "second";

/** Numbers whose squares become one part of the norm. */
const NORM_BLOCK = 1024;

/** The least multiple of `unit` that is not below `length`. */
export function padded(length: number, unit = 8): number {
  return Math.ceil(length / unit) * unit;
}

/**
 * Dense layers by name, one behind the other in memory: weights, gradients and both moments of Adam are
 * four blocks of one length, so that a step of Adam is one loop.
 *
 * As named arrays a layer `x` is "x" [inputs, outputs] and "x/bias" [outputs], as in the
 * TensorFlow.js networks.
 */
export class Parameters<Name extends string = string> {
  /** The layers by name. */
  readonly layers: Readonly<Record<Name, Layer>>;
  readonly #blocks: Record<Kind, Block<Float32Array>>;
  /** Learning rate, decays, epsilon, largest norm, powers of the decays, steps, norm, this step's. */
  readonly #control: Block<Float64Array>;
  readonly #normParts: Block<Float64Array>;
  /** Layers of one rate, which stand side by side. */
  readonly #groups: { readonly rate: number; length: number }[] = [];
  /** The groups' rates. */
  readonly #rates: Block<Float64Array>;

  /** Room for layers; their numbers are 0. */
  constructor(arena: Arena, shapes: Readonly<Record<Name, LayerShape>>) {
    const entries = Object.entries<LayerShape>(shapes);
    const sizeOf = ({ inputs, outputs, hasBias }: LayerShape) =>
      (inputs + +(hasBias ?? true)) * padded(outputs);
    const length = entries.reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
    const block = () => arena.floats(length);
    this.#blocks = { values: block(), grads: block(), first: block(), second: block() };
    this.#control = arena.doubles(12);
    this.#normParts = arena.doubles(Math.ceil(length / NORM_BLOCK));
    const { values, grads } = this.#blocks;
    let at = values.at;
    const layers: Record<string, Layer> = {};
    for (const [name, shape] of entries) {
      const stride = 4 * padded(shape.outputs);
      layers[name] = {
        ...shape,
        stride,
        weights: at,
        bias: shape.hasBias === false ? 0 : at + shape.inputs * stride,
        toGrads: grads.at - values.at,
      };
      at += 4 * sizeOf(shape);
      this.#group(shape.rate ?? 1, sizeOf(shape));
    }
    this.#rates = arena.doubles(this.#groups.length);
    this.#rates.view.set(this.#groups.map(({ rate }) => rate));
    this.layers = layers as Record<Name, Layer>;
  }

  /** The arrays' names, in the order in which {@linkcode saveAdam} has its moments. */
  get names(): string[] {
    return Object.entries<Layer>(this.layers)
      .flatMap(([name, { bias }]) => bias ? [name, `${name}/bias`] : [name]);
  }

  /** The operands of a step: of the gradients' norm, of Adam's beginning, and of Adam for each rate. */
  get adam(): { readonly norm: number[]; readonly begin: number[]; readonly steps: number[][] } {
    const { values, grads, first, second } = this.#blocks;
    const [control, parts] = [this.#control.at, this.#normParts.at];
    let before = 0;
    const steps = this.#groups.map(({ length }, g) => {
      const blocks = [values, grads, first, second].map(({ at }) => at + 4 * before);
      before += length;
      return [control, ...blocks, length, this.#rates.at + 8 * g];
    });
    return {
      norm: [control, grads.at, values.length, parts],
      begin: [control, parts, values.length],
      steps,
    };
  }

  /** Sets how Adam steps; `maxNorm` bounds the gradients' norm, 0 leaves it unbounded and unmeasured. */
  configure(options: Omit<AdamOptions, "weightDecay"> & { maxNorm?: number }): void {
    const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, maxNorm = 0 } =
      options;
    this.#control.view.set([learningRate, beta1, beta2, epsilon, maxNorm, 1, 1, 0, 0]);
  }

  /** The learning rate, which a schedule may change between steps. */
  set learningRate(rate: number) {
    this.#control.view[0] = rate;
  }

  /** The largest norm of the gradients, which may change too. */
  set maxNorm(norm: number) {
    this.#control.view[4] = norm;
  }

  /** The norm of the gradients before the last step. */
  get gradNorm(): number {
    return this.#control.view[8]!;
  }

  /** Copies of all weights. */
  read(): Record<string, NamedArray> {
    return this.#read("values");
  }

  /** Sets all weights. @throws TandemError E_SHAPE where an array is missing or has another size. */
  write(arrays: Readonly<Record<string, { readonly data: ArrayLike<number> }>>): void {
    this.#write("values", (name) => arrays[name]?.data);
  }

  /** What Adam remembers, its arrays in the order of {@linkcode read}. */
  saveAdam(): AdamState {
    const [accBeta1, accBeta2, steps] = this.#control.view.slice(5, 8) as unknown as [
      number,
      number,
      number,
    ];
    const arrays = (kind: "first" | "second") =>
      Object.values(this.#read(kind)).map(({ data }) => data);
    return { steps, accBeta1, accBeta2, first: arrays("first"), second: arrays("second") };
  }

  /** Goes on from a state. @throws TandemError E_SHAPE where it is of other weights. */
  loadAdam(state: AdamState): void {
    const { names } = this;
    this.#control.view.set([state.accBeta1, state.accBeta2, state.steps], 5);
    this.#write("first", (name) => state.first[names.indexOf(name)]);
    this.#write("second", (name) => state.second[names.indexOf(name)]);
  }

  #group(rate: number, length: number): void {
    const last = this.#groups.at(-1);
    if (last?.rate === rate) last.length += length;
    else this.#groups.push({ rate, length });
  }

  #read(kind: Kind): Record<string, NamedArray> {
    const arrays: Record<string, NamedArray> = {};
    this.#each(kind, (name, shape, rows) => {
      const data = new Float32Array(shape.reduce((product, length) => product * length, 1));
      rows.forEach((row, r) => data.set(row, r * row.length));
      arrays[name] = { shape, data };
    });
    return arrays;
  }

  #write(
    kind: Kind,
    dataOf: (name: string) => ArrayLike<number> | undefined,
  ): void {
    this.#each(kind, (name, shape, rows) => {
      const data = dataOf(name);
      const size = shape.reduce((product, length) => product * length, 1);
      if (data?.length !== size) {
        throw new TandemError(
          "E_SHAPE",
          `The weights "${name}" have the size "${data?.length}" in place of "${size}".`,
        );
      }
      rows.forEach((row, r) => {
        for (let k = 0; k < row.length; k++) row[k] = data[r * row.length + k]!;
      });
    });
  }

  /** Visits each array as views of its rows without their padding. */
  #each(
    kind: Kind,
    visit: (name: string, shape: readonly number[], rows: Float32Array[]) => void,
  ): void {
    const { values, [kind]: { view } } = this.#blocks;
    for (const [name, layer] of Object.entries<Layer>(this.layers)) {
      const { inputs, outputs, stride, bias: hasBias } = layer;
      const rows = Array.from({ length: inputs + +(hasBias > 0) }, (_, r) => {
        const at = (layer.weights - values.at + r * stride) / 4;
        return view.subarray(at, at + outputs);
      });
      const bias = hasBias > 0 ? rows.pop() : undefined;
      visit(name, [inputs, outputs], rows);
      if (bias) visit(`${name}/bias`, [outputs], [bias]);
    }
  }
}
