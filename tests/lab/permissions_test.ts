import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { inTemporaryFolder } from "./temporary.ts";

Deno.test("the lab asks for no more than reading, and writing the run's folder", () =>
  inTemporaryFolder((folder) => {
    const from = (path: string) => JSON.stringify(import.meta.resolve(path));
    const code = `
      import process from "node:process";
      import { RunFolder } from ${from("../../lab/run_folder.ts")};
      import { showProgress } from ${from("../../lab/progress.ts")};
      import { endTable, trainingChart } from ${from("../../lab/terminal.ts")};
      import { renderReport } from ${from("../../lab/report/report.ts")};
      import { CONFIG, sampleEvents, SUMMARY } from ${from("./sample.ts")};
      using run = new RunFolder({ config: CONFIG, out: "run" });
      const plain = await showProgress({ stream: process.stderr, live: false });
      const terminal = { write: () => {}, isTTY: true, columns: 80 };
      const live = await showProgress({ stream: terminal, live: true });
      for (const event of sampleEvents()) for (const { sink } of [run, plain, live]) sink(event);
      plain.stop();
      live.stop();
      run.finish(SUMMARY, {}, () => new Uint8Array());
      const events = sampleEvents();
      run.write("report.html", await renderReport({ summary: SUMMARY, config: CONFIG, events }));
      const points = [1, 2].map((iteration) => ({ iteration, success: 0.5 }));
      console.log(endTable(SUMMARY, { color: true }));
      console.log(await trainingChart(points, 0.2, { color: true }));`;
    const script = `${folder}/script.ts`;
    Deno.writeTextFileSync(script, code);
    const config = fileURLToPath(import.meta.resolve("../../deno.json"));
    const { success, stderr } = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--config", config, "--allow-read", "--allow-write=.", script],
      cwd: folder,
    }).outputSync();
    assert.ok(success, new TextDecoder().decode(stderr));
    assert.ok(Deno.statSync(`${folder}/run/report.html`).size > 10_000);
  }));
