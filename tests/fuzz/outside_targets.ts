/**
 * What comes from other machines, servers, sandboxes and folders: messages of a cluster, answers of
 * rules, rows of stores, replies of chat servers, links, and numbers that fit and are far too large.
 */
import * as fc from "fast-check";
import { join } from "node:path";
import { stateArrays } from "../../experiments/arrays.ts";
import { type MessageKind, readMessage, Unreadable } from "../../experiments/cluster/messages.ts";
import { AllowedFile } from "../../cli/permission/allowed_file.ts";
import { decodeSaved } from "../../experiments/saved_trial.ts";
import { matchCandidate } from "../../core/kit/answer_match.ts";
import type { AnyPlugin } from "../../core/pipeline/plugin.ts";
import { TandemError } from "../../core/base/errors.ts";
import { PLUGIN_KINDS, type PluginKind } from "../../core/stages/mod.ts";
import { masked, outsideText } from "../../core/base/outside.ts";
import { eventOf } from "../../lab/event_schema.ts";
import { csvCell } from "../../lab/export/csv.ts";
import { openSavedRun } from "../../lab/saved_run.ts";
import { trialKey } from "../../lab/store.ts";
import { readRecord } from "../../lab/trial_schema.ts";
import { builtins } from "../../plugins/mod.ts";
import { readReply } from "../../plugins/teacher/chat/reply.ts";
import { parsePythonJson } from "../../runtimes/files/python_json.ts";
import { isPlainPath } from "../../runtimes/files/names.ts";
import { readRules } from "../../runtimes/model_folder/rules.ts";
import { answerOf, ANSWERS } from "../../runtimes/sandbox/answers.ts";
import { pack, unpack } from "../../runtimes/sandbox/codec.ts";
import { SandboxFailure } from "../../runtimes/sandbox/failure.ts";
import { contentOfSeed, recordOf } from "../experiments/cluster/messages.ts";
import { junk, mangledBytes, mangledJson, mangledText } from "./mangle.ts";
import { damagedPacks } from "./packs.ts";
import { type Target, target } from "./target.ts";

const encoder = new TextEncoder();
const bytesOf = (value: unknown) => encoder.encode(JSON.stringify(value) ?? "");

/** Errors that are no {@linkcode TandemError} and yet the contract of what is called. */
function expecting(kind: new (message: string) => Error, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof kind)) throw error;
  }
}

function messages(): Readonly<Record<MessageKind, unknown>> {
  const content = contentOfSeed(3);
  const key = trialKey(content);
  const machine = { version: "0", device: "cpu" };
  return {
    trial: { plan: "p", name: "n", content },
    result: { key, fit: "f", worker: "w", tries: 1, outcome: { record: recordOf(content) } },
    pointer: { object: "result.x" },
    failure: { key, plan: "p", name: "n", tries: 2, message: "gone" },
    plan: {
      ...{ name: "p", trials: 3, done: 1, failed: 0, state: "at work", trialSeconds: 1, toldAt: 5 },
      machine,
    },
    worker: {
      ...{ id: "w", host: "h", jobs: 1, running: [], done: 0, failed: 0, toldAt: 5 },
      machine,
    },
  };
}

function clusterMessages(): Target {
  const samples = Object.entries(messages()) as [MessageKind, unknown][];
  const input = fc.constantFrom(...samples).chain(([kind, sample]) =>
    fc.oneof(mangledJson(sample).map(bytesOf), mangledBytes(bytesOf(sample)))
      .map((bytes) => [kind, bytes] as const)
  );
  return target({
    input,
    try: ([kind, bytes]) => expecting(Unreadable, () => readMessage(kind, bytes)),
  });
}

/** An answer goes through the codec, as it does on its way out. */
function sandboxAnswers(): Target {
  const judged = {
    signs: Int8Array.of(1, -1),
    strengths: Float32Array.of(1, 2),
    words: ["good", "bad"],
  };
  const names = Object.keys(ANSWERS) as (keyof typeof ANSWERS)[];
  const value = fc.oneof(
    mangledJson({ ...judged, signs: [1, -1], strengths: [1, 2] }),
    junk,
    fc.constant(judged),
  );
  return target({
    input: fc.tuple(fc.constantFrom(...names), value),
    try: ([name, answer]) =>
      expecting(SandboxFailure, () => answerOf(name, unpack(pack(answer)), 2)),
  });
}

const SECRET = "sk-0123456789abcdef";

/** A text with a key somewhere in it. */
const withSecret = fc.tuple(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }))
  .map(([before, after]) => `${before}${SECRET}${after}`);

// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

function shownTexts(): Target {
  return target({
    input: withSecret,
    try(text) {
      const shown = outsideText(text, { secrets: [SECRET] });
      if (CONTROLS.test(shown)) throw new Error(`a control character is left in "${shown}"`);
      if (shown.includes(SECRET.slice(0, 12))) throw new Error(`the key is left in "${shown}"`);
      if (masked(text, [SECRET]).includes(SECRET)) throw new Error("the key is left by masked()");
    },
  });
}

function cells(): Target {
  return target({
    input: fc.oneof(fc.string({ unit: "binary" }), fc.string().map((text) => `=${text}`)),
    try(text) {
      const cell = csvCell(text).replace(/^"/, "");
      if (/^[=+\-@\t\r]/.test(cell)) throw new Error(`${JSON.stringify(cell)} is a formula`);
    },
  });
}

const CANDIDATES = ["turn left", "turn right", "go forward", "-1", "→", "é"];

function chatReplies(): Target {
  const reply = {
    choices: [{ message: { content: "turn left" }, finish_reason: "stop" }],
    usage: { total_tokens: 3 },
  };
  return target({
    input: fc.oneof(
      mangledJson(reply).map((value) => JSON.stringify(value) ?? ""),
      mangledText(JSON.stringify(reply)),
    ),
    try: (body) => readReply(body),
  });
}

/** Whatever is answered, a candidate is named or none is; one that is said itself is meant. */
function chatAnswers(): Target {
  return target({
    input: fc.oneof(
      fc.string({ unit: "binary" }),
      mangledText("<think>turn right</think>turn left"),
    ),
    try(answer) {
      const named = matchCandidate(answer, CANDIDATES);
      if (named < -1 || named >= CANDIDATES.length) throw new Error(`"${named}" is no candidate`);
      CANDIDATES.forEach((candidate, index) => {
        if (matchCandidate(candidate, CANDIDATES) !== index) {
          throw new Error(`"${candidate}" is missed`);
        }
      });
    },
  });
}

const HUGE = [2 ** 31, 2 ** 53, 1e15, 1e308, -1e308, 1e-320, -0, NaN, Infinity] as const;

/** A number for each option of each plugin: it is refused with a code, or the stage is chosen. */
function hugeOptions(): Target {
  const options = PLUGIN_KINDS.flatMap((kind) =>
    Object.values<AnyPlugin<PluginKind>>(builtins[kind]).flatMap((plugin) =>
      Object.keys(plugin.options).map((name) => [plugin, name] as const)
    )
  );
  return target({
    input: fc.tuple(fc.constantFrom(...options), fc.constantFrom(...HUGE)),
    try: ([[plugin, name], value]) => void plugin.stage({ [name]: value }),
  });
}

/** A link stands in a run's folder: it is refused, and what it leads to stays as it was. */
function linkedFolders(config: unknown): Target {
  const places = ["events.jsonl", "summary.json", "report.html", "checkpoints", "state", "x/y"];
  return target({
    share: 0.02,
    input: fc.tuple(fc.constantFrom(...places), fc.boolean()),
    async try([place, isFolder], folder) {
      const run = await Deno.makeTempDir({ dir: folder });
      const outside = await Deno.makeTempDir({ dir: folder });
      await Deno.writeTextFile(join(run, "config.json"), JSON.stringify(config));
      await Deno.writeTextFile(join(outside, "kept"), "kept");
      await Deno.mkdir(join(run, "x"));
      // Deno's own call for it would need the right to write anywhere.
      const to = isFolder ? outside : join(outside, "kept");
      const made = await new Deno.Command("ln", { args: ["-s", to, join(run, place)] }).output();
      if (!made.success) throw new Error("no link could be made");
      let refused = false;
      try {
        openSavedRun(run, stateArrays, () => {}).lock.close();
      } catch (error) {
        if (!(error instanceof TandemError)) throw error;
        refused = true;
      }
      if (!refused) throw new Error(`a link at "${place}" was taken`);
      const left = Array.from(Deno.readDirSync(outside), ({ name }) => name);
      const kept = await Deno.readTextFile(join(outside, "kept"));
      if (left.length !== 1 || kept !== "kept") throw new Error("something was written outside");
    },
  });
}

/** Names of a listing stay within its folder. */
function listedNames(): Target {
  const part = fc.constantFrom(
    "..",
    ".",
    "",
    "a",
    "C:",
    "con",
    "\\",
    "/",
    "b.onnx",
    "\0",
    "nul.txt",
  );
  return target({
    input: fc.oneof(fc.array(part, { maxLength: 5 }).map((parts) => parts.join("/")), fc.string()),
    try(name) {
      if (!isPlainPath(name)) return;
      const there =
        new URL(encodeURI(name).replaceAll("%2F", "/"), "file:///models/here/").pathname;
      if (!there.startsWith("/models/here/")) throw new Error(`"${name}" leaves its folder`);
    },
  });
}

/** @param config A run's config.json. */
export function outsideTargets(config: unknown): Readonly<Record<string, Target>> {
  const record = recordOf(contentOfSeed(3));
  const event = {
    type: "evaluated",
    iteration: 1,
    success: { rate: 0.5, ci95: [0, 1], episodes: 2, meanReward: 0, meanSteps: 1 },
    guidanceAccuracy: { rate: 0.5, states: 1, calibration: [] },
  };
  const rules = {
    forced_eos_token_id: 1,
    suppress_tokens: [1, 2],
    min_length: 3,
    no_repeat_ngram_size: 2,
  };
  const allowed = { tandem: 1, allowed: [{ sha256: "0".repeat(64), what: "x" }] };
  return {
    "cluster messages": clusterMessages(),
    "trials that were saved": target({
      input: fc.uint8Array({ maxLength: 300 }),
      try: (bytes) => decodeSaved(bytes, "0".repeat(64)),
    }),
    "sandbox answers": sandboxAnswers(),
    "store rows": target({ input: mangledJson(record), try: (value) => readRecord(value) }),
    "event lines": target({
      input: fc.oneof(
        mangledText(JSON.stringify(event)),
        mangledJson(event).map((value) => JSON.stringify(value) ?? ""),
      ),
      try: (line) => eventOf(line),
    }),
    "what was allowed": target({
      share: 0.2,
      input: mangledJson(allowed).map((value) => JSON.stringify(value) ?? ""),
      try(text, folder) {
        Deno.writeTextFileSync(join(folder, "allowed.json"), text);
        new AllowedFile(() => {}, folder).read();
      },
    }),
    "Python's JSON": target({
      input: mangledText('{"a": NaN, "b": [-Infinity, 1e5], "c": "NaN"}'),
      try: (text) => expecting(SyntaxError, () => parsePythonJson(text)),
    }),
    "rules of generation": target({
      input: mangledJson(rules),
      try(value) {
        const json = typeof value === "object" && value !== null ? value : {};
        readRules(json as Readonly<Record<string, unknown>>, "generation_config.json", 100);
      },
    }),
    "chat replies": chatReplies(),
    "chat answers": chatAnswers(),
    "texts that are shown": shownTexts(),
    "cells of CSV": cells(),
    "names in listings": listedNames(),
    "numbers far too large": hugeOptions(),
    "links in folders": linkedFolders(config),
    "damaged packs": damagedPacks(),
  };
}
