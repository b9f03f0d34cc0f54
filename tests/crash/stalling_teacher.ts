/** A teacher that stalls once: at a place of a run, and in a way, that a test chooses. */
import { existsSync } from "node:fs";
import * as v from "valibot";
import { silence } from "../../core/kit/guidance.ts";
import type { Context } from "../../core/kit/context.ts";
import { definePlugin } from "../../core/pipeline/plugin.ts";

/** Milliseconds: longer than any test waits. */
const STALL = 60_000;

/** Where: as it is made, when it advises in training or in a measurement, or when it hands out files. */
const options = {
  /** A file that is made when it stalls. Where it is there already, nothing stalls. */
  mark: v.string(),
  place: v.picklist(["create", "train", "evaluate", "files"]),
  /** Rollouts that the teacher has heard of before. */
  after: v.optional(v.number(), 0),
  how: v.picklist(["blocks", "waits", "breathes"]),
} as const;

const WAYS = {
  blocks() {
    const until = Date.now() + STALL;
    while (Date.now() < until);
  },
  waits: () => new Promise<void>((resolve) => setTimeout(resolve, STALL)),
  async breathes(context: Context) {
    const until = Date.now() + STALL;
    while (Date.now() < until) await context.breathe();
  },
};

const stalling = definePlugin({
  kind: "teacher",
  name: "stalling",
  description: "It stalls once.",
  options,
  async create({ mark, place, after, how }, context, { env }) {
    let heard = 0;
    const stall = async (here: string) => {
      if (here !== place || heard < after || existsSync(mark)) return;
      Deno.writeTextFileSync(mark, "");
      await WAYS[how](context);
    };
    await stall("create");
    return {
      grain: "action",
      candidates: env.actions,
      learnsBy: [],
      usage: () => ({ calls: 0, cacheHits: 0, tokens: 0 }),
      receive: () => void heard++,
      async advise({ envs }, mode) {
        await stall(mode);
        return silence(envs, env.actions);
      },
      async files() {
        await stall("files");
        return undefined;
      },
      save: () => ({ json: heard }),
      load: ({ json }) => void (heard = json as number),
    };
  },
});
export default stalling;
