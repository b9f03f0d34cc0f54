/** The features of a state by name: the whole of it, and each thing seen in it. */
export interface StateFeatures {
  readonly whole: string;
  readonly parts: readonly string[];
}

/** The features of a state in words. */
export function featuresOf(mission: string, seen: readonly string[]): StateFeatures {
  return {
    whole: [mission, ...seen].join("|"),
    // Told apart from a state in which the thing is all that is seen.
    parts: seen.map((line) => `${mission}||${line}`),
  };
}
