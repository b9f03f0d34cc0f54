/** Processor time of the thread that asks. */
import process from "node:process";

/**
 * Processor seconds of the calling thread since it began, in steps of the system's clock (some
 * hundredths); undefined where the runtime does not tell them. Threads beside it, such as the
 * compiler's, the collector's and those of a language model in a worker, are not in it.
 */
export function threadSeconds(): number | undefined {
  // Deno and Node from 23.9 on have it; its types may not.
  const { threadCpuUsage } = process as Partial<Record<"threadCpuUsage", () => NodeJS.CpuUsage>>;
  if (!threadCpuUsage) return undefined;
  const { user, system } = threadCpuUsage();
  return (user + system) / 1e6;
}
