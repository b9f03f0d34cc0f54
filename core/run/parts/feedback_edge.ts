/** The edge from the feedback rule back to the teacher: warm-up, delay and bound. */
import type { Schedule } from "../../pipeline/schedule_types.ts";
import { decodeFeedback, type EncodedFeedback, encodeFeedback } from "../../kit/codec.ts";
import type { EnvSpec, Feedback, MaybePromise, StageState, Verdicts } from "../../stages/mod.ts";

/** What bounds the edge. */
export type FeedbackSchedule = Pick<Schedule, "feedbackDelay" | "feedbackBound" | "warmUp">;

/** What is sent together, and the step at which it arrives. */
interface Delivery {
  readonly due: number;
  readonly feedback: readonly Feedback[];
}

/** A delivery in a checkpoint. */
interface SavedDelivery {
  readonly due: number;
  readonly feedback: EncodedFeedback;
  /** What is sent with it, on steps of before. */
  readonly more?: readonly EncodedFeedback[];
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
   * @param feedback Of one judging, at least one. Where the edge is late, over rollouts that are not
   * written again.
   */
  send(feedback: readonly Feedback[], iteration: number, step: number): MaybePromise<void> {
    const { warmUp, feedbackDelay, feedbackBound = Infinity } = this.schedule;
    if (iteration <= warmUp) return;
    if (feedbackDelay === 0) return this.#receiveAll(feedback);
    if (this.#underWay.length >= feedbackBound) return;
    const spoken = feedback.map((each) => ({ ...each, verdicts: each.verdicts.map(spokenOut) }));
    this.#underWay.push({ due: step + feedbackDelay, feedback: spoken });
  }

  /** What is under way. */
  save(): StageState {
    const saved = this.#underWay.map(({ due, feedback }): SavedDelivery => {
      const [first, ...more] = feedback.map(encodeFeedback);
      return { due, feedback: first!, ...more.length > 0 && { more } };
    });
    return { json: saved };
  }

  /** Puts under way what was saved, of a teacher with these candidates. */
  load({ json }: StageState, candidates: readonly string[], spec: EnvSpec): void {
    this.#underWay = (json as SavedDelivery[]).map(({ due, feedback, more = [] }) => ({
      due,
      feedback: [feedback, ...more].map((each) => decodeFeedback(each, candidates, spec)),
    }));
  }

  /** Delivers what is due at a step. */
  async deliver(step: number): Promise<void> {
    while (this.#underWay.length > 0 && this.#underWay[0]!.due <= step) {
      await this.#receiveAll(this.#underWay.shift()!.feedback);
    }
  }

  /** A promise only where there is more than one, or the teacher gives one. */
  #receiveAll([first, ...more]: readonly Feedback[]): MaybePromise<void> {
    const received = this.receive(first!);
    if (more.length === 0) return received;
    return Promise.resolve(received).then(() => this.#receiveAll(more));
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
