/** A feedback rule that runs in a sandbox, as a plugin like any other. */
import {
  type Clock,
  type Context,
  type FeedbackRule,
  type Guidance,
  type JudgedStep,
  type Rollout,
  type StageSpec,
  type StageState,
  TandemError,
  type Verdicts,
} from "@tandem/core";
import { abstentions } from "@tandem/core/kit";
import type { Answer } from "./answers.ts";
import { Engine } from "./engine.ts";
import { SandboxFailure } from "./failure.ts";
import type { PlainJudgedStep } from "./inside.ts";
import { SandboxModules } from "./modules.ts";
import { refusalOf, Sandbox, SANDBOX_LIMITS, type SandboxLimits } from "./sandbox.ts";

/**
 * Chooses a feedback rule that runs in QuickJS: without Deno, clock or randomness of its own, with
 * bounded ticks and memory. It sees what it would see outside, draws the same random numbers, and
 * gives the same verdicts. A rule that fails or reaches a limit says nothing from then on: there is
 * one warning, and the run goes on.
 *
 * @param path The rule's module, relative to the working directory, or its URL. It may import Tandem,
 * Valibot and files beside it, and must not wait (no top-level `await`, no asynchronous `create`).
 * @throws {TandemError} E_PLUGIN where it cannot be loaded, E_SLOT where it is no feedback rule,
 * E_OPTION where its options do not fit.
 */
export async function sandboxedRule(
  path: string,
  options: unknown = {},
  limits: SandboxLimits = SANDBOX_LIMITS,
): Promise<StageSpec<"feedback">> {
  const modules = await SandboxModules.of(path);
  const engine = await Engine.load();
  const open = (clock?: Clock) => Sandbox.open({ engine, modules, limits, clock });
  const chooser = await open().catch((error) => refuse(path, error));
  return choose({ path, digest: modules.digest, open, chooser }, options);
}

/** Where a rule comes from. */
interface Origin {
  readonly path: string;
  /** SHA-256 of its text. */
  readonly digest: string;
  /** Loads it into a sandbox of its own. */
  open(clock?: Clock): Promise<Sandbox>;
  /** The sandbox in which its options are checked. */
  readonly chooser: Sandbox;
}

function choose(origin: Origin, options: unknown): StageSpec<"feedback"> {
  const { path } = origin;
  const { kind, plugin: _, ...stage } = chosen(origin, options);
  if (kind !== "feedback") {
    throw new TandemError(
      "E_SLOT",
      `"${path}" is a plugin of the stage ${kind}; the sandbox is for feedback rules.`,
    );
  }
  return {
    ...stage,
    kind: "feedback",
    plugin: path,
    effects: [], // it has no way to the outside
    schema: {}, // stays inside, where the options are checked
    fits: [],
    with: (more) => choose(origin, { ...stage.options, ...more }),
    create: (context, wiring) =>
      SandboxedRule.make(origin, context, async () => {
        const sandbox = await origin.open(context.clock);
        sandbox.call("stage", stage.options);
        return [sandbox, sandbox.call("create", context.seed, wiring)];
      }),
    toJSON: () => ({ plugin: path, options: stage.options }),
  };
}

function chosen({ path, chooser }: Origin, options: unknown): Answer<"stage"> {
  try {
    return chooser.call("stage", options);
  } catch (error) {
    return refuse(path, error);
  }
}

/** The user's error in place of the sandbox's. */
function refuse(path: string, error: unknown): never {
  throw error instanceof SandboxFailure ? refusalOf(path, error) : error;
}

/** What a checkpoint says of a rule that has no state of its own. */
const STATELESS = "no state", ENDED = "ended by the sandbox";

/** What stands under a name in a state. */
function noted({ json }: StageState, name: string): unknown {
  return typeof json === "object" && json !== null ? Reflect.get(json, name) : undefined;
}

class SandboxedRule implements FeedbackRule {
  /** What the sandbox holds: the step judged last and its rollout. */
  #last: Pick<JudgedStep, "advantages" | "rollout"> | undefined;
  /** Whether the machine ended it, and no verdict has told so yet. */
  #isEndedByMachine = false;
  #needs: FeedbackRule["needs"];

  private constructor(
    private readonly origin: Origin,
    private readonly context: Context,
    private sandbox?: Sandbox,
    private readonly isStateful = false,
  ) {}

  /** A rule in the sandbox that `open` makes it in; where that fails, one that abstains. */
  static async make(
    origin: Origin,
    context: Context,
    open: () => Promise<[Sandbox, Answer<"create">]>,
  ): Promise<FeedbackRule> {
    try {
      const [sandbox, { needs, stateful }] = await open();
      const rule = new SandboxedRule(origin, context, sandbox, stateful);
      rule.#needs = needs;
      return rule;
    } catch (error) {
      const rule = new SandboxedRule(origin, context);
      rule.#giveUp(error);
      return rule;
    }
  }

  get needs(): FeedbackRule["needs"] {
    return this.#needs;
  }

  judge(now: JudgedStep, before: JudgedStep): Verdicts {
    const { length } = now.advantages;
    // A window's first step may lie in a buffer that was written anew: it is always sent.
    const same = now.step > 0 && now.rollout === this.#last?.rollout;
    const known = before.advantages === this.#last?.advantages;
    const answer = this.#ask((sandbox) =>
      sandbox.call("judge", plainJudgedStep(now, same), known ? undefined : plainJudgedStep(before))
    );
    this.#last = { advantages: now.advantages, rollout: now.rollout };
    if (!answer) return this.#abstention(length);
    const { words, ...verdicts } = answer;
    return { ...verdicts, words: (i) => words[i] ?? "" };
  }

  save(): StageState {
    const nothing = { json: { [STATELESS]: true } };
    const state = this.isStateful ? this.#ask((sandbox) => sandbox.call("save")) : nothing;
    return (this.sandbox && state) ?? { json: { [ENDED]: this.origin.digest } };
  }

  /** A rule that was ended stays so, unless its author has changed it since. */
  load(state: StageState): void {
    const ended = noted(state, ENDED);
    if (ended === this.origin.digest) return this.dispose();
    if (!this.isStateful || ended !== undefined || noted(state, STATELESS)) return;
    this.#ask((sandbox) => sandbox.call("load", state));
  }

  dispose(): void {
    this.sandbox = undefined;
  }

  /** Asks the sandbox while there is one; the first failure ends it. */
  #ask<T>(question: (sandbox: Sandbox) => T): T | undefined {
    try {
      return this.sandbox && question(this.sandbox);
    } catch (error) {
      this.#giveUp(error);
      return undefined;
    }
  }

  /** Ends it for good and tells so. @throws what is no failure of the sandbox. */
  #giveUp(error: unknown): void {
    if (!(error instanceof SandboxFailure)) throw error;
    this.dispose();
    this.#isEndedByMachine = error.details.byMachine ?? false;
    const message = `The sandboxed rule "${this.origin.path}" ${error.message}; ` +
      `the run goes on and the rule abstains.`;
    this.context.emit({ type: "warning", code: "E_STAGE", message });
  }

  #abstention(length: number): Verdicts {
    const verdicts = abstentions(length);
    if (!this.#isEndedByMachine) return verdicts;
    this.#isEndedByMachine = false;
    return { ...verdicts, endedByMachine: true };
  }
}

function plainJudgedStep(judged: JudgedStep, withoutRollout = false): PlainJudgedStep {
  const { achieved, advantages, ...step } = judged;
  return {
    ...step,
    advantages,
    ...achieved && { achieved: Array.from(advantages, (_, i) => achieved(i)) },
    rollout: withoutRollout ? undefined : plainRollout(judged.rollout),
  };
}

/** Taken field by field: a rollout may be an object with more to it. */
function plainRollout(rollout: Rollout): Rollout {
  const { steps, envs, observations, missions, keys, actions, logProbs, targetLogProbs } = rollout;
  const { qValues, values, nextValues, rewards, terminated, truncated } = rollout;
  const { firsts, oracleRight, envRewards, returns } = rollout;
  return {
    ...{ steps, envs, observations, missions, keys, actions, logProbs, targetLogProbs },
    ...{ qValues, values, nextValues, rewards, terminated, truncated, firsts, oracleRight },
    ...{ envRewards, returns },
    guidance: rollout.guidance.map(plainGuidance),
  };
}

/** Without the note, which is its teacher's. */
function plainGuidance(guidance: Guidance): Guidance {
  const { envs, candidates, choices, distribution, logProbs, texts, tokens, authors } = guidance;
  return { envs, candidates, choices, distribution, logProbs, texts, tokens, authors };
}
