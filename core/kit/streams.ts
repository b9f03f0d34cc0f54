/** Random streams as the state of a stage. */
import type { Pcg64, Pcg64State } from "./random.ts";
import type { StageState, Stateful } from "../stages/mod.ts";

/**
 * `save` and `load` of a stage whose whole state is where its random streams stand.
 *
 * @example
 * ```ts
 * import { Pcg64 } from "@tandem/core/kit";
 * import { streamState } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * const random = new Pcg64(0);
 * const { save, load } = streamState({ random });
 * const saved = save();
 * const drawn = random.random();
 * load(saved);
 * assert.equal(random.random(), drawn);
 * ```
 */
export function streamState(
  streams: Readonly<Record<string, Pcg64>>,
): { save(): StageState; load(state: StageState): void } & Stateful {
  return {
    save: () => ({
      json: Object.fromEntries(
        Object.entries(streams).map(([name, stream]) => [name, stream.save()]),
      ),
    }),
    load: ({ json }) => {
      const saved = json as Readonly<Record<string, Pcg64State>>;
      for (const [name, stream] of Object.entries(streams)) stream.load(saved[name]!);
    },
  };
}
