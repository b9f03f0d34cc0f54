/** Tells feedback rules that declare the expert whether guidance was right. */
import type { RolloutBuffer } from "../../kit/rollout_buffer.ts";
import type { DecidedStep, Env, RunPart } from "../../stages/mod.ts";

/** Fills the rollout's `oracleRight`. */
export class OracleRuler implements RunPart {
  /**
   * @param buffer Records `oracleRight`.
   * @param env The env that is played now.
   * @param candidateActions [K] the action that each candidate names, or -1.
   */
  constructor(
    private readonly buffer: RolloutBuffer,
    private readonly env: () => Env,
    private readonly candidateActions: Int32Array,
  ) {}

  decide({ t, guidance: { choices } }: DecidedStep): void {
    const { oracle } = this.env();
    const right = this.buffer.oracleRight!;
    for (let i = 0; i < choices.length; i++) {
      const action = choices[i]! < 0 ? -1 : this.candidateActions[choices[i]!]!;
      right[t * choices.length + i] = action >= 0 && oracle?.isRight(i, action) ? 1 : 0;
    }
  }
}
