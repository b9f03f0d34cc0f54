/** A new runtime is a file and an entry in the table, and the compiler asks for the entry. */
import assert from "node:assert/strict";
import { outcome, ROOT, withFolder } from "../../cli/command.ts";
import { fixtureDir } from "./fixtures.ts";

const RUNTIMES = new URL("../../../runtimes/language_model/", import.meta.url);

/** A runtime without a model: it writes the prompt again, and prefers candidates that are in it. */
const ECHO = `
import type { DecoderState, Step } from "./decoder.ts";
import type { LanguageModelRuntime } from "./runtime.ts";

export const echoRuntime: LanguageModelRuntime = {
  effects: [],
  severalThreads: "here",
  open(_dir, { vocabSize: vocab }) {
    const step = (state: DecoderState, at: number): Step => {
      const data = new Float32Array(state.rows * vocab);
      state.ids.forEach((ids, row) => data[row * vocab + ids[at % ids.length]!] = 100);
      return { logits: { data, rows: state.rows, positions: 1, vocab }, state };
    };
    let written = 0;
    const engine = {
      batches: (prompts: readonly unknown[]) => prompts.map((_, row) => [row]),
      start: (ids: readonly (readonly number[])[]) =>
        Promise.resolve(step({ rows: ids.length, ids, mask: ids.map((row) => row.map(() => 1)) }, written = 0)),
      decoder: {
        extend: (state: DecoderState) => Promise.resolve(step(state, ++written)),
        select: (state: DecoderState, rows: readonly number[]) =>
          ({ ...state, rows: rows.length, ids: rows.map((row) => state.ids[row]!) }),
      },
      weigh: (
        prompts: readonly (readonly number[])[],
        candidates: readonly (readonly (readonly number[])[])[],
      ) => Promise.resolve(prompts.map((prompt, row) =>
        candidates[row]!.map((ids) => {
          const logits = ids.map((id) => prompt.includes(id) ? 0 : -9);
          return { logProbs: logits, logits };
        })
      )),
      release: () => Promise.resolve(),
    };
    const info = { dtype: "fp32", layout: "plain", backend: "echo", threads: 1 } as const;
    return Promise.resolve({ engine, info });
  },
};
`;

const USE = `
import { readModelConfig } from "../model_folder/config.ts";
import { languageModelOf } from "./language_model.ts";
import { RUNTIMES } from "./runtimes.ts";

const dir = ${JSON.stringify(fixtureDir("gpt2"))};
const config = await readModelConfig(dir);
const model = await languageModelOf(dir, config, () => RUNTIMES.echo.open(dir, config, {}));
const prompt = "go to the red ball";
const [{ text } = { text: "" }] = await model.generate([prompt], { maxTokens: 50 });
const [{ distribution } = { distribution: [] }] = await model.score([prompt], [" ball", " zzz"]);
console.log(JSON.stringify({ backend: model.info.backend, text, ball: distribution[0] }));
`;

/** A source of the runtimes' folder as it may stand in a folder elsewhere. */
function elsewhere(source: string): string {
  return source.replaceAll(/"(\.\.?\/(?!echo_runtime|runtimes\.ts)[^"]+)"/g, (_, path) => {
    return JSON.stringify(new URL(path, RUNTIMES).href);
  });
}

const deno = (...args: string[]) =>
  outcome(
    new Deno.Command(Deno.execPath(), {
      args,
      cwd: ROOT,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn(),
  );

Deno.test("a runtime of language models is a file and an entry, without which nothing compiles", () =>
  withFolder(async (folder) => {
    const table = await Deno.readTextFile(new URL("runtimes.ts", RUNTIMES));
    const named = table.replace(/(RUNTIME_NAMES = \[[^\]]*)\]/, '$1, "echo"]');
    const whole = named
      .replace(/^import /m, 'import { echoRuntime } from "./echo_runtime.ts";\nimport ')
      .replace(/\n};/, "\n  echo: echoRuntime,\n};");
    const path = `${folder}/runtimes.ts`;
    const check = () => deno("check", "--quiet", "--config", `${ROOT}deno.json`, path);

    await Deno.writeTextFile(path, elsewhere(named));
    const without = await check();
    assert.equal(without.status, 1);
    assert.match(without.stderr, /Property 'echo' is missing/);

    await Deno.writeTextFile(path, elsewhere(whole));
    await Deno.writeTextFile(`${folder}/echo_runtime.ts`, elsewhere(ECHO));
    assert.equal((await check()).stderr, "");

    await Deno.writeTextFile(`${folder}/use.ts`, elsewhere(USE));
    const { stdout, stderr } = await deno(
      ...["run", "--no-prompt", "--no-check", "--config", `${ROOT}deno.json`],
      ...["--allow-read", `${folder}/use.ts`],
    );
    assert.equal(stderr, "");
    const said = JSON.parse(stdout);
    assert.equal(said.backend, "echo");
    assert.match(said.text, /^go to the red ball/);
    assert.ok(said.ball > 0.99);
  }));
