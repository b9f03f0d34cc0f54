/** A feedback rule that runs in a sandbox, as a plugin like any other. */
import type { Context } from "../../core/context.ts";
import { TandemError } from "../../core/errors.ts";
import type { Stage } from "../../core/plugin.ts";
import type {
  FeedbackRule,
  Guidance,
  Moment,
  Rollout,
  StageState,
  Verdicts,
} from "../../core/stages.ts";
import type { Calls, PlainGuidance, PlainMoment, PlainRollout } from "./inside.ts";
import { SandboxModules } from "./modules.ts";
import { Sandbox, SANDBOX_LIMITS, SandboxFailure, type SandboxLimits } from "./sandbox.ts";

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
): Promise<Stage<"feedback">> {
  const modules = await SandboxModules.of(path);
  const open = () => Sandbox.open(modules, limits);
  const chooser = await open().catch((error) => refuse(path, error));
  return choose({ path, open, chooser }, options);
}

/** Where a rule comes from. */
interface Origin {
  readonly path: string;
  /** Loads it into a sandbox of its own. */
  open(): Promise<Sandbox>;
  /** The sandbox in which its options are checked. */
  readonly chooser: Sandbox;
}

function choose(origin: Origin, options: unknown): Stage<"feedback"> {
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
      SandboxedRule.make(path, context, async () => {
        const sandbox = await origin.open();
        sandbox.call("stage", stage.options);
        return [sandbox, sandbox.call("create", context.seed, wiring)];
      }),
    toJSON: () => ({ plugin: path, options: stage.options }),
  };
}

function chosen({ path, chooser }: Origin, options: unknown): ReturnType<Calls["stage"]> {
  try {
    return chooser.call("stage", options);
  } catch (error) {
    return refuse(path, error);
  }
}

/** The user's error in place of the sandbox's. */
function refuse(path: string, error: unknown): never {
  if (!(error instanceof SandboxFailure)) throw error;
  const { code, message } = error.input ??
    { code: "E_PLUGIN", message: `The plugin "${path}" ${error.message}.` };
  throw new TandemError(code, message);
}

/** Tells that a rule has failed for good. @throws what is no failure of the sandbox. */
function giveUp(path: string, context: Context, error: unknown): void {
  if (!(error instanceof SandboxFailure)) throw error;
  const message = `The sandboxed rule "${path}" ${error.message}; ` +
    `the run goes on and the rule abstains.`;
  context.emit({ type: "warning", code: "E_STAGE", message });
}

class SandboxedRule implements FeedbackRule {
  /** What the sandbox holds: the moment judged last and its rollout. */
  #last: Pick<Moment, "advantages" | "rollout"> | undefined;

  private constructor(
    private readonly path: string,
    private readonly context: Context,
    private sandbox: Sandbox | undefined,
    readonly needs?: FeedbackRule["needs"],
    readonly save?: () => StageState,
    readonly load?: (state: StageState) => void,
  ) {}

  /** A rule in the sandbox that `open` makes it in; where that fails, one that abstains. */
  static async make(
    path: string,
    context: Context,
    open: () => Promise<[Sandbox, ReturnType<Calls["create"]>]>,
  ): Promise<FeedbackRule> {
    try {
      const [sandbox, { needs, stateful }] = await open();
      if (!stateful) return new SandboxedRule(path, context, sandbox, needs);
      const rule: SandboxedRule = new SandboxedRule(
        ...[path, context, sandbox, needs] as const,
        () => rule.#ask((asked) => asked.call("save") as StageState) ?? { json: null },
        (state) => void rule.#ask((asked) => asked.call("load", state)),
      );
      return rule;
    } catch (error) {
      giveUp(path, context, error);
      return new SandboxedRule(path, context, undefined);
    }
  }

  judge(now: Moment, before: Moment): Verdicts {
    const { length } = now.advantages;
    // A window's first step may lie in a buffer that was written anew: it is always sent.
    const same = now.step > 0 && now.rollout === this.#last?.rollout;
    const known = before.advantages === this.#last?.advantages;
    const answer = this.#ask((sandbox) => {
      const plain = plainMoment(now, same);
      return checked(sandbox.call("judge", plain, known ? undefined : plainMoment(before)), length);
    });
    this.#last = { advantages: now.advantages, rollout: now.rollout };
    return answer ?? abstention(length);
  }

  dispose(): void {
    this.sandbox = undefined;
  }

  /** Asks the sandbox while there is one; the first failure ends it. */
  #ask<T>(question: (sandbox: Sandbox) => T): T | undefined {
    try {
      return this.sandbox && question(this.sandbox);
    } catch (error) {
      this.dispose();
      giveUp(this.path, this.context, error);
      return undefined;
    }
  }
}

/** Verdicts as the contract has them; what was not written by us is believed in nothing. */
function checked(
  { signs, strengths, words }: ReturnType<Calls["judge"]>,
  length: number,
): Verdicts {
  if (!(signs instanceof Int8Array) || signs.length !== length) {
    throw new SandboxFailure(`gave no Int8Array of ${length} signs`);
  }
  if (!(strengths instanceof Float32Array) || strengths.length !== length) {
    throw new SandboxFailure(`gave no Float32Array of ${length} strengths`);
  }
  return { signs, strengths, words: (i) => String(words[i] ?? "") };
}

function abstention(length: number): Verdicts {
  return { signs: new Int8Array(length), strengths: new Float32Array(length), words: () => "" };
}

function plainMoment(moment: Moment, withoutRollout = false): PlainMoment {
  return { ...moment, rollout: withoutRollout ? undefined : plainRollout(moment.rollout) };
}

/** Taken field by field: a rollout may be an object with more to it. */
function plainRollout(rollout: Rollout): PlainRollout {
  const { steps, envs, observations, missions, keys, actions, logProbs, targetLogProbs } = rollout;
  const { qValues, values, nextValues, rewards, terminated, truncated } = rollout;
  const { firsts, oracleRight } = rollout;
  return {
    ...{ steps, envs, observations, missions, keys, actions, logProbs, targetLogProbs },
    ...{ qValues, values, nextValues, rewards, terminated, truncated, firsts, oracleRight },
    guidance: rollout.guidance.map(plainGuidance),
  };
}

function plainGuidance(guidance: Guidance): PlainGuidance {
  const { envs, candidates, choices, distribution, logProbs } = guidance;
  const each = <T>(what: (i: number) => T) => Array.from({ length: envs }, (_, i) => what(i));
  return {
    ...{ envs, candidates, choices, distribution, logProbs },
    texts: each((i) => guidance.text(i)),
    tokens: each((i) => Array.from(guidance.tokens(i))),
    authors: guidance.author && each((i) => guidance.author!(i)),
  };
}
