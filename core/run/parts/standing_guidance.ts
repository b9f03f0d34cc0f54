/** Suggestions that stand: each until the env says that it was achieved, or for so many steps. */
import { decodeGuidance, type EncodedGuidance, encodeGuidance } from "../../kit/codec.ts";
import { silence, suggestionOf, withRows } from "../../kit/guidance.ts";
import { pack, type Packed, unpack } from "../../kit/packing.ts";
import type { Env, EnvStep, Guidance, StageState, Student } from "../../stages/mod.ts";

interface KeptStanding {
  readonly said: EncodedGuidance;
  readonly left: Packed<"i32">;
}

/** What stands in N environments, for a student that declares {@linkcode Student.missionSteps}. */
export class StandingGuidance {
  /** What was heard last, by all. */
  #said: Guidance;
  /** [N] steps for which it stands still; 0 where nothing does. */
  readonly #left: Int32Array;

  /** @param student Asked at each step, since it may be replaced; where it declares nothing, nothing stands. */
  constructor(
    private readonly student: () => Pick<Student, "missionSteps">,
    private readonly candidates: readonly string[],
    envs: number,
  ) {
    this.#said = silence(envs, candidates);
    this.#left = new Int32Array(envs);
  }

  /** x_t: what stands, and what is said now where nothing does. */
  hear(fresh: Guidance): Guidance {
    const { missionSteps } = this.student();
    if (!missionSteps) return fresh;
    const left = this.#left;
    const heard = withRows(fresh, this.#said, (i) => left[i]! > 0);
    for (let i = 0; i < left.length; i++) {
      if (left[i]! > 0) left[i]!--;
      else if (heard.choices[i]! >= 0) left[i] = missionSteps - 1;
    }
    return this.#said = heard;
  }

  /** The env has answered: what was achieved, or was said in an episode that ended, stands no more. */
  answer(
    { terminated, truncated }: Pick<EnvStep, "terminated" | "truncated">,
    achieved: Env["achieved"],
  ): void {
    const left = this.#left;
    for (let i = 0; i < left.length; i++) {
      if (left[i] === 0) continue;
      const isOver = terminated[i] === 1 || truncated[i] === 1 ||
        achieved?.(i).includes(suggestionOf(this.#said, i));
      if (isOver) left[i] = 0;
    }
  }

  /** Nothing stands any more. */
  forget(): void {
    this.#left.fill(0);
  }

  /** What stands; undefined where nothing does. */
  save(): StageState["json"] | undefined {
    if (!this.#left.some((steps) => steps > 0)) return undefined;
    const kept: KeptStanding = { said: encodeGuidance(this.#said), left: pack("i32", this.#left) };
    return kept;
  }

  /** Goes on where {@linkcode save} was called. */
  load(json: StageState["json"] | undefined): void {
    this.forget();
    if (json === undefined) return;
    const { said, left } = json as KeptStanding;
    this.#said = decodeGuidance(said, this.candidates);
    this.#left.set(unpack("i32", left));
  }
}
