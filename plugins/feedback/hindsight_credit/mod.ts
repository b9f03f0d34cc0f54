/** The rule that judges in hindsight, by what an episode achieved. */
import { abstentions, isSolved, share, whole } from "@tandem/core/kit";
import {
  definePlugin,
  type EarlierVerdict,
  type EnvSpec,
  option,
  type Plugin,
  TandemError,
} from "@tandem/core";
import * as v from "valibot";
import type { HindsightCreditOptions } from "../options.ts";
import { Episode, type Insight, type SavedEpisode } from "./episode.ts";
import { turnAndStepOf } from "./pose.ts";

/** Discounts where none is told. */
const DISCOUNTS = { paths: 0.8, plan: 0.9 } as const;

const options = {
  credit: option(
    `What is right on the way to an achievement: "paths", what was done, loops removed; "plan", the first
    actions of all shortest ways over the cells that were walked.`,
    v.picklist(["paths", "plan"]),
    "paths",
  ),
  relabel: option(
    `"own": achievements of the mission that was asked; "all": of any mission with its verb, too, or
    first halves of one.`,
    v.picklist(["own", "all"]),
    "all",
  ),
  discount: option(
    `Strength of a verdict for each step to the achievement; 0.8 for "paths" and 0.9 for "plan" unless
    told.`,
    share,
  ),
  horizon: option("Steps before an achievement that are judged.", whole(1, 1000), 48),
} as const;

/** What a checkpoint holds. */
interface SavedRule {
  readonly now: number;
  readonly episodes: readonly SavedEpisode[];
}

/** Judges what was said on the way, once the episode has achieved something. */
export const hindsightCredit: Plugin<"feedback", HindsightCreditOptions> = definePlugin({
  kind: "feedback",
  name: "hindsight-credit",
  description: "Judges what was said on the way, once the episode has achieved something.",
  details: `
    Verdicts that rest on what came of an episode and not on a critic: surer the nearer the achievement
    is (docs/mutual.md has how often they are right). When an episode is solved, or the env says that a
    step achieved what a mission with the same verb could have asked for (relabelling: Hindsight
    Experience Replay, arXiv 1707.01495), the steps before it are judged under that mission: each verdict
    names the actions that are right there, with a strength of discount^d at d steps to the achievement.
    It abstains where nothing was achieved.

    "paths" names what the student did, loops removed: it asks nothing of the env but successes, and
    learns more where the env tells achievements. States are the same where their keys are; where actions
    turn and step, where the reckoned poses are.

    "plan" is a planner in hindsight. It reckons each pose from turns and from steps that changed what is
    seen, and searches back breadth first over the cells that were walked: every pose visited gets the
    first actions of all its shortest ways, the last one what was done there. It assumes a grid on which
    the agent turns and steps, that a step that moves changes what is seen, and that things stay where
    they are but for what is picked up, put down or opened. Missions of several parts are passed over at
    their end, where the way back says nothing of the parts before.

    At the grain "reference" the verdicts name where the thing lay that stood before the agent when
    something was achieved, as it was seen from each reckoned pose on the way; of missions of several
    parts, and of where a thing was to be put, nothing is said.

    Both look back to the last time a thing was picked up or put down, \`horizon\` steps at most. Under a
    mission to put a thing somewhere, picking it up is the first half: the steps before it are judged by
    that. Achievements are the env's own signal, and what the rule knows of words are those of BabyAI's
    missions. Its verdicts are no advantage and do not compare: for that there are the other rules.`,
  options,
  create({ credit, relabel, horizon, discount = DISCOUNTS[credit] }, _context, wiring) {
    const { env, candidates } = wiring;
    const places = placesAmong(env, candidates);
    expectFit(env, candidates, places ? "reference" : credit);
    const moves = turnAndStepOf(env.actions);
    const parts = { credit, relabel, horizon, moves };
    const episodes = Array.from({ length: env.envs }, () => new Episode(parts));
    // Which candidate names an action; -1 where none does.
    const named = env.actions.map((action) => candidates.indexOf(action));
    let now = 0;

    const verdictOn = (i: number, insight: Insight): EarlierVerdict | undefined => {
      const { step: { at, choice }, actions, thing, distance, mission } = insight;
      const names = places
        ? [places.get(thing?.join() ?? "") ?? -1]
        : actions.map((a) => named[a]!);
      const right = names.filter((candidate) => candidate >= 0);
      const strength = discount ** distance;
      if (right.length === 0 || strength === 0) return undefined;
      return {
        ...{ stepsAgo: now - at, env: i, strength, right },
        sign: choice < 0 || right.includes(choice) ? 1 : -1,
        words: wordsOf(right.map((candidate) => candidates[candidate]!), distance),
        ...mission !== undefined && { mission },
      };
    };

    return {
      needs: { achievements: true, past: Math.min(2 * horizon, env.maxSteps) },
      judge({ firsts, rollout, step, achieved }) {
        const { envs, actions, keys, missions, terminated, truncated, guidance } = rollout;
        const rewards = rollout.envRewards ?? rollout.rewards;
        const earlier: EarlierVerdict[] = [];
        for (let i = 0; i < envs; i++) {
          const [k, episode] = [step * envs + i, episodes[i]!];
          const enter = (insights: readonly Insight[]) => {
            for (const insight of insights) {
              const verdict = verdictOn(i, insight);
              if (verdict) earlier.push(verdict);
            }
          };
          if (firsts[i] === 1) episode.restart();
          else enter(episode.complete(missions[k]!, keys[k]!, false));
          const choice = guidance[step]!.choices[i]!;
          episode.add({ at: now, action: actions[k]!, choice, key: keys[k]! }, achieved?.(i) ?? []);
          if (terminated[k] === 0 && truncated[k] === 0) continue;
          const won = isSolved(rewards[k]!, rollout.returns?.[k], env.rewardThreshold);
          enter(episode.complete(missions[k]!, undefined, won));
          episode.restart();
        }
        now++;
        return { ...abstentions(envs), ...earlier.length > 0 && { earlier } };
      },
      save: () => ({ json: { now, episodes: episodes.map((episode) => episode.save()) } }),
      load({ json }) {
        const saved = json as SavedRule;
        now = saved.now;
        for (const [i, episode] of episodes.entries()) episode.load(saved.episodes[i]!);
      },
    };
  },
});

/** @throws {TandemError} E_WIRING where nothing could be credited. */
function expectFit(
  { id, actions, actionBox }: EnvSpec,
  candidates: readonly string[],
  credit: "paths" | "plan" | "reference",
): void {
  const why = actionBox
    ? `credits actions by name, and those of "${id}" are floats`
    : credit === "reference"
    ? turnAndStepOf(actions)
      ? undefined
      : `reckons where things are from turns and steps, and "${id}" has no such actions`
    : candidates.length > 0 && !candidates.some((name) => actions.includes(name))
    ? `credits actions, and the teacher suggests none: its first candidate is "${candidates[0]}"`
    : credit === "plan" && !turnAndStepOf(actions)
    ? `plans over turns and steps ("turn left", "turn right", "go forward"), and "${id}" has no such ` +
      'actions; right would be credit "paths"'
    : undefined;
  if (why) throw new TandemError("E_WIRING", `The rule "hindsight-credit" ${why}.`);
}

/** Which candidate names a place of the view, where candidates are such: at the grain "reference". */
function placesAmong(
  { guidance, places }: EnvSpec,
  candidates: readonly string[],
): ReadonlyMap<string, number> | undefined {
  if (!places || candidates.join() !== guidance?.reference?.join()) return undefined;
  return new Map(places.map((place, candidate) => [place.join(), candidate]));
}

function wordsOf(right: readonly string[], distance: number): string {
  const actions = right.map((action) => `"${action}"`).join(" or ");
  if (distance === 0) return `${actions} achieved it.`;
  return `${actions} leads on: ${distance} ${distance === 1 ? "step" : "steps"} to go.`;
}
