/** What a plugin does besides computing, and who allows it. */
import { TandemError } from "../base/errors.ts";
import { outsideText } from "../base/outside.ts";
import type { PluginKind } from "../stages/mod.ts";

/**
 * Every effect with what it means. A plugin declares its own; what a document (a pipeline in JSON, a
 * plan, a message) names may have those alone that its owner allowed by name.
 */
export const EFFECTS = {
  import: "loads a module",
  process: "starts a program or loads native code",
  network: "reaches the network",
  write: "writes files in the working directory",
  "write-outside": "writes files outside the working directory",
} as const;

/** A key of {@linkcode EFFECTS}. */
export type Effect = keyof typeof EFFECTS;

/** What a document asks for. */
export interface EffectRequest {
  /** What it would do. */
  readonly effect: Effect;
  /** The kind of the plugin that would. */
  readonly kind: PluginKind;
  /** The plugin's name, or its module. */
  readonly plugin: string;
  /** The stage's options as far as they are known; none before its module is loaded. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/**
 * Allows what a document asks for, or throws.
 *
 * @throws {TandemError} E_PERMISSION
 */
export type Permit = (request: EffectRequest) => void | Promise<void>;

/**
 * Allows the effects that are named and no others.
 *
 * @param allowed The effects.
 * @param remedy What the reader can do, as the end of the message.
 * @example
 * ```ts
 * import { allowing } from "./effects.ts";
 * import assert from "node:assert/strict";
 * const permit = allowing(["write"], "");
 * permit({ effect: "write", kind: "teacher", plugin: "cassette" });
 * assert.throws(() => permit({ effect: "network", kind: "teacher", plugin: "chat" }), /network/);
 * ```
 */
export function allowing(allowed: readonly Effect[], remedy: string): Permit {
  return (request) => {
    if (!allowed.includes(request.effect)) throw notAllowed(request, remedy);
  };
}

/** The E_PERMISSION error for a request. */
export function notAllowed({ effect, kind, plugin }: EffectRequest, remedy: string): TandemError {
  const what = `The ${kind} "${outsideText(plugin)}" ${EFFECTS[effect]}`;
  return new TandemError(
    "E_PERMISSION",
    `${what} (${effect}), which nobody has allowed.${remedy && ` ${remedy}`}`,
  );
}
