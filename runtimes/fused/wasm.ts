import { bytesOfBase64 } from "@tandem/core/internal";

/** A WebAssembly module of its bytes in base64, as build.ts writes them into compiled/. */
export function compileBase64(text: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(bytesOfBase64(text));
}
