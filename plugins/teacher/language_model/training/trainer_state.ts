/** The trained weights and Adam's moments of a trainer as named arrays, and back. */

import { type StateArray, TandemError } from "@tandem/core";
import type { AdamState, TensorFlow, Variable } from "@tandem/runtimes/tfjs";

type Arrays = Readonly<Record<string, StateArray>>;

/** The variables' values by their names, behind the name of what they are. */
export async function weightArrays(
  kind: string,
  variables: ReadonlyMap<string, Variable>,
): Promise<Arrays> {
  const entries = [...variables].map(async ([name, variable]) => {
    const data = (await variable.data<"float32">()).slice();
    return [`${kind}.${name}`, { shape: variable.shape, data }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** @throws {TandemError} E_SHAPE where an array is missing or of another shape. */
export function assignWeights(
  tf: TensorFlow,
  kind: string,
  variables: ReadonlyMap<string, Variable>,
  arrays: Arrays,
): void {
  for (const [name, variable] of variables) {
    const stored = arrays[`${kind}.${name}`];
    if (stored?.shape.join() !== variable.shape.join()) {
      throw new TandemError(
        "E_SHAPE",
        `The state holds weights "${name}" of shape [${stored?.shape ?? ""}] in place of ` +
          `[${variable.shape}].`,
      );
    }
    tf.tidy(() => variable.assign(tf.tensor(Float32Array.from(stored.data), variable.shape)));
  }
}

/** Adam's moments by the variables' numbers. */
export function adamArrays({ first, second }: AdamState): Arrays {
  const named = (kind: string, moments: readonly Float32Array[]) =>
    moments.map((data, i) => [`adam.${kind}.${i}`, { shape: [data.length], data }] as const);
  return Object.fromEntries([...named("first", first), ...named("second", second)]);
}

/** @param count Number of variables. */
export function adamStateOf(
  steps: Pick<AdamState, "steps" | "accBeta1" | "accBeta2">,
  arrays: Arrays,
  count: number,
): AdamState {
  const moments = (kind: string) =>
    Array.from(
      { length: count },
      (_, i) => Float32Array.from(arrays[`adam.${kind}.${i}`]?.data ?? []),
    );
  return { ...steps, first: moments("first"), second: moments("second") };
}
