/** Graphs on their way into ONNX Runtime. */

/** A graph that can be loaded. */
export interface GraphSource {
  /** The file that it comes from, for messages. */
  readonly name: string;
  /** Its bytes, and the files that its tensors lie in. @throws TandemError E_MODEL. */
  read(): Promise<GraphBytes>;
}

/** A graph's bytes, and the files that its tensors lie in, by the path that it has for them. */
export interface GraphBytes {
  readonly bytes: Uint8Array;
  readonly externalData: readonly { readonly path: string; readonly data: Uint8Array }[];
}
