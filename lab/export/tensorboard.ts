/** TensorBoard event files: TFRecords of protocol buffers, scalars alone. */
import { outsideText } from "@tandem/core/internal";
import { crc32c } from "./crc32c.ts";

/** A number at a step of a run. */
export interface Scalar {
  /** Such as "eval/success_rate". */
  readonly tag: string;
  /** Environment steps. */
  readonly step: number;
  /** The number. */
  readonly value: number;
  /** Seconds since 1970. */
  readonly wallTime: number;
}

/** The largest number of 32 bits, which is what TensorBoard keeps. */
const LARGEST = 3.4028234663852886e38;
const LONGEST_TAG = 200;

/**
 * The bytes of an event file. Numbers that are not finite are left out; what 32 bits cannot hold stands
 * there as the largest number that they can.
 */
export function tensorBoardFile(scalars: readonly Scalar[], createdAt: number): Uint8Array {
  return joined([tensorBoardStart(createdAt), tensorBoardRecords(scalars)]);
}

/** What an event file begins with. */
export function tensorBoardStart(createdAt: number): Uint8Array {
  return record(joined([double(1, createdAt), bytes(3, text("brain.Event:2"))]));
}

/** What an event file goes on with: records stand end to end, so that more can follow. */
export function tensorBoardRecords(scalars: readonly Scalar[]): Uint8Array {
  const finite = scalars.filter(({ value, step, wallTime }) =>
    Number.isFinite(value) && Number.isFinite(wallTime) && Number.isSafeInteger(step) && step >= 0
  );
  const events = finite.map(({ tag, step, value, wallTime }) => [
    double(1, wallTime),
    varint(2, step),
    bytes(5, bytes(1, joined([bytes(1, text(tagOf(tag))), float(2, value)]))),
  ]);
  return joined(events.map((fields) => record(joined(fields))));
}

/** Tags come from stages, and those from anywhere. */
function tagOf(name: string): string {
  return outsideText(name, { max: LONGEST_TAG });
}

/** A name that TensorBoard takes for an event file's. */
export function eventFileName(createdAt: number): string {
  return `events.out.tfevents.${Math.floor(createdAt)}.tandem`;
}

/** A TFRecord: length, its masked CRC, the data, its masked CRC. */
function record(data: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(data.length), true);
  return joined([length, maskedCrc(length), data, maskedCrc(data)]);
}

/** TFRecord's mask keeps the CRC of data that holds CRCs from being trivial. */
function maskedCrc(data: Uint8Array): Uint8Array {
  const crc = crc32c(data);
  const masked = (crc >>> 15 | crc << 17) + 0xa282ead8 >>> 0;
  const encoded = new Uint8Array(4);
  new DataView(encoded.buffer).setUint32(0, masked, true);
  return encoded;
}

// Fields of protocol buffers: a key of number and wire type, then the value.

function double(field: number, value: number): Uint8Array {
  const encoded = new Uint8Array(9);
  encoded[0] = field << 3 | 1;
  new DataView(encoded.buffer).setFloat64(1, value, true);
  return encoded;
}

function float(field: number, value: number): Uint8Array {
  const encoded = new Uint8Array(5);
  encoded[0] = field << 3 | 5;
  new DataView(encoded.buffer).setFloat32(1, Math.max(-LARGEST, Math.min(LARGEST, value)), true);
  return encoded;
}

function varint(field: number, value: number): Uint8Array {
  return Uint8Array.of(field << 3, ...base128(value));
}

function bytes(field: number, value: Uint8Array): Uint8Array {
  return joined([Uint8Array.of(field << 3 | 2, ...base128(value.length)), value]);
}

/** A whole number in groups of seven bits, the lowest first. */
function base128(value: number): number[] {
  const groups: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) groups.push(value % 128 | 128);
  return [...groups, value];
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
