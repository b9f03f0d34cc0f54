/** Timing that benches share. */

/** What a measurement found. */
export interface Rate {
  /** Median of the samples, units a second. */
  readonly median: number;
  /** Least and greatest sample. */
  readonly low: number;
  readonly high: number;
}

/**
 * Units done in a second: some time to warm up, then samples of equal length.
 *
 * @param work Does some units and returns how many.
 * @param seconds Length of a sample.
 * @param samples Number of samples.
 */
export function measureRate(work: () => number, seconds = 0.4, samples = 5): Rate {
  sample(work, seconds);
  const rates = Array.from({ length: samples }, () => sample(work, seconds)).sort((a, b) => a - b);
  return { median: rates[samples >> 1]!, low: rates[0]!, high: rates[samples - 1]! };
}

function sample(work: () => number, seconds: number): number {
  const start = performance.now(), end = start + 1000 * seconds;
  let done = 0, now = start;
  while (now < end) {
    done += work();
    now = performance.now();
  }
  return done / (now - start) * 1000;
}

/** "4.87 M", "318 k" or "684". */
export function formatRate(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(2)} M`;
  if (rate >= 1e4) return `${(rate / 1e3).toFixed(0)} k`;
  return rate.toFixed(0);
}
