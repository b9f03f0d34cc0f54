import assert from "node:assert/strict";
import { simulate } from "./simulate.ts";

const SEEDS = 1000;

Deno.test(`in ${SEEDS} simulated worlds with faults, a run ends right or can go on until it does`, async () => {
  const { digest } = await simulate(0, true);
  const seen = { disturbed: 0, cut: 0, failed: 0, full: 0 };
  for (let seed = 0; seed < SEEDS; seed++) {
    const replay = `deno run --allow-read tests/simulation/replay.ts ${seed} shows seed ${seed}`;
    const simulation = await simulate(seed).catch((error) => {
      throw new Error(`${error.message} (${replay})`, { cause: error });
    });
    if (!simulation.isDisturbed) assert.equal(simulation.digest, digest, replay);
    const trace = simulation.trace.join("\n");
    seen.disturbed += +simulation.isDisturbed;
    seen.cut += +/the power failed/.test(trace);
    seen.failed += +/E_STAGE|E_SHAPE|E_NUMERIC/.test(trace);
    seen.full += +/No checkpoint was kept/.test(trace);
  }
  for (const [what, worlds] of Object.entries(seen)) {
    assert.ok(worlds > SEEDS / 50 && worlds < SEEDS, `${what}: ${worlds} worlds`);
  }
});

Deno.test("a simulation is the same when it is run again", async () => {
  for (let seed = 0; seed < 20; seed++) {
    assert.deepEqual(await simulate(seed), await simulate(seed), `seed ${seed}`);
  }
});
