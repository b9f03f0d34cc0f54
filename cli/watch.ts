/** Notices when the modules of a pipeline's own plugins were edited. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { TandemError } from "../core/base/errors.ts";
import { moduleFile } from "../core/base/module_url.ts";
import type { Pipeline } from "../core/pipeline/pipeline.ts";
import { type Catalog, isModule, reload, type StageSpec } from "../core/pipeline/plugin.ts";
import type { Replacement } from "../core/run/scheduler.ts";
import { STAGE_KINDS, type StateName } from "../core/stages/mod.ts";

/** A stage whose module lies in a file. */
interface Watched {
  readonly name: StateName;
  readonly stage: StageSpec;
  readonly path: string;
  /** When the file was last written, in milliseconds. */
  written: number;
}

/**
 * Watches the files from which a pipeline's plugins were loaded. The module itself is read anew, what
 * it imports is not.
 *
 * @returns To be asked between iterations: what was edited since it was asked before.
 * @throws {TandemError} E_ARGUMENT where there is nothing to watch.
 */
export async function watchPlugins(
  pipeline: Pipeline,
  catalog: Catalog,
): Promise<() => Promise<Replacement[]>> {
  const watched: Watched[] = [];
  for (const [name, stage] of stagesOf(pipeline)) {
    const path = pathOf(stage.plugin);
    if (path) watched.push({ name, stage, path, written: await writtenAt(path) });
  }
  if (watched.length === 0) {
    throw new TandemError(
      "E_ARGUMENT",
      "--watch looks after plugins given by path, as --set feedback=./my_rule.ts, and there is none.",
    );
  }
  return async () => {
    const edited: Replacement[] = [];
    for (const one of watched) {
      const written = await writtenAt(one.path);
      if (written === 0 || written === one.written) continue;
      one.written = written;
      edited.push({ name: one.name, load: () => reload(one.stage, String(written), catalog) });
    }
    return edited;
  };
}

function stagesOf({ stages, extras }: Pipeline): [StateName, StageSpec][] {
  return [
    ...STAGE_KINDS.map((kind): [StateName, StageSpec] => [kind, stages[kind]]),
    ...Object.entries(extras).map((
      [name, extra],
    ): [StateName, StageSpec] => [`extra.${name}`, extra]),
  ];
}

/** The file of a plugin's module; undefined for built-in plugins and those from elsewhere. */
function pathOf(plugin: string): string | undefined {
  const file = isModule(plugin) ? moduleFile(plugin) : undefined;
  return file === undefined ? undefined : resolve(file);
}

/** 0 while there is no file, as when an editor is about to write it. */
async function writtenAt(path: string): Promise<number> {
  return await stat(path).then(({ mtimeMs }) => mtimeMs, () => 0);
}
