/** Plugins broken on purpose: a good stage with some of what it makes replaced. */
import assert from "node:assert/strict";
import { checkStage } from "../../../core/testing/mod.ts";
import type { CheckSetting } from "../../../core/testing/setting.ts";
import type { StageSpec } from "../../../core/pipeline/plugin.ts";
import type { Pluggables, PluginKind } from "../../../core/stages/mod.ts";
import { corridor } from "../../../plugins/env/corridor.ts";

export const world = corridor({ length: 4 });

/** A stage of which each instance is changed after it was made. */
export function broken<K extends PluginKind>(
  stage: StageSpec<K>,
  change: (made: Pluggables[K]) => object,
): StageSpec<K> {
  return {
    ...stage,
    create: async (context, wiring) => {
      const made = await stage.create(context, wiring);
      // Methods may live on a class and hold private state: they keep their `this`.
      return new Proxy(made, {
        get: (target, name) => {
          const changed = change(made) as Record<PropertyKey, unknown>;
          if (name in changed) return changed[name];
          const member = Reflect.get(target, name, target);
          return typeof member === "function" ? member.bind(target) : member;
        },
        has: (target, name) => {
          const changed = change(made) as Record<PropertyKey, unknown>;
          return name in changed ? changed[name] !== undefined : name in target;
        },
      });
    },
  };
}

/** Asserts that a check finds nothing. */
export async function assertSound<K extends PluginKind>(stage: StageSpec<K>): Promise<void> {
  assert.deepEqual(await checkStage(stage, { world }), []);
}

/** Asserts that a check does not find this, whatever else it finds. */
export async function assertNotFound<K extends PluginKind>(
  stage: StageSpec<K>,
  sentence: RegExp,
  setting: Partial<CheckSetting> = {},
): Promise<void> {
  const found = await checkStage(stage, { world, ...setting });
  assert.ok(!found.some((one) => sentence.test(one)), `${sentence} is in ${found.join("\n")}`);
}

/** Asserts that a check finds this, as a whole sentence. */
export async function assertFound<K extends PluginKind>(
  stage: StageSpec<K>,
  sentence: RegExp,
  setting: Partial<CheckSetting> = {},
): Promise<void> {
  const found = await checkStage(stage, { world, ...setting });
  assert.ok(found.some((one) => sentence.test(one)), `${sentence} is not in ${found.join("\n")}`);
  for (const one of found) assert.match(one, /^\w.*\.$/s);
}
