/** Advice on trial: whether a teacher is heard is decided by what hearing it has brought. */
import { pack, type Packed, unpack } from "../../kit/packing.ts";
import type { Pcg64, Pcg64State } from "../../kit/random.ts";
import { type Arms, TwoArms } from "../../kit/two_arms.ts";
import type { EnvStep, StageState } from "../../stages/mod.ts";

interface KeptTrial {
  readonly arms: Arms;
  readonly heard: Packed<"u8">;
  readonly returns: readonly number[];
  readonly random: Pcg64State;
}

/**
 * Decides for each environment, when an episode begins, whether the student hears its teacher in it: a
 * bandit of two arms, whose rewards are the episodes' undiscounted returns G, by Thompson sampling,
 *
 *     heard if z_1 > z_0,  z_k ~ N(m_k, s^2 / n_k)
 *
 * with n_k, m_k the discounted number and mean of the returns of arm k (each episode that ends leaves
 * 1 - 1 / 256 of what was counted before) and s^2 their variance within the arms. With probability
 * 2 `share` a coin decides instead, and so it does until two returns of each arm are known, so that
 * either is tried in at least `share` of the episodes. Since chance decides episode by episode, the
 * difference of the means is what hearing the teacher is worth, whatever else changes. (Thompson 1933;
 * discounted for what changes: Garivier & Moulines, arXiv 0805.3415.)
 */
export class AdviceTrial {
  /** Without the teacher, and with it. */
  readonly #arms = new TwoArms();
  /** [N] 1 where this episode hears the teacher, and what it has brought so far. */
  readonly #heard: Uint8Array;
  readonly #returns: Float64Array;

  /**
   * @param envs N. @param share Least share of episodes with the teacher, and without; up to 0.5.
   * @param random A stream of the trial's own.
   */
  constructor(envs: number, private readonly share: number, private readonly random: Pcg64) {
    this.#heard = new Uint8Array(envs).map(() => this.#draw());
    this.#returns = new Float64Array(envs);
  }

  /** Whether the episode at hand of environment i hears the teacher. */
  isHeard(i: number): boolean {
    return this.#heard[i] === 1;
  }

  /** Whether hearing the teacher has brought no less than not hearing it: what is measured then. */
  get isWorthIt(): boolean {
    return !this.#arms.isKnown || this.#arms.mean(1) >= this.#arms.mean(0);
  }

  /** Share of the environments that hear the teacher now. */
  get heard(): number {
    return this.#heard.reduce((sum, one) => sum + one, 0) / this.#heard.length;
  }

  /** When the environments have answered. */
  answer({ rewards, terminated, truncated }: EnvStep): void {
    for (let i = 0; i < this.#heard.length; i++) {
      this.#returns[i]! += rewards[i]!;
      if (terminated[i] !== 1 && truncated[i] !== 1) continue;
      this.#arms.enter(this.#heard[i] === 1 ? 1 : 0, this.#returns[i]!);
      this.#returns[i] = 0;
      this.#heard[i] = this.#draw();
    }
  }

  save(): StageState {
    const kept: KeptTrial = {
      arms: this.#arms.save(),
      heard: pack("u8", this.#heard),
      returns: [...this.#returns],
      random: this.random.save(),
    };
    return { json: kept };
  }

  /** Goes on where {@linkcode save} was called. */
  load({ json }: StageState): void {
    const { arms, heard, returns, random } = json as KeptTrial;
    this.#arms.load(arms);
    this.#heard.set(unpack("u8", heard));
    this.#returns.set(returns);
    this.random.load(random);
  }

  #draw(): 0 | 1 {
    const coin = this.random.random() < 0.5 ? 1 : 0;
    if (this.random.random() < 2 * this.share || !this.#arms.isKnown) return coin;
    const { deviation } = this.#arms;
    const draw = (arm: 0 | 1) =>
      this.#arms.mean(arm) +
      this.random.gaussian() * deviation / Math.sqrt(this.#arms.weight(arm));
    const [z0, z1] = [draw(0), draw(1)];
    return z1 === z0 ? coin : z1 > z0 ? 1 : 0;
  }
}
