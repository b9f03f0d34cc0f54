/** Runs the commands of docs/guide/your-own-model.md against servers that speak each dialect. */
import assert from "node:assert/strict";
import { answerIn, DIALECTS } from "../plugins/teacher/chat/dialects/dialects.ts";
import { withServer } from "../plugins/teacher/chat/server.ts";
import { withFolder } from "../cli/command.ts";
import { inProcess } from "../cli/in_process.ts";

/** Which server stands under which heading, and the method that is found. */
const SERVERS = {
  Ollama: [DIALECTS.ollama, "enum"],
  vLLM: [DIALECTS.vllm, "logprobs"],
  "llama.cpp": [DIALECTS["llama.cpp"], "logprobs"],
  "LM Studio": [DIALECTS["LM Studio"], "enum"],
  OpenAI: [DIALECTS.openai, "logprobs"],
  Azure: [DIALECTS.azure, "logprobs"],
} as const;

/** Makes a run a moment's work. */
const BRIEF = [
  ...["--iterations", "1", "--set", "schedule.envs=2", "--set", "schedule.steps=4"],
  ...["--set", "evaluation.episodes=2", "--set", "evaluation.states=2", "--quiet"],
];

Deno.test("the guide to models of one's own: each server's command runs", async (test) => {
  const url = new URL("../../docs/guide/your-own-model.md", import.meta.url);
  const page = await Deno.readTextFile(url);
  Deno.env.set("TANDEM_TEST_KEY", "k");
  for (const [name, [dialect, method]] of Object.entries(SERVERS)) {
    const section = page.split(`\n## ${name}\n`)[1]!.split("\n## ")[0]!;
    const [, command] = /deno task run (.*)/.exec(section)!;
    await test.step(
      name,
      () =>
        withServer(({ body }) => answerIn(dialect, body), async (baseUrl, seen) => {
          const words = command!.split(" ").map((word) =>
            word.replace(/(?<=^teacher\.keyVariable=)\w+$/, "TANDEM_TEST_KEY")
          );
          const query = /\?\S+/.exec(command!)?.[0] ?? "";
          const more = ["--set", `teacher.baseUrl=${baseUrl}${query}`];
          if (name === "OpenAI") more.push("--set", "teacher.keyVariable=TANDEM_TEST_KEY");
          await withFolder(async (folder) => {
            const out = `${folder}/run`;
            const { status, stderr } = await inProcess(
              "run",
              ...words,
              ...more,
              ...BRIEF,
              "--out",
              out,
            );
            assert.equal(status, 0, stderr);
            const summary = JSON.parse(await Deno.readTextFile(`${out}/summary.json`));
            assert.ok(summary.teacher.answeredBy[method] > 0, JSON.stringify(summary.teacher));
            assert.equal(summary.teacher.dollars > 0, name === "OpenAI");
            const events = await Deno.readTextFile(`${out}/events.jsonl`);
            assert.match(events, new RegExp(`is asked by teacher\\.method=\\\\"${method}`));
            assert.match(events, /may ask up to/);
          });
          assert.equal(seen.at(-1)!.headers.get("api-key"), name === "Azure" ? "k" : null);
        }, true),
    );
  }
  Deno.env.delete("TANDEM_TEST_KEY");
});
