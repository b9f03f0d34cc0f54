/** Spaces: what values a tensor may hold, in Gymnasium's terms. */

/** One of n categories, 0 to n - 1. */
export interface Discrete {
  /** What the union {@linkcode Space} is told apart by. */
  readonly kind: "discrete";
  /** Bytes, which hold up to 256 categories. */
  readonly dtype: "uint8";
  /** One number. */
  readonly shape: readonly [];
  /** Number of categories. */
  readonly n: number;
}

/** Several categories side by side. */
export interface MultiDiscrete {
  /** What the union {@linkcode Space} is told apart by. */
  readonly kind: "multi-discrete";
  /** Bytes, which hold up to 256 categories each. */
  readonly dtype: "uint8";
  /** [D] */
  readonly shape: readonly [number];
  /** Number of categories of each entry, D of them. */
  readonly nvec: readonly number[];
  /** Entries in no order, or the cells of a grid and what follows. */
  readonly layout: "vector" | "grid";
  /** Entries of a cell of a grid, whose categories are the same for all cells; absent where not told. */
  readonly channels?: number;
}

/** Floats, each between two bounds. */
export interface Box {
  /** What the union {@linkcode Space} is told apart by. */
  readonly kind: "box";
  /** Floats of 32 bits. */
  readonly dtype: "float32";
  /** Sizes of the tensor. */
  readonly shape: readonly number[];
  /** The least value of each entry, row-major; it may be infinite. */
  readonly low: readonly number[];
  /** The largest value of each entry, likewise. */
  readonly high: readonly number[];
}

/** Token ids of a text, filled up with 0. */
export interface TextSpace {
  /** What the union {@linkcode Space} is told apart by. */
  readonly kind: "text";
  /** Whole numbers of 32 bits. */
  readonly dtype: "int32";
  /** The most tokens of a text. */
  readonly shape: readonly [number];
  /** Token ids stand below it; 0 is no token. */
  readonly vocabulary: number;
}

/** What values a tensor may hold. */
export type Space = Discrete | MultiDiscrete | Box | TextSpace;

/** Spaces by name. */
export type Spaces = Readonly<Record<string, Space>>;

/** What an observation is made of, as students tell what they can read. */
export type ObservationKind = "vector" | "grid" | "box" | "text";

/** Whether an action is one of several, or floats. */
export type ActionKind = "discrete" | "continuous";

/** How many numbers a shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** What a student must be able to read to read a space. */
export function kindOf(space: Space): ObservationKind {
  if (space.kind === "multi-discrete") return space.layout;
  return space.kind === "discrete" ? "vector" : space.kind;
}
