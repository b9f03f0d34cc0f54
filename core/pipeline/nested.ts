/** Stages within stages: an option that holds another stage, such as the teacher that one shuffles. */
import * as v from "valibot";
import { BEGINNING, beginning } from "./beginning.ts";
import { anyObject, type OptionsSchema } from "./options.ts";
import type { StageJson, StageSpec } from "./stage.ts";
import type { MaybePromise, PluginKind } from "../stages/mod.ts";
import { isModule } from "../base/module_url.ts";

/**
 * The schema of an option that holds a stage of a kind. In TypeScript its value is a stage, as in
 * `shuffled({ of: bot() })`; in JSON and on the command line it is a plugin's name, or
 * `{ plugin, options }`. `usesOracle` of the outer plugin should be that of the inner one.
 */
export function stageOption<K extends PluginKind>(kind: K): v.GenericSchema<StageSpec<K>> {
  return v.pipe(
    v.custom<StageSpec<K>>(
      (value) => isStage(value) && value.kind === kind,
      `Expected a plugin of the stage ${kind}`,
    ),
    v.metadata({ stage: kind }),
  );
}

/**
 * The schema of an option that holds a name out of a list, of which the plugin knows itself what it
 * means, or a stage of a kind: in JSON and on the command line a module, as "./my_channel.ts", or
 * `{ plugin, options }`.
 */
export function namedOrStage<K extends PluginKind, const N extends string>(
  names: readonly N[],
  kind: K,
): v.GenericSchema<N | StageSpec<K>> {
  const known = names.map((name) => `"${name}"`).join(", ");
  return v.union(
    [v.picklist(names), stageOption(kind)],
    `Expected one of ${known}, or a ${kind} plugin`,
  );
}

/** Finds a stage by kind, name and options. */
type Finder = (kind: PluginKind, name: string, options: unknown) => MaybePromise<StageSpec>;

/**
 * Options in which stages given by name are found; what is no stage's name is left for the schema
 * to judge.
 */
export async function resolveNested<T>(
  schema: OptionsSchema,
  options: T,
  find: Finder,
): Promise<T> {
  if (typeof options !== "object" || options === null) return options;
  const entries = Object.entries(options).map(async ([key, value]) => {
    const entry = Object.hasOwn(schema, key) ? schema[key] : undefined;
    return [key, entry ? await resolveValue(entry, value, find) : value] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as T;
}

async function resolveValue(
  schema: v.GenericSchema,
  value: unknown,
  find: Finder,
): Promise<unknown> {
  if ("wrapped" in schema) return await resolveValue(schema.wrapped as typeof schema, value, find);
  if ("item" in schema && Array.isArray(value)) {
    const item = schema.item as typeof schema;
    return await Promise.all(value.map((each) => resolveValue(item, each, find)));
  }
  if (schema.type === "union" && "options" in schema) {
    // Beside names of the plugin's own, a stage without options is named by its module alone.
    if (typeof value === "string" && !isModule(value)) return value;
    const held = (schema.options as (typeof schema)[]).find((one) => kindOf(one) !== undefined);
    return held ? await resolveValue(held, value, find) : value;
  }
  const kind = kindOf(schema);
  if (kind === undefined) return value;
  if (typeof value === "string") return await find(kind, value, {});
  const parsed = v.safeParse(BY_NAME, value);
  if (!parsed.success) return value;
  const { plugin, options, ...begins } = parsed.output;
  return beginning(await find(kind, plugin, options), begins);
}

/** The kind of the stages that a schema of {@linkcode stageOption} holds. */
function kindOf(schema: v.GenericSchema): PluginKind | undefined {
  return (v.getMetadata(schema) as { stage?: PluginKind }).stage;
}

const BY_NAME = v.strictObject({
  plugin: v.string(),
  options: v.optional(anyObject, {}),
  ...BEGINNING,
});

function isStage(value: unknown): value is StageSpec {
  return typeof value === "object" && value !== null && "create" in value && "plugin" in value;
}

/** The stages among the values of options, lists looked through. */
export function stagesWithin(options: unknown): readonly StageSpec[] {
  if (typeof options !== "object" || options === null) return [];
  const values = Object.values(options).flatMap((value) => Array.isArray(value) ? value : [value]);
  return values.filter(isStage);
}

/** Options with the stages within them as JSON. */
export function plainOptions(options: Readonly<Record<string, unknown>>): StageJson["options"] {
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain);
    return isStage(value) ? value.toJSON() : value;
  };
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key, plain(value)]));
}
