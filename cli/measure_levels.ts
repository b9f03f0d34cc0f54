/** Measures levels and keeps what they came to, level by level, so that it can be gone on with. */
import { TandemError } from "../core/base/errors.ts";
import { outsideReason } from "../core/base/outside.ts";
import { LEVEL_IDS, type LevelId } from "../plugins/env/babyai/levels.ts";
import {
  KEPT,
  type KeptLevel,
  type KeptReferences,
  measureLevel,
} from "../plugins/env/babyai/references.ts";
import { draftOf } from "../runtimes/files/draft.ts";

const FILE = new URL("../plugins/env/babyai/references.json", import.meta.url);

/** How {@linkcode measureReferences} goes about it. */
export interface Measuring {
  /** Whether levels that are kept are passed over. */
  readonly missing: boolean;
  /** Is told each level as it is done. */
  tell(line: string): void;
}

/** Measures levels one by one and writes the file after each. */
export async function measureReferences(
  ids: readonly LevelId[],
  { missing, tell }: Measuring,
): Promise<void> {
  const levels: Partial<Record<LevelId, KeptLevel>> = { ...KEPT.levels };
  const open = ids.filter((id) => !missing || !levels[id]);
  for (const [done, id] of open.entries()) {
    const { random, expert } = levels[id] = measureLevel(id);
    try {
      await keep({ ...KEPT, made: new Date().toISOString().slice(0, 10), levels });
    } catch (error) {
      const reason = outsideReason(error);
      throw new TandemError("E_DISK", `"${FILE.pathname}" cannot be written: ${reason}`);
    }
    tell(`${done + 1}/${open.length} ${id}: random ${random}, bot ${expert} of ${KEPT.worlds}`);
  }
}

/** Writes the file whole or not at all, a level a line. */
async function keep({ levels, ...origin }: KeptReferences): Promise<void> {
  const head = Object.entries(origin).map(([name, value]) => `  "${name}": ${spaced(value)},`);
  const rows = LEVEL_IDS.flatMap((id) => levels[id] ? [`    "${id}": ${spaced(levels[id])}`] : []);
  const text = ["{", ...head, '  "levels": {', rows.join(",\n"), "  }", "}", ""].join("\n");
  const draft = draftOf(FILE.pathname);
  await Deno.writeTextFile(draft, text);
  await Deno.rename(draft, FILE);
}

/** JSON on one line, as it is formatted here. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, item]) => `"${name}": ${spaced(item)}`);
  return `{ ${fields.join(", ")} }`;
}
