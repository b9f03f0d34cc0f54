/** Students that read what is said in the place of their mission: the same for every network. */
import type { Student, Wirings } from "@tandem/core";
import { type GuidanceMode, type MissionOptions, readingMissions } from "@tandem/core/kit";

/**
 * Makes a student; where guidance is its mission, of one that is told of no candidates.
 *
 * @param make Makes one that hears guidance as candidates.
 * @throws TandemError E_WIRING as {@linkcode readingMissions} says, and what `make` throws.
 */
export async function openReader<O extends MissionOptions & { readonly guidance: GuidanceMode }>(
  options: O,
  wiring: Wirings["student"],
  make: (options: O, wiring: Wirings["student"]) => Promise<Student>,
): Promise<Student> {
  if (options.guidance !== "mission") return await make(options, wiring);
  const reading = readingMissions(wiring, options);
  return reading(await make({ ...options, guidance: "features" }, { ...wiring, candidates: [] }));
}
