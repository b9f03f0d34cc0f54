/**
 * Texts that begin alike, as a tree of tokens: what they share is run once, and all of them stand
 * in one row behind their prompt, each seeing only its own beginning.
 */

/** A tree of tokens. Node 0 is the end of what goes before; every other node holds a token. */
export interface TokenTree {
  /** Token of each node; of node 0, what the caller says. */
  readonly tokens: readonly number[];
  readonly parents: readonly number[];
  /** Tokens between node 0 and a node. */
  readonly depths: readonly number[];
  /** Steps to weigh: what the model says of `token` after `node`. */
  readonly edges: readonly { readonly node: number; readonly token: number }[];
  /** The edges of each text, in the order of its tokens. */
  readonly paths: readonly (readonly number[])[];
}

/**
 * Builds the tree of texts. Nodes that nothing follows are left out: no one asks what comes after.
 *
 * @param texts [any number][length > 0] ids.
 * @param root The token of node 0.
 * @example
 * ```ts
 * import { tokenTree } from "./token_tree.ts";
 * import assert from "node:assert/strict";
 * const tree = tokenTree([[7, 8], [7, 9], [5]], 0);
 * assert.deepEqual(tree.tokens, [0, 7]);
 * assert.deepEqual(tree.depths, [0, 1]);
 * assert.equal(tree.edges.length, 4);
 * assert.deepEqual(tree.paths, [[0, 1], [0, 2], [3]]);
 * ```
 */
export function tokenTree(texts: readonly (readonly number[])[], root: number): TokenTree {
  const tokens = [root];
  const parents = [-1];
  const depths = [0];
  const edges: { node: number; token: number }[] = [];
  const edgeOf = new Map<string, number>();
  const nodeOf = new Map<number, number>();
  const paths = texts.map((ids) => {
    let node = 0;
    return ids.map((token, t) => {
      const key = `${node} ${token}`;
      const edge = edgeOf.get(key) ?? edges.push({ node, token }) - 1;
      edgeOf.set(key, edge);
      if (t === ids.length - 1) return edge;
      let child = nodeOf.get(edge);
      if (child === undefined) {
        child = tokens.push(token) - 1;
        parents.push(node);
        depths.push(t + 1);
        nodeOf.set(edge, child);
      }
      node = child;
      return edge;
    });
  });
  return { tokens, parents, depths, edges, paths };
}

/** The nodes that a node sees: itself and those between it and node 0, node 0 included. */
export function ancestors({ parents }: TokenTree, node: number): number[] {
  const seen: number[] = [];
  for (let at = node; at >= 0; at = parents[at]!) seen.push(at);
  return seen;
}
