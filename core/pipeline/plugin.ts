/** A plugin: a stage's kind, name, options and maker. It is called to choose it for a pipeline. */
import type { Effect, EffectRequest, Permit } from "./effects.ts";
import { beginning } from "./beginning.ts";
import { expectContract, withContract } from "./contract.ts";
import { didYouMean, TandemError } from "../base/errors.ts";
import { outsideText } from "../base/outside.ts";
import { statOf } from "../base/host.ts";
import { loadReason } from "../base/load_reason.ts";
import { isModule, moduleFile, moduleUrl } from "../base/module_url.ts";
import { plainOptions, resolveNested, stagesWithin } from "./nested.ts";
import {
  type OptionsInput,
  type OptionsOutput,
  type OptionsSchema,
  parseOptions,
  quote,
} from "./options.ts";
import {
  type MaybePromise,
  type Pluggables,
  PLUGIN_KINDS,
  type PluginKind,
  type Trait,
} from "../stages/mod.ts";
import type { Context } from "../kit/context.ts";
import type { StageSpec, Wirings } from "./stage.ts";

export { isModule } from "../base/module_url.ts";

export type { StageJson, StageSpec, Wirings } from "./stage.ts";

/** What an author writes: see {@linkcode definePlugin}. */
export interface PluginDefinition<
  K extends PluginKind,
  O extends OptionsSchema,
  T extends Trait = Trait,
> {
  /** The stage that it can stand for, or "extra" or "channel". */
  readonly kind: K;
  /** What users type: lower case and hyphens, such as "td-error". */
  readonly name: string;
  /** One line that says what it does. */
  readonly description: string;
  /**
   * What its page and its help say besides, in paragraphs: formula, source, shapes. Indented as a whole
   * as its surroundings are.
   */
  readonly details?: string;
  /** A schema an option, made by {@linkcode option}; `{}` where there are none. */
  readonly options: O;
  /** Whether it asks the environment's expert; such a run is labelled as a control. */
  readonly usesOracle?: boolean | ((options: OptionsOutput<O>) => boolean);
  /** What it does besides computing; nothing where it is left out. See {@linkcode EFFECTS}. */
  readonly effects?: readonly Effect[] | ((options: OptionsOutput<O>) => readonly Effect[]);
  /**
   * How it fits the stages around it: an env names the kind of its observation, a teacher its grain,
   * a student all of both that it takes. What is not named fits with everything.
   */
  readonly fits?: readonly T[] | ((options: OptionsOutput<O>) => readonly T[]);
  /**
   * The options on which it depends what its state is: a stage that begins with what another run had
   * learned must have them as they were there.
   */
  readonly shapesState?: readonly (keyof O & string)[];
  /** Makes the stage. Randomness and time come from the context alone. */
  create(
    options: OptionsOutput<O>,
    context: Context,
    wiring: Wirings[K],
  ): MaybePromise<Pluggables[K]>;
}

/** The options of a plugin that has none. */
export type NoOptions = Readonly<Record<string, never>>;

/**
 * A defined plugin. Calling it with options gives a {@linkcode StageSpec}.
 *
 * `Options` is what a user writes: a property an option, with a question mark where there is a default.
 */
export interface Plugin<
  K extends PluginKind,
  Options extends object = NoOptions,
  T extends Trait = Trait,
> {
  /**
   * Chooses it for a pipeline.
   *
   * @throws {TandemError} E_OPTION for an option that it has not, or a value that is not taken.
   */
  (options?: Options): StageSpec<K, T>;
  /** The stage that it can stand for, or "extra" or "channel". */
  readonly kind: K;
  /** What users type, such as "td-error". */
  readonly pluginName: string;
  /** One line that says what it does. */
  readonly description: string;
  /** Paragraphs with an empty line between them; "" where there are none. */
  readonly details: string;
  /** The schemas of its options. */
  readonly options: OptionsSchema;
  /**
   * What it does besides computing, for options of which some may be missing; stages within it are not
   * looked at.
   */
  effectsOf(options: Readonly<Record<string, unknown>>): readonly Effect[];
  /** The stage for options that are not yet checked, under the name it was loaded by. */
  stage(options: unknown, loadedAs?: string): StageSpec<K, T>;
}

/** Any plugin of a kind, whatever its options. */
// Without the call, whose parameter no two plugins share.
export type AnyPlugin<K extends PluginKind = PluginKind> = Omit<Plugin<K>, never>;

/** Plugins by kind and name. */
export type PluginTable = { readonly [K in PluginKind]: Readonly<Record<string, AnyPlugin<K>>> };

/** The plugins that a name may stand for, by kind and name. */
export type Catalog = PluginTable & {
  /** Loads a feedback rule from a module that is not trusted; without it, modules are imported. */
  readonly sandbox?: (module: string, options: unknown) => Promise<StageSpec<"feedback">>;
  /**
   * Asked for every effect of a stage that is found by name, before a module is loaded and before a
   * stage is used. Without it all is allowed: who writes code, or types a command, speaks for himself.
   */
  readonly permit?: Permit;
};

/**
 * Defines a plugin.
 *
 * @example A feedback rule that praises everything.
 * ```ts
 * import { definePlugin } from "@tandem/core";
 * import assert from "node:assert/strict";
 * const praise = definePlugin({
 *   kind: "feedback",
 *   name: "praise",
 *   description: "Every suggestion is good.",
 *   options: {},
 *   create: () => ({
 *     judge: (now) => ({
 *       signs: new Int8Array(now.advantages.length).fill(1),
 *       strengths: new Float32Array(now.advantages.length).fill(1),
 *       words: () => "good",
 *     }),
 *   }),
 * });
 * assert.equal(praise().kind, "feedback");
 * assert.equal(praise().plugin, "praise");
 * ```
 */
export function definePlugin<
  K extends PluginKind,
  const O extends OptionsSchema,
  T extends Trait = Trait,
>(definition: PluginDefinition<K, O, T>): Plugin<K, OptionsInput<O>, T> {
  const { usesOracle = false, fits = [], effects = [] } = definition;
  const effectsOf = (options: Readonly<Record<string, unknown>>) =>
    typeof effects === "function" ? effects(options as OptionsOutput<O>) : effects;
  const stage = (input: unknown, loadedAs = definition.name): StageSpec<K, T> => {
    const options = parseOptions(
      definition.options,
      input,
      `${definition.kind}.${definition.name}`,
    );
    const within = effectsWithin(options);
    return withContract({
      kind: definition.kind,
      plugin: loadedAs,
      description: definition.description,
      options,
      schema: definition.options,
      usesOracle: typeof usesOracle === "function" ? usesOracle(options) : usesOracle,
      effects: [...new Set([...effectsOf(options), ...within])],
      fits: typeof fits === "function" ? fits(options) : fits,
      shapesState: definition.shapesState,
      with: (more) => stage({ ...options, ...more }, loadedAs),
      create: (context, wiring) => definition.create(options, context, wiring),
      toJSON: () => ({ plugin: loadedAs, options: plainOptions(options) }),
    });
  };
  const choose = (options: OptionsInput<O> = {} as OptionsInput<O>) => stage(options);
  return withContract(Object.assign(choose, {
    kind: definition.kind,
    pluginName: definition.name,
    description: definition.description,
    details: dedented(definition.details ?? ""),
    options: definition.options,
    effectsOf,
    stage,
  }));
}

/** What the stages within options do besides computing. @throws {TandemError} E_PLUGIN */
function effectsWithin(options: unknown): readonly Effect[] {
  return stagesWithin(options).flatMap((inner) => {
    expectContract(inner, inner.plugin);
    return inner.effects;
  });
}

/** A text without the indentation that all of its lines share, and without empty lines around it. */
function dedented(text: string): string {
  const lines = text.replace(/^\s*\n|\s+$/g, "").split("\n");
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.search(/\S/));
  const shared = Math.min(...indents);
  return lines.map((line) => line.slice(shared)).join("\n");
}

/** Whether a value is a plugin (as {@linkcode definePlugin} makes them). */
export function isPlugin(value: unknown): value is AnyPlugin {
  return typeof value === "function" && "kind" in value && "stage" in value &&
    "pluginName" in value && PLUGIN_KINDS.includes(value.kind as PluginKind);
}

/**
 * Finds a plugin by a built-in name, or loads it from a module: a path that starts with "." or "/"
 * (relative to the working directory), or a URL ("file:", "https:", "npm:", "jsr:").
 *
 * @throws {TandemError} E_PLUGIN for an unknown name or a module that is no plugin, E_SLOT for a
 * plugin of another kind, E_PERMISSION for what {@linkcode Catalog.permit} does not allow.
 */
export async function use<K extends PluginKind>(
  kind: K,
  name: string,
  options: unknown,
  catalog: Catalog,
): Promise<StageSpec<K>> {
  const module = isModule(name);
  if (module) moduleUrl(name); // refuses what is no place for a module, for the sandbox too
  if (kind === "feedback" && module && catalog.sandbox) {
    return await catalog.sandbox(name, options) as StageSpec as StageSpec<K>;
  }
  if (module) await catalog.permit?.({ effect: "import", kind, plugin: name });
  const builtins: PluginTable[K] = (catalog as PluginTable)[kind];
  const plugin = module
    ? ofKind(kind, name, await loadPlugin(name))
    : Object.hasOwn(builtins, name)
    ? builtins[name]
    : undefined;
  if (!plugin) throw unknownPlugin(kind, name, catalog);
  return await permitted(
    plugin.stage(await nameStages(plugin.options, options, catalog), name),
    catalog,
  );
}

/**
 * The stage, once every effect that it has is allowed.
 *
 * @throws {TandemError} E_PERMISSION
 */
export async function permitted<K extends PluginKind>(
  stage: StageSpec<K>,
  { permit }: Pick<Catalog, "permit">,
): Promise<StageSpec<K>> {
  for (const request of requestsOf(stage)) await permit?.(request);
  return stage;
}

/** What a stage asks for: an effect each. */
export function requestsOf({ kind, plugin, options, effects }: StageSpec): EffectRequest[] {
  return effects.map((effect) => ({ effect, kind, plugin, options }));
}

/**
 * Loads a stage's module anew, with the options that it still has.
 *
 * @param version Distinguishes it from what was loaded before.
 * @throws {TandemError} As {@linkcode use}.
 */
export async function reload(
  stage: StageSpec,
  version: string,
  catalog: Catalog,
): Promise<StageSpec> {
  const { kind, plugin: name, options } = stage;
  if (kind === "feedback" && catalog.sandbox) return await catalog.sandbox(name, options);
  await catalog.permit?.({ effect: "import", kind, plugin: name });
  const plugin = ofKind(kind, name, await loadPlugin(name, version));
  const kept = Object.entries(options).filter(([option]) => Object.hasOwn(plugin.options, option));
  // What it had learned is handed on to it.
  const { frozen } = stage;
  return await permitted(
    beginning(plugin.stage(Object.fromEntries(kept), name), { frozen }),
    catalog,
  );
}

/**
 * Options in which the names of stages are replaced by the stages; see {@linkcode stageOption}.
 *
 * @throws {TandemError} As {@linkcode use}.
 */
export function nameStages<T>(schema: OptionsSchema, options: T, catalog: Catalog): Promise<T> {
  return resolveNested(schema, options, (kind, name, inner) => use(kind, name, inner, catalog));
}

function unknownPlugin(kind: PluginKind, name: string, catalog: Catalog): TandemError {
  const elsewhere = PLUGIN_KINDS.find((other) => Object.hasOwn(catalog[other], name));
  if (elsewhere) return wrongSlot(kind, name, elsewhere);
  const names = Object.keys(catalog[kind]);
  const hint = didYouMean(name, names) ||
    ` ${names.length ? `Built in: ${names.join(", ")}; a` : "A"} module starts with "./".`;
  return new TandemError("E_PLUGIN", `There is no ${kind} plugin ${quote(name)}.${hint}`);
}

/**
 * Loads a plugin of any kind from a module, as {@linkcode use} does.
 *
 * @param version Distinguishes the module from what was loaded from the same place before.
 * @throws {TandemError} E_PLUGIN
 */
export async function loadPlugin(name: string, version?: string): Promise<AnyPlugin> {
  const url = moduleUrl(name);
  const shown = outsideText(name);
  await expectModuleFile(name);
  let module: Record<string, unknown>;
  try {
    module = await import(version === undefined ? url : `${url}?version=${version}`);
  } catch (cause) {
    const reason = loadReason(name, cause);
    throw new TandemError("E_PLUGIN", `The plugin "${shown}" cannot be loaded: ${reason}`, {
      cause,
    });
  }
  const plugin = pluginOf(module);
  if (plugin) {
    expectContract(plugin, name);
    return plugin;
  }
  throw new TandemError(
    "E_PLUGIN",
    `The module "${shown}" exports no plugin; export one made by definePlugin as its default.`,
  );
}

/** Bytes of a module: no person writes as many. */
const LARGEST_MODULE = 2 ** 26;

/** @throws {TandemError} E_PLUGIN for a pipe, on which one would wait for ever, a device or a file of terabytes. */
async function expectModuleFile(name: string): Promise<void> {
  const file = moduleFile(name);
  const found = file === undefined ? undefined : await statOf(file);
  if (!found || found.isFile() && found.size <= LARGEST_MODULE) return; // the import tells what else is wrong
  const why = found.isFile() ? `has more than ${LARGEST_MODULE} bytes` : "is no file";
  throw new TandemError(
    "E_PLUGIN",
    `The plugin "${outsideText(name)}" cannot be loaded: it ${why}.`,
  );
}

/**
 * The plugin that a module exports, as its default or by any name. A package on npm cannot import a clone
 * of Tandem: what {@linkcode definePlugin} takes will do as well.
 */
export function pluginOf(module: Readonly<Record<string, unknown>>): AnyPlugin | undefined {
  const exported = [module.default, ...Object.values(module)];
  const plugin = exported.find(isPlugin);
  if (plugin) return plugin;
  const definition = exported.find(isDefinition);
  return definition && definePlugin(definition);
}

function isDefinition(value: unknown): value is PluginDefinition<PluginKind, OptionsSchema> {
  if (typeof value !== "object" || value === null) return false;
  const { kind, name, description, options, create } = value as Record<string, unknown>;
  return PLUGIN_KINDS.includes(kind as PluginKind) && typeof name === "string" &&
    typeof description === "string" && typeof options === "object" && options !== null &&
    typeof create === "function";
}

/** @throws {TandemError} E_SLOT where the plugin is of another kind. */
function ofKind<K extends PluginKind>(kind: K, name: string, plugin: AnyPlugin): AnyPlugin<K> {
  if (plugin.kind !== kind) throw wrongSlot(kind, name, plugin.kind);
  return plugin as unknown as AnyPlugin<K>;
}

function wrongSlot(kind: PluginKind, name: string, right: PluginKind): TandemError {
  return new TandemError(
    "E_SLOT",
    `"${outsideText(name)}" is a plugin of the stage ${right} and cannot stand in ${kind}.`,
  );
}
