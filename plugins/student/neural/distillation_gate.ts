/** How far a student is drawn to its teacher, by which of the two does better. */
import type { MaybePromise, Rollout, StageState } from "@tandem/core";
import { type Arms, TwoArms } from "@tandem/core/internal";

/** What opens and closes the gate of distillation; {@linkcode gateOf} makes it. */
export const DISTILLATION_GATES = ["open", "return", "advantage"] as const;

/** One of {@linkcode DISTILLATION_GATES}. */
export type DistillationGateName = typeof DISTILLATION_GATES[number];

/** How far what the teacher says in each step of a rollout is to be learned. */
export interface DistillationGate {
  /**
   * @param inSilence What the student would do and thinks of it under no guidance.
   * @returns [T, N] 0 to 1.
   */
  of(rollout: Rollout, inSilence: () => MaybePromise<SilentView>): MaybePromise<Float32Array>;
  save?(): StageState["json"];
  load?(json: StageState["json"]): void;
}

/** What a student thinks of B states under no guidance. */
export interface SilentView {
  /** [B, A] pi(. | s). */
  readonly probabilities: Float32Array;
  /** [B, A] Q(s, .). */
  readonly qValues: Float32Array;
}

/** Makes a gate; none where it is always open. */
export function gateOf(name: DistillationGateName): DistillationGate | undefined {
  if (name === "open") return undefined;
  return name === "return" ? new ReturnGate() : { of: advantageGate };
}

interface SavedGate {
  readonly arms: Arms;
  readonly returns: readonly number[];
  readonly taught: readonly number[];
}

/** Makes the logistic function the normal distribution's, to 0.01. */
const PROBIT = 1.702;

/**
 * One gate for all states, by what was achieved:
 *
 * g = sigmoid(1.702 z),  z = (m_1 - m_0) / (s sqrt(1 / n_0 + 1 / n_1)),
 *
 * with n_k, m_k the discounted number and mean of the returns of episodes in which the teacher spoke (1) and
 * of those that the student went through alone (0), s their standard deviation: g is about the probability
 * that hearing the teacher achieves more. It is open (1) until two of each kind are known. A sigmoid of the
 * gap between teacher and student gates distillation in SDAR (arXiv 2605.15155), state by state and by
 * probabilities; here the gap is in returns, since a probability does not say who is right.
 */
class ReturnGate implements DistillationGate {
  readonly #arms = new TwoArms();
  /** [N] what the episode at hand has brought, and 1 where its teacher has spoken. */
  #returns = new Float64Array(0);
  #taught = new Uint8Array(0);

  of(rollout: Rollout): Float32Array {
    this.#enter(rollout);
    return new Float32Array(rollout.rewards.length).fill(this.#opening);
  }

  get #opening(): number {
    const arms = this.#arms;
    if (!arms.isKnown) return 1;
    const spread = arms.deviation * Math.sqrt(1 / arms.weight(0) + 1 / arms.weight(1));
    const gap = arms.mean(1) - arms.mean(0);
    return gap === 0 ? 0.5 : sigmoid(PROBIT * gap / spread);
  }

  #enter({ envs, rewards, envRewards, terminated, truncated, firsts, guidance }: Rollout): void {
    if (this.#returns.length !== envs) {
      this.#returns = new Float64Array(envs);
      this.#taught = new Uint8Array(envs);
    }
    const paid = envRewards ?? rewards;
    for (let k = 0; k < rewards.length; k++) {
      const i = k % envs;
      if (firsts[k] === 1) this.#returns[i] = this.#taught[i] = 0;
      if (guidance[Math.floor(k / envs)]!.choices[i]! >= 0) this.#taught[i] = 1;
      this.#returns[i]! += paid[k]!;
      if (terminated[k] === 1 || truncated[k] === 1) {
        this.#arms.enter(this.#taught[i] === 1 ? 1 : 0, this.#returns[i]!);
      }
    }
  }

  save(): StageState["json"] {
    const saved: SavedGate = {
      arms: this.#arms.save(),
      returns: [...this.#returns],
      taught: [...this.#taught],
    };
    return saved;
  }

  load(json: StageState["json"]): void {
    const { arms, returns, taught } = json as SavedGate;
    this.#arms.load(arms);
    this.#returns = Float64Array.from(returns);
    this.#taught = Uint8Array.from(taught);
  }
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** How sharply the teacher's advantage opens the gate. */
const SHARPNESS = 4;

/**
 * g(s) = sigmoid(4 D(s) / dev(A)),  D(s) = sum over a of (p(a) - pi(a | s)) Q(s, a):
 *
 * what the student itself holds the teacher's distribution p to be worth, less its own policy pi's worth,
 * with the deviation of A = Q(s, a) - V(s) about 0 over the rollout. It is the Q-filter of Nair et al. (arXiv 1709.10089,
 * section IV-C), which imitates where Q(s, a_teacher) > Q(s, pi(s)), made soft by a detached sigmoid of
 * the gap as in SDAR (arXiv 2605.15155).
 *
 * @returns [T, N]
 */
async function advantageGate(
  { guidance, envs, values, qValues: chosen }: Rollout,
  inSilence: () => MaybePromise<SilentView>,
): Promise<Float32Array> {
  const { probabilities, qValues } = await inSilence();
  const actions = probabilities.length / values.length;
  const deviation = Math.sqrt(mean(values.map((value, k) => (chosen[k]! - value) ** 2)));
  return values.map((_, k) => {
    const { distribution } = guidance[Math.floor(k / envs)]!;
    let gap = 0;
    for (let a = 0; a < actions; a++) {
      const p = distribution[k % envs * actions + a]!;
      gap += (p - probabilities[k * actions + a]!) * qValues[k * actions + a]!;
    }
    return sigmoid(SHARPNESS * gap / (deviation || 1));
  });
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
