/** What runs within the sandbox beside the rule: answers calls from outside. */
import {
  type Clock,
  createContext,
  type FeedbackRule,
  type JudgedStep,
  type Rollout,
  type StageSpec,
  type StageState,
} from "@tandem/core";
import { pluginOf } from "@tandem/core/internal";
import { pack, type Packed, unpack } from "./codec.ts";

/** Taken before a rule can replace it. */
const { apply } = Reflect;
const cut = String.prototype.slice;
/** Characters of a verdict's words that leave the sandbox; the outside keeps fewer. */
const MOST_WORDS = 4000;

/** A judged step as it crosses; the rollout only where it is another than the last step's. */
export type PlainJudgedStep = Omit<JudgedStep, "rollout" | "achieved"> & {
  readonly rollout?: Rollout;
  /** [N] where the rule asks for achievements. */
  readonly achieved?: readonly (readonly string[])[];
};

/** What the outside may ask, by name, and what it is answered. */
export interface Calls {
  /** Chooses the rule's options. */
  stage(options: unknown): {
    readonly kind: string;
    readonly plugin: string;
    readonly description: string;
    readonly options: Readonly<Record<string, unknown>>;
    readonly usesOracle: boolean;
  };
  /** Makes the rule. */
  create(
    seed: number,
    wiring: unknown,
  ): { readonly needs?: FeedbackRule["needs"]; readonly stateful: boolean };
  /** Judges; `before` is given where it is not the step judged last. */
  judge(now: PlainJudgedStep, before?: PlainJudgedStep): {
    readonly signs: unknown;
    readonly strengths: unknown;
    readonly words: readonly unknown[];
    readonly comparesWithBefore: unknown;
    readonly right: unknown;
    readonly missions: unknown;
    readonly earlier: unknown;
  };
  save(): unknown;
  load(state: unknown): null;
}

/** Time stands still in the sandbox, and nothing is ever called off. */
const clock: Clock = { now: () => 0, sleep: () => Promise.resolve() };
const signal = { aborted: false } as AbortSignal;

/**
 * Answers calls by a rule's module.
 *
 * @param module What the module exports.
 * @returns Takes a call's name and its packed arguments, gives the answer, packed in a list.
 */
export function serve(
  module: Readonly<Record<string, unknown>>,
): (name: keyof Calls, json: string, bytes: ArrayBuffer) => Packed {
  const plugin = pluginOf(module);
  if (!plugin) throw new Error("it exports no plugin made by definePlugin");
  lendPlatform();
  const calls = callsOf((options) => plugin.stage(options) as StageSpec);
  return (name, json, bytes) => {
    const values = unpack({ json, bytes }) as never[];
    const answer = apply(calls[name] as (...values: never[]) => unknown, undefined, values);
    return pack([answer]); // as deep as the values of a call
  };
}

/** What core/ uses of the platform and QuickJS lacks. */
function lendPlatform(): void {
  const structuredClone = <T>(value: T): T => unpack(pack(value)) as T;
  class TextEncoder {
    encode(text: string): Uint8Array {
      const escaped = encodeURIComponent(text).matchAll(/%(..)|(.)/g);
      return Uint8Array.from(
        escaped,
        ([, hex, plain]) => hex ? parseInt(hex, 16) : plain!.charCodeAt(0),
      );
    }
  }
  Object.assign(globalThis, { structuredClone, TextEncoder });
}

function callsOf(choose: (options: unknown) => StageSpec): Calls {
  let stage: StageSpec<"feedback">;
  let rule: FeedbackRule;
  let last: JudgedStep | undefined;
  return {
    stage(options) {
      stage = choose(options) as StageSpec<"feedback">;
      const { kind, plugin, description, usesOracle } = stage;
      return { kind, plugin, description, options: stage.options, usesOracle };
    },
    create(seed, wiring) {
      const made = stage.create(createContext({ seed, clock, signal }), wiring as never);
      if (made instanceof Promise) throw new Error("its create() is asynchronous");
      rule = made;
      return { needs: rule.needs, stateful: rule.save !== undefined && rule.load !== undefined };
    },
    judge(plainNow, plainBefore) {
      const before = plainBefore ? judgedStepOf(plainBefore) : last!;
      const now = last = judgedStepOf(plainNow, last?.rollout);
      const verdicts = rule.judge(now, before);
      const { signs, strengths, comparesWithBefore, right, missions, earlier } = verdicts;
      const words: unknown[] = [];
      for (let i = 0; i < now.advantages.length; i++) words[i] = shortened(verdicts.words(i));
      return { signs, strengths, words, comparesWithBefore, right, missions, earlier };
    },
    save: () => rule.save!(),
    load: (state) => (rule.load!(state as StageState), null),
  };
}

/** Words that need not be carried out to be cut there; none where a rule has nothing to say. */
function shortened(words: unknown): unknown {
  return typeof words === "string" ? apply(cut, words, [0, MOST_WORDS]) : words ?? "";
}

function judgedStepOf(
  { rollout, achieved, ...step }: PlainJudgedStep,
  lastRollout?: Rollout,
): JudgedStep {
  return {
    ...step,
    ...achieved && { achieved: (i) => achieved[i]! },
    rollout: rollout ?? lastRollout!,
  };
}
