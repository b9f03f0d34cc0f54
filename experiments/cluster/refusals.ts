/** Which plans a machine may work on, and what is said where it may not. */
import { systemClock } from "../../core/kit/context.ts";
import { TandemError } from "../../core/base/errors.ts";
import type { Listing, TrialQueue } from "../../runtimes/nats/trial_queue.ts";
import { lettersOf } from "./letters.ts";
import { differences, type Machine } from "./machine.ts";
import type { PlanState } from "./messages.ts";

/** Milliseconds between two looks at the plans. */
const LOOK = 3000;

const NO_LETTERS: Listing = { letters: [], more: 0 };

/** @throws {TandemError} E_CLUSTER where there are plans at work and this machine fits none. */
export function refuse(machine: Machine, plans: readonly PlanState[]): void {
  const open = plans.filter(({ state }) => state === "at work");
  const reasons = open.map((plan) => refusal(plan, machine));
  if (open.length === 0 || reasons.some((reason) => reason === undefined)) return;
  throw new TandemError("E_CLUSTER", `This worker is refused: ${reasons.join("; ")}.`);
}

/** Why a machine may not work on a plan, or undefined. */
function refusal(plan: PlanState, machine: Machine): string | undefined {
  const unlike = differences(plan.machine, machine);
  return unlike.length > 0 ? `"${plan.name}" asks for ${unlike.join(", ")}` : undefined;
}

/** The plans that can be read; of each that cannot, it is said once. */
export function plansIn(listing: Listing, say: (sentence: string) => void): PlanState[] {
  const { messages, sentences } = lettersOf("plan", listing);
  for (const sentence of sentences) say(sentence);
  return messages;
}

/** Tells of plans that this machine does not fit, once each. */
export async function tellRefusals(
  queue: TrialQueue,
  machine: Machine,
  say: (sentence: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const refused = new Set<string>();
  while (!signal.aborted) {
    const plans = await queue.plans().catch(() => NO_LETTERS); // the server is away
    for (const plan of plansIn(plans, () => {})) {
      const reason = plan.state === "at work" ? refusal(plan, machine) : undefined;
      if (!reason || refused.has(plan.id)) continue;
      refused.add(plan.id);
      say(`Refused: ${reason}.`);
    }
    await systemClock.sleep(LOOK, signal);
  }
}
