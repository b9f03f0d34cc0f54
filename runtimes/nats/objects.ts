/** Objects of a NATS object store, read with bounds: anybody may have written them. */
import type { ObjectStore } from "@nats-io/obj";
import { joinedBytes } from "../files/joined_bytes.ts";

/** Milliseconds that the next part of an object is waited for: its parts may never have been written. */
const PART = 20_000;

/**
 * The bytes under a name, whole. Undefined where there are none, where they are not what its writer
 * said, where it is only a link to elsewhere, or where there are more than `most`.
 */
export async function readObject(
  objects: ObjectStore,
  name: string,
  most: number,
): Promise<Uint8Array | undefined> {
  try {
    const info = await objects.info(name);
    if (!info || info.deleted || info.options?.link || info.size > most) return undefined;
    const found = await objects.get(name);
    if (!found) return undefined;
    found.error.catch(() => {}); // it is thrown by the reader too
    return await whole(found.data.getReader(), most);
  } catch (error) {
    if (isMalformed(error)) return undefined;
    throw error;
  }
}

/** What it says of its size is its writer's word: the bytes are counted too. */
async function whole(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  most: number,
): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  while (true) {
    const part = await within(PART, reader.read());
    if (part?.done) return joinedBytes(parts);
    size += part?.value.length ?? 0;
    if (part && size <= most) parts.push(part.value);
    else {
      await reader.cancel();
      return undefined;
    }
  }
}

/** What a promise gives, or undefined where it takes longer. */
async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), milliseconds);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The client takes an object's description as it comes, and trips over one that is none. */
function isMalformed(error: unknown): boolean {
  if (error instanceof SyntaxError || error instanceof TypeError) return true;
  return error instanceof Error && /digest|link is a bucket/.test(error.message);
}
