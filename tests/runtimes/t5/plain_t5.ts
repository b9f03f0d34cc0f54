/**
 * A T5 in plain loops over 64-bit numbers, one sequence at a time: slow, and independent of what
 * it is there to check.
 */

import type { T5Config } from "../../../runtimes/t5/config.ts";
import { relativeBucket } from "../../../runtimes/t5/position.ts";
import type { Example } from "../../../runtimes/t5/t5.ts";

type Matrix = number[][];

/** A parameter's values, row-major, in 64 bits. */
export interface PlainParameter {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** The mean cross-entropy of one example's label. */
export function plainLoss(
  config: T5Config,
  parameters: ReadonlyMap<string, PlainParameter>,
  { prompt, label }: Example,
): number {
  const model = new PlainT5(config, parameters);
  const logits = model.decode(model.encode(prompt), [config.startId, ...label.slice(0, -1)]);
  const losses = label.map((id, t) => {
    const row = logits[t]!;
    const highest = Math.max(...row);
    const sum = row.reduce((total, logit) => total + Math.exp(logit - highest), 0);
    return highest + Math.log(sum) - row[id]!;
  });
  return losses.reduce((total, loss) => total + loss, 0) / losses.length;
}

class PlainT5 {
  constructor(
    readonly config: T5Config,
    readonly parameters: ReadonlyMap<string, PlainParameter>,
  ) {}

  encode(ids: readonly number[]): Matrix {
    let x = ids.map((id) => this.row("shared.weight", id));
    for (let block = 0; block < this.config.encoderLayers; block++) {
      const at = `encoder.block.${block}.layer`;
      let normed = this.norm(x, `${at}.0.layer_norm.weight`);
      const bias = (head: number, q: number, k: number) => this.bias("encoder", head, k - q);
      x = add(x, this.attend(normed, normed, `${at}.0.SelfAttention`, bias));
      normed = this.norm(x, `${at}.1.layer_norm.weight`);
      x = add(x, this.feedForward(normed, `${at}.1.DenseReluDense`));
    }
    return this.norm(x, "encoder.final_layer_norm.weight");
  }

  decode(states: Matrix, ids: readonly number[]): Matrix {
    let x = ids.map((id) => this.row("shared.weight", id));
    for (let block = 0; block < this.config.decoderLayers; block++) {
      const at = `decoder.block.${block}.layer`;
      let normed = this.norm(x, `${at}.0.layer_norm.weight`);
      const bias = (head: number, q: number, k: number) =>
        k > q ? -Infinity : this.bias("decoder", head, k - q);
      x = add(x, this.attend(normed, normed, `${at}.0.SelfAttention`, bias));
      normed = this.norm(x, `${at}.1.layer_norm.weight`);
      x = add(x, this.attend(normed, states, `${at}.1.EncDecAttention`, () => 0));
      normed = this.norm(x, `${at}.2.layer_norm.weight`);
      x = add(x, this.feedForward(normed, `${at}.2.DenseReluDense`));
    }
    x = this.norm(x, "decoder.final_layer_norm.weight");
    if (!this.config.tied) return this.linear(x, "lm_head.weight");
    const scaled = x.map((row) => row.map((value) => value / Math.sqrt(this.config.dModel)));
    return this.linear(scaled, "shared.weight");
  }

  row(name: string, index: number): number[] {
    const { shape, values } = this.parameters.get(name)!;
    const width = shape[1] ?? 1;
    return [...values.subarray(index * width, (index + 1) * width)];
  }

  norm(x: Matrix, name: string): Matrix {
    const { values } = this.parameters.get(name)!;
    return x.map((row) => {
      const square = row.reduce((sum, value) => sum + value * value, 0) / row.length;
      return row.map((value, i) => value / Math.sqrt(square + this.config.epsilon) * values[i]!);
    });
  }

  linear(x: Matrix, name: string): Matrix {
    const outputs = this.parameters.get(name)!.shape[0]!;
    const rows = Array.from({ length: outputs }, (_, output) => this.row(name, output));
    return x.map((input) => rows.map((weights) => dot(input, weights)));
  }

  bias(side: string, head: number, distance: number): number {
    const bucket = relativeBucket(distance, side === "encoder", this.config);
    const at = `${side}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`;
    return this.row(at, bucket)[head]!;
  }

  attend(
    x: Matrix,
    source: Matrix,
    name: string,
    bias: (head: number, query: number, key: number) => number,
  ): Matrix {
    const { heads, dKv } = this.config;
    const [queries, keys, values] = [
      this.linear(x, `${name}.q.weight`),
      this.linear(source, `${name}.k.weight`),
      this.linear(source, `${name}.v.weight`),
    ];
    const mixed = queries.map((query, q) =>
      Array.from({ length: heads }, (_, head) => {
        const part = (row: number[]) => row.slice(head * dKv, (head + 1) * dKv);
        const scores = keys.map((key, k) =>
          Math.exp(dot(part(query), part(key)) + bias(head, q, k))
        );
        const total = scores.reduce((sum, score) => sum + score, 0);
        return Array.from(
          { length: dKv },
          (_, i) => dot(scores, values.map((value) => part(value)[i]!)) / total,
        );
      }).flat()
    );
    return this.linear(mixed, `${name}.o.weight`);
  }

  feedForward(x: Matrix, name: string): Matrix {
    if (this.config.feedForward === "relu") {
      const hidden = this.linear(x, `${name}.wi.weight`);
      return this.linear(hidden.map((row) => row.map((h) => Math.max(h, 0))), `${name}.wo.weight`);
    }
    const [gates, hidden] = ["wi_0", "wi_1"].map((part) =>
      this.linear(x, `${name}.${part}.weight`)
    );
    const gated = gates!.map((row, t) => row.map((gate, i) => gelu(gate) * hidden![t]![i]!));
    return this.linear(gated, `${name}.wo.weight`);
  }
}

function gelu(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

function add(a: Matrix, b: Matrix): Matrix {
  return a.map((row, t) => row.map((value, i) => value + b[t]![i]!));
}
