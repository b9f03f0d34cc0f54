/** Steps worlds for a while in a worker of bench/env_bench.ts. */

import { stepper } from "./env_work.ts";
import { measureRate } from "./measure.ts";

/** What a worker is to do. */
export interface WorkerTask {
  readonly level: string;
  readonly actions: number;
  readonly seconds: number;
}

/** Its steps a second. */
export interface WorkerAnswer {
  readonly rate: number;
}

/** What this file needs of a worker's scope, which the project's types do not have. */
interface Scope {
  onmessage: ((event: MessageEvent<WorkerTask>) => void) | null;
  postMessage(answer: WorkerAnswer): void;
}

const scope = globalThis as unknown as Scope;

scope.onmessage = ({ data }) => {
  const { median: rate } = measureRate(stepper(data.level, data.actions), data.seconds, 1);
  scope.postMessage({ rate });
};
