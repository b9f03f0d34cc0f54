import { Session } from "node:inspector";
import type { CpuProfile } from "../lab/profile/calls.ts";

/** Microseconds between samples. */
const INTERVAL = 250;

/** Milliseconds for which {@linkcode settingClocks} runs. */
const SETTING = 20;

/** What was sampled, and when it began by the clock of the program. */
export interface Sampled {
  readonly profile: CpuProfile;
  readonly startedAt: number;
}

/**
 * V8's sampling profiler on this thread. It needs the permission `sys`.
 *
 * Its clock has a zero of its own: the two are set by a function that is sampled first.
 */
export class Sampler implements Disposable {
  readonly #session = new Session();
  #set = 0;

  /** @param now The program's clock, in milliseconds. */
  constructor(private readonly now: () => number) {
    this.#session.connect();
  }

  async start(): Promise<void> {
    await this.#ask("Profiler.enable");
    await this.#ask("Profiler.setSamplingInterval", { interval: INTERVAL });
    await this.#ask("Profiler.start");
    this.#set = settingClocks(this.now);
  }

  async stop(): Promise<Sampled> {
    const { profile } = await this.#ask("Profiler.stop") as { profile: CpuProfile };
    return { profile, startedAt: this.#set - lastIn(profile, settingClocks.name) };
  }

  [Symbol.dispose](): void {
    this.#session.disconnect();
  }

  #ask(method: string, parameters: object = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#session.post(
        method,
        parameters,
        (error: Error | null, answer?: object) => error ? reject(error) : resolve(answer),
      );
    });
  }
}

/** Works for a while; gives the moment at which it ends. */
function settingClocks(now: () => number): number {
  const end = now() + SETTING;
  let moment = now();
  while (moment < end) moment = now();
  return moment;
}

/** The last sample in a function, in milliseconds since the profile's start. */
function lastIn({ nodes, samples = [], timeDeltas = [] }: CpuProfile, name: string): number {
  const inside = new Set<number>();
  for (const { id, callFrame, children = [] } of nodes) {
    // A node stands before those that it called.
    if (callFrame.functionName !== name && !inside.has(id)) continue;
    for (const one of [id, ...children]) inside.add(one);
  }
  let [time, last] = [0, 0];
  samples.forEach((id, k) => {
    time += timeDeltas[k]! / 1000;
    if (inside.has(id)) last = time;
  });
  return last;
}
