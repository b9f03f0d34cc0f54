/**
 * The instructions of a fused program, by number; read by the compiled module and by the TypeScript
 * that writes programs. An instruction is {@linkcode WORDS} words of 32 bits: its number, then its
 * operands in the order in which the compiled functions take them.
 *
 * @internal
 */
export enum Op {
  Gather,
  Scatter,
  Columns,
  Dense,
  DenseGrads,
  InputGrads,
  Transpose,
  Tanh,
  TanhGrads,
  Relu,
  ReluGrads,
  KeepRows,
  KeepRowsGrads,
  Gru,
  GruGrads,
  Queries,
  QueryGrads,
  Maps,
  MapGrads,
  SquaredError,
  Standardise,
  PolicyLoss,
  ReplayLoss,
  PolicyRows,
  Mask,
  Lean,
  LeanGrads,
  CountSpoken,
  Imitate,
  Clear,
  AddSums,
  AddBits,
  AdamBegin,
  // From here on lanes share the work of one instruction.
  AddGrads,
  ColumnsGrads,
  ColumnsFinish,
  ColumnsPrepare,
  Norm,
  Adam,
}

/** Words of one instruction. */
export const WORDS = 20;

/** The first instruction that lanes share. */
export const FIRST_SHARED = Op.AddGrads;
