/** Names that a decoder's graph has once it is rewritten for trees of tokens. */
export const TREE = {
  /** Input, int64 [T]: each new token's place in the chain behind the cache. */
  rows: "tandem.rows",
  /** Input, int64 [past + T]: each seen token's place in the chain. */
  columns: "tandem.columns",
  /** Input, float32 [T, past + T]: 0 where a token sees another, a large negative number elsewhere. */
  mask: "tandem.mask",
  /** Input, int64 [M, 3]: row, position and token of what is asked. */
  picks: "tandem.picks",
  /** Output, float32 [M]: log-probabilities of the picks. */
  logProbs: "tandem.log_probs",
  /** Output, float32 [M]: logits of the picks. */
  logits: "tandem.logits",
  /** Output, where it is found: the decoder's last hidden states [rows, T, width]. */
  hidden: "tandem.hidden",
} as const;
