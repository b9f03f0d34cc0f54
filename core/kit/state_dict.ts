/** States side by side under names, as one. */
import type { StageState, StateArray, Stateful } from "../stages/mod.ts";

/** The states by name as one state. */
export function joinStates(states: Readonly<Record<string, StageState>>): StageState {
  const json: Record<string, unknown> = {};
  const arrays: Record<string, StateArray> = {};
  for (const [name, state] of Object.entries(states)) {
    json[name] = state.json;
    for (const [key, array] of Object.entries(state.arrays ?? {})) arrays[`${name}/${key}`] = array;
  }
  return { json, arrays };
}

/** The state that {@linkcode joinStates} was given under a name; undefined where there was none. */
export function partOfState({ json, arrays }: StageState, name: string): StageState | undefined {
  const parts = json as Readonly<Record<string, unknown>>;
  if (!Object.hasOwn(parts, name)) return undefined;
  const own = Object.entries(arrays ?? {})
    .filter(([key]) => key.startsWith(`${name}/`))
    .map(([key, array]) => [key.slice(name.length + 1), array]);
  return { json: parts[name], arrays: Object.fromEntries(own) };
}

/** The states of those parts that have one. */
export async function saveParts(
  parts: Readonly<Record<string, Stateful>>,
): Promise<Record<string, StageState>> {
  const states: Record<string, StageState> = {};
  for (const [name, part] of Object.entries(parts)) {
    const state = await part.save?.();
    if (state) states[name] = state;
  }
  return states;
}

/**
 * `save` and `load` of a stage that is made of others: their states side by side, by name. Parts
 * without state are passed over.
 */
export function stateDict(parts: Readonly<Record<string, Stateful>>): Required<
  Pick<Stateful, "save" | "load">
> {
  return {
    save: async () => joinStates(await saveParts(parts)),
    async load(state) {
      for (const [name, part] of Object.entries(parts)) {
        const own = partOfState(state, name);
        if (own) await part.load?.(own);
      }
    },
  };
}

/** The caches of the stages within a stage as one; undefined where none has one. */
export function cacheDict(parts: Readonly<Record<string, Stateful>>): Stateful["cache"] {
  const caches = Object.entries(parts).flatMap(([name, { cache }]) => cache ? [[name, cache]] : []);
  return caches.length === 0 ? undefined : stateDict(Object.fromEntries(caches));
}
