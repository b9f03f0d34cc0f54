/** A run's student and teacher as the files of a pack, and back. */
import type { StageState, StageStates } from "@tandem/core";
import { outsideReason, parseExactJson } from "@tandem/core/internal";
import type { ArrayFormat } from "../checkpoint_file.ts";
import { configFromJson } from "../saved_run.ts";
import { stateJson, statesIn } from "../state_folder.ts";
import { type Read } from "../trial_schema.ts";
import { packCard } from "./card.ts";
import type { PackedRun } from "./packed_run.ts";
import { readEvaluation, readVocabulary } from "./contents.ts";
import {
  expectFile,
  jsonIn,
  noPack,
  PACK_CARD,
  PACK_MANIFEST,
  PACKED_STAGES,
  type PackFile,
  type PackManifest,
  packManifest,
  parseManifest,
  STATE_FILES,
} from "./format.ts";

/** The files of a pack, the manifest and the card among them: of the same run, the same bytes. */
export function encodePack(
  run: PackedRun,
  format: Pick<ArrayFormat, "write">,
): ReadonlyMap<string, Uint8Array> {
  const { config: { pipeline, ...config }, states, vocabulary, evaluation } = run;
  const files = new Map<PackFile, Uint8Array>([
    ["config.json", jsonFile(config)],
    ["pipeline.json", jsonFile(pipeline)],
    ["vocabulary.json", jsonFile(vocabulary)],
    ["evaluation.json", jsonFile(evaluation)],
  ]);
  for (const stage of PACKED_STAGES) {
    const state = states[stage];
    if (!state) continue;
    files.set(STATE_FILES[stage].json, stateJson(state));
    if (state.arrays) files.set(STATE_FILES[stage].arrays, format.write(state.arrays));
  }
  const manifest = packManifest(files);
  const card = new TextEncoder().encode(packCard(run, Object.keys(manifest.files)));
  return new Map([[PACK_CARD, card], ...files, [PACK_MANIFEST, jsonFile(manifest)]]);
}

/**
 * Reads a pack from wherever it lies.
 *
 * @param read Gives a file of so many bytes at most.
 * @param from Where it is, for messages.
 * @throws {TandemError} E_FILE where it is none, or a file is not the one that its manifest names; what
 * `read` throws.
 */
export async function decodePack(
  read: (name: string, most: number) => Promise<Uint8Array>,
  from: string,
  format: Pick<ArrayFormat, "read">,
): Promise<PackedRun> {
  const manifest = parseManifest(await read(PACK_MANIFEST, MOST_MANIFEST), from);
  const file = async (name: PackFile) => {
    const bytes = await read(name, manifest.files[name]!.bytes);
    expectFile(bytes, name, manifest, from);
    return bytes;
  };
  const json = async (name: PackFile) => jsonIn(await file(name), name, from);
  const config = await json("config.json");
  const run = {
    config: configFromJson(
      { ...Object(config), pipeline: await json("pipeline.json") },
      `${from}/config.json`,
    ),
    vocabulary: right(readVocabulary(await json("vocabulary.json")), "vocabulary.json", from),
    evaluation: right(readEvaluation(await json("evaluation.json")), "evaluation.json", from),
  };
  const states: { -readonly [S in keyof StageStates]: StageStates[S] } = {};
  for (const stage of PACKED_STAGES) {
    const state = await decodeState(stage, manifest, file, from, format);
    if (state) states[stage] = state;
  }
  return { ...run, states };
}

/** A manifest has some hundreds of bytes. */
const MOST_MANIFEST = 2 ** 20;

async function decodeState(
  stage: typeof PACKED_STAGES[number],
  { files }: PackManifest,
  file: (name: PackFile) => Promise<Uint8Array>,
  from: string,
  format: Pick<ArrayFormat, "read">,
): Promise<StageState | undefined> {
  const names = STATE_FILES[stage];
  if (!files[names.json]) return undefined;
  try {
    const json = parseExactJson(new TextDecoder().decode(await file(names.json)));
    if (!files[names.arrays]) return { json };
    return { json, arrays: format.read(await file(names.arrays), names.arrays) };
  } catch (error) {
    const why = outsideReason(error).replace(/\.$/, "");
    throw noPack(from, `what its ${stage} had learned cannot be read: ${why}`, error);
  }
}

function right<T>(read: Read<T>, name: string, from: string): T {
  if ("value" in read) return read.value;
  throw noPack(from, `its ${name} has no right "${read.wrong}"`);
}

function jsonFile(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

/**
 * The files of a run's folder that was packed: config.json and state/, from which others begin, and what
 * the pack says beside them.
 */
export function* pulledFiles(
  { config, states, vocabulary, evaluation }: PackedRun,
  format: Pick<ArrayFormat, "write">,
): Generator<[name: string, bytes: Uint8Array]> {
  yield ["config.json", jsonFile(config)];
  yield ["vocabulary.json", jsonFile(vocabulary)];
  yield ["evaluation.json", jsonFile(evaluation)];
  yield* statesIn("state/", states, (arrays) => format.write(arrays));
}
