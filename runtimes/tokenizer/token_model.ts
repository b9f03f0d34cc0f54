/** What every model of a tokenizer is. */
import { Unusable } from "./definition.ts";

/** Turns pieces into ids. */
export interface TokenModel {
  /** @throws Unusable where the piece has no ids. */
  encode(piece: string): readonly number[];
  readonly ids: ReadonlyMap<string, number>;
  /** The id of what no token covers, where there is one. */
  readonly unknown?: number;
}

/** The id for what no token covers. @throws Unusable where there is none. */
export function needed(unknown: number | undefined, piece: string): number {
  if (unknown !== undefined) return unknown;
  const shown = JSON.stringify(piece.slice(0, 40)).slice(1, -1);
  throw new Unusable(`no token of it covers "${shown}", and it has none for the unknown`);
}
