import assert from "node:assert/strict";
import { Pcg64 } from "../../core/kit/random.ts";
import { readEvents } from "../../lab/event_log.ts";
import { withFolder } from "../cli/command.ts";
import { killAndGoOn, undisturbed } from "./kill.ts";

/** A sample of what `deno task torture` does 1,000 times. */
const KILLS = 8;
const KILLS_A_RUN = 4;

Deno.test(`a run that is killed goes on to the same digest: ${KILLS} kills at random moments`, () =>
  withFolder(async (folder) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = new Pcg64(seed);
    const digest = await undisturbed(folder, 0);
    for (let killed = 0, run = 0; killed < KILLS; run++) {
      const out = `${folder}/${run}`;
      const wanted = Math.min(KILLS_A_RUN, KILLS - killed);
      const survival = await killAndGoOn(out, wanted, 0, random);
      assert.equal(survival.digest, digest, `the kills drawn from seed ${seed} changed the run`);
      const iterations = Array.from(readEvents(`${out}/events.jsonl`))
        .flatMap((event) => event.type === "iteration.ended" ? [event.iteration] : []);
      assert.deepEqual(iterations, Array.from({ length: 1000 }, (_, i) => i + 1));
      killed += survival.kills;
    }
  }));
