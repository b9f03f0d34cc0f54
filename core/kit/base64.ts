/** Bytes as text. */

/** The methods that newer engines have, and Node 22 has not. */
interface Native {
  toBase64?(this: Uint8Array): string;
}
interface NativeConstructor {
  fromBase64?(text: string): Uint8Array<ArrayBuffer>;
}

/** Characters that are made of bytes at a time: a function takes so many arguments everywhere. */
const CHUNK = 8192;

/**
 * Bytes in base64 (RFC 4648, section 4).
 *
 * @example
 * ```ts
 * import { bytesOfBase64, toBase64 } from "./base64.ts";
 * import assert from "node:assert/strict";
 * assert.equal(toBase64(Uint8Array.of(255, 0)), "/wA=");
 * assert.deepEqual(bytesOfBase64("/wA="), Uint8Array.of(255, 0));
 * ```
 */
export function toBase64(bytes: Uint8Array): string {
  const { toBase64 } = bytes as Native;
  if (toBase64) return toBase64.call(bytes);
  let characters = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    characters += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(characters);
}

/** The bytes that {@linkcode toBase64} was given. @throws {SyntaxError} where the text is no base64. */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  const { fromBase64 } = Uint8Array as NativeConstructor;
  if (fromBase64) return fromBase64(text);
  let characters: string;
  try {
    characters = atob(text);
  } catch {
    throw new SyntaxError("The text is no base64");
  }
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = characters.charCodeAt(at);
  return bytes;
}
