/** The edge from the feedback rule back to the teacher: warm-up, delay and bound. */
import type { Schedule } from "../../pipeline/schedule_types.ts";
import { decodeFeedback, type EncodedFeedback, encodeFeedback } from "../../kit/codec.ts";
import type { EnvSpec, Feedback, MaybePromise, StageState, Verdicts } from "../../stages/mod.ts";

/** What bounds the edge. */
export type FeedbackSchedule = Pick<Schedule, "feedbackDelay" | "feedbackBound" | "warmUp">;

/** Feedback and the step at which it arrives. */
interface Delivery {
  readonly due: number;
  readonly feedback: Feedback;
}

/** Hands verdicts to the teacher when they are due. Steps are counted over the whole run. */
export class FeedbackEdge {
  #underWay: Delivery[] = [];

  constructor(
    private readonly receive: (feedback: Feedback) => MaybePromise<void>,
    private readonly schedule: FeedbackSchedule,
  ) {}

  /** Whether verdicts outlive the step in which they are given, so that a rollout must be kept. */
  get isLate(): boolean {
    return this.schedule.feedbackDelay > 0;
  }

  /**
   * Sends verdicts off at a step of an iteration; what is due then is to be delivered first.
   *
   * @param feedback Where the edge is late, over a rollout that is not written again.
   */
  send(feedback: Feedback, iteration: number, step: number): MaybePromise<void> {
    const { warmUp, feedbackDelay, feedbackBound = Infinity } = this.schedule;
    if (iteration <= warmUp) return;
    if (feedbackDelay === 0) return this.receive(feedback);
    if (this.#underWay.length >= feedbackBound) return;
    const verdicts = feedback.verdicts.map(spokenOut);
    this.#underWay.push({ due: step + feedbackDelay, feedback: { ...feedback, verdicts } });
  }

  /** What is under way. */
  save(): StageState {
    return {
      json: this.#underWay.map(({ due, feedback }) => ({
        due,
        feedback: encodeFeedback(feedback),
      })),
    };
  }

  /** Puts under way what was saved, of a teacher with these candidates. */
  load({ json }: StageState, candidates: readonly string[], spec: EnvSpec): void {
    const kept = json as { due: number; feedback: EncodedFeedback }[];
    this.#underWay = kept.map(({ due, feedback }) => ({
      due,
      feedback: decodeFeedback(feedback, candidates, spec),
    }));
  }

  /** Delivers what is due at a step. */
  async deliver(step: number): Promise<void> {
    while (this.#underWay.length > 0 && this.#underWay[0]!.due <= step) {
      await this.receive(this.#underWay.shift()!.feedback);
    }
  }
}

/** Verdicts whose words are said now: a rule may say them from what it forgets. */
function spokenOut(verdicts: Verdicts): Verdicts {
  const { signs, strengths } = verdicts;
  const said = Array.from(signs, (_, i) => verdicts.words(i));
  return {
    ...verdicts,
    signs: signs.slice(),
    strengths: strengths.slice(),
    words: (i) => said[i]!,
  };
}
