/** Numbers with a shape: what observations are made of. */

/** The array that holds the numbers of each dtype. */
export interface TensorArrays {
  /** Floats of 32 bits. */
  float32: Float32Array;
  /** Whole numbers of 32 bits. */
  int32: Int32Array;
  /** Bytes. */
  uint8: Uint8Array;
}

/** What kind of numbers a tensor holds, by NumPy's names. */
export type Dtype = keyof TensorArrays;

/** Numbers with a shape, row-major: a union by `dtype`, which tells the type of `data`. */
export type Tensor<D extends Dtype = Dtype> = {
  readonly [K in D]: {
    readonly dtype: K;
    readonly shape: readonly number[];
    /** Where the numbers lie: in this machine's memory. */
    readonly place: "host";
    readonly data: TensorArrays[K];
  };
}[D];

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>;
