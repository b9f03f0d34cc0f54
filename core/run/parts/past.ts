/** What a run keeps of steps of before, where the feedback rule asks for it. */
import { decodeRollout, type EncodedRollout, encodeRollout } from "../../kit/codec.ts";
import type { RolloutBuffer } from "../../kit/rollout_buffer.ts";
import { expectMemory } from "../../kit/bounds.ts";
import { bytesOf } from "../../kit/tensors.ts";
import type {
  AnsweredStep,
  DecidedStep,
  EnvSpec,
  EvidenceRequest,
  Rollout,
  RunPart,
  StageState,
} from "../../stages/mod.ts";

/** A step of before. */
export interface KeptStep {
  /** A rollout of this step alone, which later steps do not overwrite. */
  readonly rollout: Rollout;
  /** [N] s_t in words. */
  readonly texts: readonly (readonly string[])[];
}

interface SavedPast {
  readonly from: number;
  readonly steps: readonly {
    readonly rollout: EncodedRollout;
    readonly texts: KeptStep["texts"];
  }[];
}

/** Notes what each step showed in words and achieved, and keeps the last of them. */
export class Past implements RunPart {
  readonly #texts: (readonly (readonly string[])[])[] = [];
  readonly #achieved: (readonly (readonly string[])[])[] = [];
  /** The steps that are known, the oldest first, and which step of the run that is. */
  #kept: KeptStep[] = [];
  #from = 0;

  /**
   * @param candidates The teacher's.
   * @throws {TandemError} E_OPTION where the observations of so many steps are too large.
   */
  constructor(
    private readonly request: EvidenceRequest,
    private readonly spec: EnvSpec,
    private readonly candidates: readonly string[],
  ) {
    const { past = 0 } = request;
    const { envs, observation } = spec;
    expectMemory("The past that the feedback rule asks for", past * envs * bytesOf(observation));
  }

  /** The first step of the run that is known. */
  get from(): number {
    return this.#from;
  }

  decide({ t, observations }: DecidedStep): void {
    if (!this.request.past) return;
    const { envs } = observations;
    this.#texts[t] = Array.from({ length: envs }, (_, i) => [...observations.text(i)]);
  }

  answer({ t, step, achieved }: AnsweredStep): void {
    if (!this.request.achievements) return;
    this.#achieved[t] = Array.from(step.terminated, (_, i) => [...achieved(i)]);
  }

  /** [N] what step t of the rollout at hand achieved; undefined where nobody asks. */
  achieved(t: number): readonly (readonly string[])[] | undefined {
    return this.#achieved[t];
  }

  /**
   * Keeps step t of the rollout at hand, and forgets what is too old.
   *
   * @param at Which step of the run it is.
   */
  keep(buffer: RolloutBuffer, t: number, at: number): void {
    const { past = 0 } = this.request;
    if (past === 0) return;
    if (at !== this.#from + this.#kept.length) [this.#kept, this.#from] = [[], at];
    this.#kept.push({ rollout: buffer.keep(t, t + 1), texts: this.#texts[t]! });
    if (this.#kept.length <= past + 1) return;
    this.#kept.shift();
    this.#from++;
  }

  /** A step of the run that is known. */
  step(at: number): KeptStep {
    return this.#kept[at - this.#from]!;
  }

  save(): StageState {
    const steps = this.#kept.map(({ rollout, texts }) => ({
      rollout: encodeRollout(rollout),
      texts,
    }));
    return { json: { from: this.#from, steps } satisfies SavedPast };
  }

  /** Knows again what was saved. */
  load({ json }: StageState): void {
    const { candidates, spec } = this;
    const { from, steps } = json as SavedPast;
    this.#from = from;
    this.#kept = steps.map(({ rollout, texts }) => ({
      rollout: decodeRollout(rollout, candidates, spec),
      texts,
    }));
  }
}
