import * as v from "valibot";
import { definePlugin, option, type Plugin, stageOption, TandemError } from "@tandem/core";
import { described, scopedContext } from "@tandem/core/internal";
import { record } from "./record.ts";
import { isOutside } from "./recording_file.ts";
import { replay } from "./replay.ts";
import { readTape } from "./tape.ts";
import type { CassetteOptions } from "../options.ts";

const options = {
  file: described(
    "The recording, a JSONL file relative to the working directory; a new one, or a cassette.",
    v.pipe(v.string(), v.nonEmpty()),
  ),
  of: option("The teacher to record; replaying needs none.", stageOption("teacher")),
  mode: option(
    '"auto" replays the file where there is one, and records it otherwise.',
    v.picklist(["auto", "record", "replay"]),
    "auto",
  ),
  missing: option(
    "What is done when a recording has no answer: fail, or give no guidance.",
    v.picklist(["fail", "silence"]),
    "fail",
  ),
} as const;

/** Records another teacher's answers to a file and replays them bit for bit. */
export const cassette: Plugin<"teacher", CassetteOptions> = definePlugin({
  kind: "teacher",
  name: "cassette",
  description: "Records another teacher's answers to a file and replays them bit for bit.",
  details: `
    Records another teacher's answers by content (what was seen, and how often it had been seen
    before) and replays them bit for bit, without a model, a key or a network. Replayed in the
    pipeline that recorded it, with the same seed, a run is bit-identical.

    It writes a new file, or over another cassette, never over anything else and through no link.
    A pipeline in JSON records where its owner allowed "write", and outside the working directory
    where he allowed "write-outside" as well.

    A recorded teacher learns while it is recorded; its recording does not.`,
  options,
  usesOracle: ({ of }) => of?.usesOracle === true,
  effects: ({ mode, file = "" }) =>
    mode === "replay" ? [] : isOutside(file) ? ["write", "write-outside"] : ["write"],
  async create({ file, of, mode, missing }, context, wiring) {
    if (mode === "replay" || mode === "auto" && await exists(file)) {
      const tape = await readTape(file);
      if (tape.header.oracle && !of?.usesOracle) {
        context.emit({
          type: "warning",
          code: "W_NOTE",
          message: `The cassette "${file}" holds the expert's knowledge: this run is a control.`,
        });
      }
      return replay(tape, file, missing, wiring.env);
    }
    if (!of) {
      throw new TandemError(
        "E_OPTION",
        `The cassette "${file}" ${mode === "auto" ? "does not exist" : "is to be recorded"}, and ` +
          `the option "of" names no teacher to record.`,
      );
    }
    const teacher = await of.create(scopedContext(context, "cassette"), wiring);
    try {
      return record(teacher, file, { env: wiring.env.id, oracle: of.usesOracle });
    } catch (error) {
      await teacher.dispose?.();
      throw error;
    }
  },
});

async function exists(file: string): Promise<boolean> {
  try {
    return (await Deno.stat(file)).isFile;
  } catch {
    return false;
  }
}
