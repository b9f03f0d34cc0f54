/** `deno task torture [KILLS]`: kills runs until they were killed so often, and compares digests. */
import { Pcg64 } from "../../core/kit/random.ts";
import { killAndGoOn, undisturbed } from "./kill.ts";

const KILLS_A_RUN = 25;

const kills = Number(Deno.args[0] ?? 1000);
const seed = Number(Deno.args[1] ?? Math.floor(Math.random() * 2 ** 31));
const random = new Pcg64(seed);
const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "tandem-torture-" });
console.log(`seed ${seed}: ${kills} kills in ${folder}`);
try {
  let killed = 0;
  for (let run = 0; killed < kills; run++) {
    const digest = await undisturbed(folder, run);
    const wanted = Math.min(KILLS_A_RUN, kills - killed);
    const survival = await killAndGoOn(`${folder}/${run}`, wanted, run, random);
    if (survival.digest !== digest) {
      throw new Error(`Run ${run} came to "${survival.digest}" and not to "${digest}".`);
    }
    killed += survival.kills;
    console.log(`${killed} kills, ${run + 1} runs, no digest differs`);
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
