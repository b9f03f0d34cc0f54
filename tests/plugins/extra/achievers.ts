/** Steps of a made-up env that says what they achieve, as an extra stage sees them. */
import { silence } from "../../../core/kit/guidance.ts";
import { multiDiscrete } from "../../../core/kit/spaces.ts";
import type { AnsweredStep, DecidedStep, EnvSpec, RunPart } from "../../../core/stages/mod.ts";
import { Ticks } from "../../core/stubs.ts";

/** A step of one environment. */
export interface Happening {
  /** What it achieved. */
  readonly achieved?: readonly string[];
  /** How its episode ends by it. */
  readonly ends?: "terminated" | "truncated";
  /** Whether the episode was begun anew before it. */
  readonly first?: boolean;
  /** What is asked. */
  readonly mission?: string;
  /** What the student remembered before it. */
  readonly memory?: number;
}

/** An env of so many environments in which states are hours; missions are made of a few words. */
export function achieverSpec(envs: number): EnvSpec {
  return {
    id: "Achievers",
    envs,
    observation: { hour: multiDiscrete([256]) },
    actions: ["left", "right"],
    missionWords: "go to pick up put next the a red blue ball box and then".split(" "),
    maxSteps: 100,
    autoreset: "same-step",
  };
}

/** Plays steps: at hour h the key is 100 + h and the action h mod 2. */
export class Achiever {
  #hour = 0;
  #ended: boolean[];

  constructor(private readonly extra: RunPart, private readonly envs = 1) {
    this.#ended = new Array<boolean>(envs).fill(true);
  }

  /** @returns The rewards that were added in each step, of the first environment; 0 where none were. */
  play(...steps: readonly (Happening | readonly Happening[])[]): number[] {
    return steps.map((step) => this.#step(Array.isArray(step) ? step : [step]));
  }

  #step(happened: readonly Happening[]): number {
    const { envs } = this;
    const of = (i: number) => happened[i] ?? {};
    const seen = new Ticks(envs);
    seen.data.fill(this.#hour);
    seen.mission = ((i: number) => of(i).mission ?? "go to the red ball") as never;
    const zeros = new Float32Array(envs);
    const withMemory = happened.some(({ memory }) => memory !== undefined);
    const decided: DecidedStep = {
      ...{ iteration: 1, t: 0, observations: seen, guidance: silence(envs, []) },
      keys: new Float64Array(envs).fill(100 + this.#hour),
      firsts: Uint8Array.from({ length: envs }, (_, i) => of(i).first || this.#ended[i] ? 1 : 0),
      memory: withMemory ? Float32Array.from({ length: envs }, (_, i) => of(i).memory!) : undefined,
      decision: {
        ...{ logProbs: zeros, qValues: zeros, values: zeros },
        actions: new Int32Array(envs).fill(this.#hour % 2),
      },
    };
    this.extra.decide?.(decided);
    this.#hour++;
    const ends = (how: string) =>
      Uint8Array.from({ length: envs }, (_, i) => of(i).ends === how ? 1 : 0);
    const answered: AnsweredStep = {
      ...decided,
      step: {
        ...{ observations: new Ticks(envs), finals: new Ticks(envs), rewards: zeros },
        ...{ terminated: ends("terminated"), truncated: ends("truncated") },
      },
      achieved: (i) => of(i).achieved ?? [],
    };
    this.#ended = this.#ended.map((_, i) => of(i).ends !== undefined);
    return (this.extra.answer?.(answered) as Float32Array | undefined)?.[0] ?? 0;
  }
}
