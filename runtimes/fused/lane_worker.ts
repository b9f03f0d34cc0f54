/** A thread that computes beside the one that asks. It waits for calls until all is over. */
import { threadScope } from "../threads/scope.ts";
import { endLanes, type FromLane, PLACE, type ToLane } from "./lane_protocol.ts";
import { compiled } from "./modules.ts";

const scope = threadScope<ToLane, FromLane>();

scope.listen(async ({ memory, relaxed, lane, lanes }) => {
  const instance = new WebAssembly.Instance(await compiled(relaxed, true), { env: { memory } });
  const follow = instance.exports.follow as (words: number, lane: number, lanes: number) => void;
  scope.postMessage({ ready: true });
  try {
    follow(PLACE, lane, lanes);
  } catch {
    endLanes(new Int32Array(memory.buffer, PLACE, 9)); // The thread that asked tells of it.
  }
  scope.close();
});
