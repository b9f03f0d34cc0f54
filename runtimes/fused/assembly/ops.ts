/**
 * The instructions of a fused program, by number; read by the compiled module and by the TypeScript
 * that writes programs. An instruction is {@linkcode WORDS} words of 32 bits: its number, then its
 * operands in the order in which the compiled functions take them.
 */
export enum Op {
  Gather,
  Scatter,
  ColumnsPrepare,
  Columns,
  ColumnsSlopes,
  ColumnsFinish,
  Dense,
  DenseSlopes,
  InputSlopes,
  Transpose,
  Tanh,
  TanhSlopes,
  Relu,
  ReluSlopes,
  KeepRows,
  KeepRowsSlopes,
  Gru,
  GruSlopes,
  Duel,
  DuelSlopes,
  SquaredError,
  QLoss,
  Standardise,
  PolicyLoss,
  PolicyRows,
  Lean,
  LeanSlopes,
  CountSpoken,
  Imitate,
  Clear,
  Adam,
}

/** Words of one instruction. */
export const WORDS = 20;
