/**
 * Who owns the working directory, and what he has allowed. What he types, and what code that he runs
 * says, is his word. A document (a pipeline in JSON, a run's folder, a plan) may come from anywhere: it
 * names modules and uses plugins with effects only as far as he has allowed once, by a flag or because
 * he named the very same himself.
 */
import { printError } from "../print.ts";
import type { Effect, EffectRequest, Permit } from "../../core/pipeline/effects.ts";
import { EFFECTS } from "../../core/pipeline/effects.ts";
import { TandemError } from "../../core/base/errors.ts";
import { moduleFile, moduleUrl } from "../../core/base/module_url.ts";
import { plainOptions, stagesWithin } from "../../core/pipeline/nested.ts";
import { outsideText } from "../../core/base/outside.ts";
import type { Pipeline } from "../../core/pipeline/pipeline.ts";
import { type Catalog, isModule, requestsOf, type StageSpec } from "../../core/pipeline/plugin.ts";
import { canonical, sha256 } from "../../lab/digest.ts";
import { catalogFor } from "../../experiments/catalog.ts";
import { shellWord } from "../command_line.ts";
import { contentOfModule } from "../../experiments/fingerprints.ts";
import { type Allowed, AllowedFile } from "./allowed_file.ts";

/** What the flags of a command allow documents. */
export interface AllowFlags {
  readonly allowEffect: readonly Effect[];
  /** Modules as the document names them, or by any other name of the same file. */
  readonly allowModule: readonly string[];
}

/** What {@linkcode Owner.ofDocument} takes. */
export interface DocumentOptions {
  /** The document's path, for messages. */
  readonly document: string;
  /** Whether feedback rules given by path run in a sandbox. */
  readonly sandbox: boolean;
  /** Whether the command has a flag that puts feedback rules there. */
  readonly hasSandboxFlag?: boolean;
}

/** The owner of a working directory. */
export class Owner {
  readonly #flags: AllowFlags;
  readonly #file: AllowedFile;
  #known: Map<string, Allowed> | undefined;
  /** What was allowed by this command, to be kept. */
  readonly #said = new Map<string, Allowed>();
  #keeps = false;

  constructor(flags: AllowFlags, file = new AllowedFile(printError)) {
    this.#flags = flags;
    this.#file = file;
  }

  /** The plugins for what he says himself: all that he names is allowed. */
  async catalog(sandbox: boolean): Promise<Catalog> {
    return await catalogFor(sandbox, (request) => this.#say(request));
  }

  /** The plugins for what a document names. */
  async ofDocument(options: DocumentOptions): Promise<Catalog> {
    const permit: Permit = async (request) => {
      if (!this.#flagged(request) && !await this.#remembers(request)) {
        throw await this.#refusal(request, options);
      }
      await this.#say(request);
    };
    return await catalogFor(options.sandbox, permit);
  }

  /**
   * Keeps what this command was allowed, and from here on what it is allowed still, so that the same
   * may be named by a document later: by the folder of this run, for one.
   *
   * @param pipeline What is about to run, for the plugins that code chose.
   * @param sandbox Whether feedback rules given by path run in a sandbox: that allows them nothing.
   */
  async keep(pipeline?: Pipeline, sandbox = false): Promise<void> {
    this.#keeps = true;
    for (const stage of pipeline ? stagesOf(pipeline) : []) {
      if (isModule(stage.plugin) && !(sandbox && stage.kind === "feedback")) {
        await this.#say({ effect: "import", kind: stage.kind, plugin: stage.plugin });
      }
      for (const request of requestsOf(stage)) await this.#say(request);
    }
    await this.#write();
  }

  async #say(request: EffectRequest): Promise<void> {
    const allowed = await allowedOf(request);
    if (!allowed || this.#said.has(allowed.sha256)) return;
    this.#said.set(allowed.sha256, allowed);
    if (this.#keeps) await this.#write();
  }

  async #write(): Promise<void> {
    if (this.#said.size === 0) return; // as for most runs, which then read no list either
    const known = this.#all();
    // The same content in another place is another file that may change.
    const added = [...this.#said.values()].filter(({ sha256, what }) =>
      known.get(sha256)?.what !== what
    );
    if (added.length === 0) return;
    for (const one of added) known.set(one.sha256, one);
    await this.#file.add(added);
  }

  #all(): Map<string, Allowed> {
    return this.#known ??= new Map(this.#file.read().map((one) => [one.sha256, one]));
  }

  #flagged({ effect, plugin }: EffectRequest): boolean {
    if (effect !== "import") return this.#flags.allowEffect.includes(effect);
    return this.#flags.allowModule.some((module) => moduleUrl(module) === moduleUrl(plugin));
  }

  async #remembers(request: EffectRequest): Promise<boolean> {
    const allowed = await allowedOf(request);
    return allowed !== undefined && this.#all().has(allowed.sha256);
  }

  async #refusal(request: EffectRequest, options: DocumentOptions): Promise<TandemError> {
    const { effect, kind, plugin } = request;
    const [document, name] = [options.document, plugin].map((text) => outsideText(text));
    if (effect !== "import") {
      return new TandemError(
        "E_PERMISSION",
        `"${document}" has the ${kind} "${name}", which ${
          EFFECTS[effect]
        }, and you have not allowed ` +
          `that; if it shall, say it once with --allow-effect ${effect}.`,
      );
    }
    if (moduleFile(plugin) !== undefined && !await allowedOf(request)) {
      return new TandemError(
        "E_PLUGIN",
        `"${document}" has the ${kind} "${name}", and there is no such file here.`,
      );
    }
    const what = whatOf(request);
    const isOther = [...this.#all().values()].some((one) => one.what === what);
    const state = isOther
      ? "has changed since you allowed it"
      : "is code that you have not allowed";
    const apart = kind === "feedback" && options.hasSandboxFlag
      ? ", or run it in a sandbox with --sandbox"
      : "";
    return new TandemError(
      "E_PERMISSION",
      `"${document}" has the ${kind} "${name}", which ${state}; if you trust it, say it once with ` +
        `--allow-module ${shellWord(name!)}${apart}.`,
    );
  }
}

/**
 * What a request is known by: a module in a file by its content and that of the files beside it that it
 * imports, one from elsewhere by its name (deno.lock holds its content), a plugin by its options.
 * Undefined for a module whose file cannot be read.
 */
async function allowedOf(request: EffectRequest): Promise<Allowed | undefined> {
  const { effect, kind, plugin, options = {} } = request;
  const what = whatOf(request);
  if (effect !== "import") {
    const hash = sha256(canonical([effect, kind, plugin, plainOptions(options)]));
    return { sha256: hash, what };
  }
  const file = moduleFile(plugin);
  if (file === undefined) return { sha256: sha256(canonical([effect, moduleUrl(plugin)])), what };
  const content = await contentOfModule(file).catch(() => undefined);
  return content === undefined ? undefined : { sha256: sha256(canonical([effect, content])), what };
}

function whatOf({ effect, kind, plugin }: EffectRequest): string {
  const name = outsideText(plugin);
  return effect === "import" ? `the module ${name}` : `${effect} by the ${kind} ${name}`;
}

/** All stages of a pipeline, those within others too. */
function stagesOf({ stages, extras }: Pipeline): StageSpec[] {
  const reached: StageSpec[] = [...Object.values(stages), ...Object.values(extras)];
  for (const stage of reached) reached.push(...stagesWithin(stage.options)); // grows as it is gone through
  return reached;
}
