import type { Tensor, TensorFlow } from "./tfjs.ts";

/** Rows of numbers, such as an update's metrics, that stay on the device until their mean is asked for. */
export class RowMeans {
  #rows: Tensor[] = [];

  /** Means that have no tensors yet. */
  constructor(private readonly tf: TensorFlow) {}

  /** Takes over a row [n]; all are of one length. */
  add(row: Tensor): void {
    this.#rows.push(row);
  }

  /** [n] the mean of the rows since it was asked last, which are let go; the caller's to dispose. */
  take(): Tensor {
    const means = this.tf.tidy(() => this.tf.mean(this.tf.stack(this.#rows), 0));
    this.dispose();
    return means;
  }

  /** Frees its tensors. */
  dispose(): void {
    this.tf.dispose(this.#rows);
    this.#rows = [];
  }
}
