/** What the Python side says first: what its environments look like, or why there are none. */
import * as v from "valibot";
import { TandemError } from "@tandem/core";
import { outsideReason, outsideText, parseJson } from "@tandem/core/internal";

/** Numbers of one tensor of one environment. */
const MOST_NUMBERS = 2 ** 24;

const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_NUMBERS));
const categories = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(256));
/** One number for all entries or one for each; null where there is no bound. */
const bounds = v.union([v.nullable(v.number()), v.array(v.nullable(v.number()))]);
const text = v.pipe(v.string(), v.maxLength(200));
const named = { name: text, shape: v.pipe(v.array(size), v.maxLength(8)) };

const Tensor = v.variant("kind", [
  v.object({ ...named, kind: v.literal("discrete"), n: categories }),
  v.object({ ...named, kind: v.literal("multi-discrete"), nvec: v.array(categories) }),
  v.object({ ...named, kind: v.literal("grid"), nvec: v.array(categories), channels: size }),
  v.object({ ...named, kind: v.literal("box"), low: bounds, high: bounds }),
]);

const Action = v.variant("kind", [
  v.object({ kind: v.literal("discrete"), n: v.pipe(size, v.maxValue(10_000)) }),
  v.object({ kind: v.literal("box"), shape: named.shape, low: bounds, high: bounds }),
]);

const Hello = v.object({
  protocol: v.literal(1),
  tensors: v.pipe(v.array(Tensor), v.minLength(1), v.maxLength(100)),
  action: Action,
  actionNames: v.nullable(v.array(text)),
  hasMission: v.boolean(),
  missionWords: v.nullable(v.pipe(v.array(text), v.maxLength(10_000))),
  isBabyAI: v.boolean(),
  maxSteps: size,
  rewardThreshold: v.nullable(v.number()),
});

/** Why there are no environments. */
const Refused = v.object({
  reason: v.picklist(["gymnasium", "id", "space", "action", "steps", "size", "make"]),
  said: v.string(),
});

/** What the environments look like. */
export type Hello = v.InferOutput<typeof Hello>;
/** A tensor of their observations. */
export type HelloTensor = v.InferOutput<typeof Tensor>;

/** What was asked for, for messages. */
export interface Asked {
  readonly id: string;
  readonly python: string;
  readonly envs: number;
}

/**
 * Reads the first line.
 *
 * @throws {TandemError} E_PACKAGE without Gymnasium, E_LEVEL for an unknown id, E_WIRING for a space
 * that no student reads, E_OPTION for what the options can put right.
 */
export function readHello(line: string, asked: Asked): Hello {
  const said = parsed(line);
  const hello = v.safeParse(Hello, said);
  if (hello.success) return hello.output;
  const refused = v.safeParse(Refused, said);
  if (refused.success) throw refusal(refused.output, asked);
  throw new TandemError(
    "E_PACKAGE",
    `"${asked.python}" said "${outsideText(line, { max: 100 })}" where Python was to say what ` +
      `"${asked.id}" looks like: ${outsideReason(hello.issues[0].message)}.`,
  );
}

function parsed(line: string): unknown {
  try {
    return parseJson(line);
  } catch {
    return undefined;
  }
}

function refusal({ reason, said }: v.InferOutput<typeof Refused>, asked: Asked): TandemError {
  const { id, python, envs } = asked;
  const shown = outsideText(said, { max: 300 }).replace(/\.$/, "");
  switch (reason) {
    case "gymnasium":
      return new TandemError(
        "E_PACKAGE",
        `"${python}" has no Gymnasium (${shown}): "${python} -m pip install gymnasium" installs ` +
          "it, and env.python names another Python.",
      );
    case "id":
      return new TandemError(
        "E_LEVEL",
        `Gymnasium has no environment "${id}" (${shown}): one of another package is named with that ` +
          `package, which has to be installed, as "my_worlds:Room-v0".`,
      );
    case "space": {
      const [name = "", space = ""] = said.split("\n").map((part) => outsideText(part));
      return new TandemError(
        "E_WIRING",
        `The observation of "${id}" is a space that no student reads (${name}: ${space}): Discrete, ` +
          "MultiDiscrete, MultiBinary, Box and Dict of them are read.",
      );
    }
    case "action":
      return new TandemError(
        "E_WIRING",
        `The actions of "${id}" are "${shown}"; students act in Discrete spaces and in a Box of floats.`,
      );
    case "steps":
      return new TandemError(
        "E_OPTION",
        `"${id}" does not say how long an episode may be: say it with env.maxSteps.`,
      );
    case "size":
      return new TandemError(
        "E_OPTION",
        `"${envs}" observations of "${id}" are "${shown}" bytes; right would be at most 64 million: ` +
          "fewer environments, or smaller observations.",
      );
    case "make":
      return new TandemError("E_OPTION", `Gymnasium cannot make "${id}": ${shown}.`);
  }
}
