/** What stages of a pipeline begin with, as far as it decides what a run comes to. */

/** How a trial of the same comparison stands as the run that a stage begins from. */
const TRIAL = "trial:";

/** What stands for the trial with a key. */
export function trialSource(key: string): string {
  return TRIAL + key;
}

/** The key of the trial that a source stands for; undefined where it is a run's folder. */
export function trialKeyIn(run: string): string | undefined {
  return run.startsWith(TRIAL) ? run.slice(TRIAL.length) : undefined;
}

/**
 * Pipelines, stages and options without the places of the runs that stages begin from: what was learned
 * there is known by its SHA-256, wherever it lies.
 */
export function withoutPlaces<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutPlaces) as T;
  const entries = Object.entries(value).map(([key, item]) => [key, withoutPlaces(item)]);
  const plain = Object.fromEntries(entries);
  if (typeof plain.plugin !== "string" || typeof plain.from?.sha256 !== "string") return plain;
  const { run: _, ...from } = plain.from;
  return { ...plain, from };
}

/** The same without what stages begin with. */
export function withoutSources<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutSources) as T;
  const entries = Object.entries(value).filter(([key]) => key !== "from" || !("plugin" in value));
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutSources(item)])) as T;
}
