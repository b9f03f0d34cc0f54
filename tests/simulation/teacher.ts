/** A teacher behind a simulated network, with faults. */
import type { Clock } from "../../core/kit/context.ts";
import { silence, suggest } from "../../core/kit/guidance.ts";
import { definePlugin } from "../../core/pipeline/plugin.ts";
import type { Pcg64 } from "../../core/kit/random.ts";
import type { Guidance, Observations, Stages, Teacher } from "../../core/stages/mod.ts";
import type { StageSpec } from "../../core/pipeline/plugin.ts";

/** What may happen to a question. */
export const FAULTS = ["late", "never", "garbage", "failure", "twice", "dead"] as const;

/** One of {@linkcode FAULTS}. */
export type Fault = typeof FAULTS[number];

/** Those of which the run's results know nothing. */
export const HARMLESS: readonly Fault[] = ["twice"];

/** What a simulated network is made of. */
export interface Network {
  readonly clock: Clock;
  /** Draws latencies and faults. */
  readonly random: Pcg64;
  /** What happens to one question in four; nothing where there is none. */
  readonly faults: readonly Fault[];
  /** Told of each fault. */
  readonly note: (fault: Fault) => void;
}

/** A teacher that says what the state's key tells it, when the network lets it. */
export function networkedTeacher(network: Network): StageSpec<"teacher"> {
  return definePlugin({
    kind: "teacher",
    name: "networked",
    description: "A teacher behind a simulated network.",
    options: {},
    create: (_options, _context, { env }) => new NetworkedTeacher(network, env.actions),
  })();
}

class NetworkedTeacher implements Teacher {
  readonly grain = "action";
  readonly learnsBy = ["memory"] as const;
  /** What it has learned: how often it was praised and blamed. */
  #heard = 0;
  #calls = 0;
  #isDead = false;

  constructor(private readonly network: Network, readonly candidates: readonly string[]) {}

  advise(observations: Observations): Promise<Guidance> {
    this.#calls += observations.envs;
    const { faults, random, note } = this.network;
    const fault = faults.length > 0 && random.random() < 0.25 ? random.choice(faults) : undefined;
    if (fault) note(fault);
    if (fault === "dead") this.#isDead = true;
    return this.#isDead ? this.#after(1, () => fail("The worker has died")) : this.#answer(
      // What is seen is gone when a late answer is made.
      this.#guidance(observations),
      fault,
    );
  }

  receive({ verdicts }: Parameters<Teacher["receive"]>[0]): void {
    for (const { signs } of verdicts) for (const sign of signs) this.#heard += sign;
  }

  usage() {
    return { calls: this.#calls, cacheHits: 0, tokens: 0 };
  }

  save() {
    return { json: { heard: this.#heard } };
  }

  load({ json }: Awaited<ReturnType<NonNullable<Stages["teacher"]["save"]>>>): void {
    this.#heard = (json as { heard: number }).heard;
  }

  #answer(guidance: Guidance, fault: Fault | undefined): Promise<Guidance> {
    const soon = this.network.random.integers(1, 200);
    switch (fault) {
      case "late":
        return this.#after(soon + this.network.random.integers(1000, 60_000), () => guidance);
      case "never":
        return new Promise(() => {});
      case "garbage":
        return this.#after(soon, () => garbled(guidance, this.network.random));
      case "failure":
        return this.#after(soon, () => fail("The connection was reset"));
      case "twice":
        return new Promise((resolve) => {
          const answer = () => resolve(guidance);
          this.#after(soon, answer);
          this.#after(soon + 5, answer);
        });
      default:
        return this.#after(soon, () => guidance);
    }
  }

  #after<T>(milliseconds: number, work: () => T): Promise<T> {
    return this.network.clock.sleep(milliseconds).then(work);
  }

  #guidance(observations: Observations): Guidance {
    const guidance = silence(observations.envs, this.candidates);
    for (let i = 0; i < guidance.envs; i++) {
      const choice = Math.abs(observations.key(i) + this.#heard) % this.candidates.length;
      suggest(guidance, i, choice, 0.8);
    }
    return guidance;
  }
}

function fail(why: string): never {
  throw new Error(why);
}

function garbled(guidance: Guidance, random: Pcg64): Guidance {
  const kinds = [
    () => ({ ...guidance, choices: guidance.choices.map(() => 99) }),
    () => ({ ...guidance, choices: new Int32Array(0) }),
    () => ({ ...guidance, distribution: guidance.distribution.map(() => NaN) }),
    () => ({ ...guidance, distribution: new Float32Array(1) }),
  ];
  return random.choice(kinds)();
}
