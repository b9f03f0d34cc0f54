/** Variants of a comparison that a tuning run has found: `@DIR`, and `@DIR:NAME` for one of them. */
import { join } from "node:path";
import { didYouMean, TandemError } from "../core/base/errors.ts";
import { outsideText } from "../core/base/outside.ts";
import type { Pipeline } from "../core/pipeline/pipeline.ts";
import { pipelineOf } from "../experiments/trials.ts";
import { readTuned, TUNING_FILE } from "../lab/tuning/document.ts";
import type { Variant } from "../lab/variants.ts";
import type { Owner } from "./permission/owner.ts";

/** What was taken from tuning runs: a document's word, which its reader has to allow. */
export class TunedVariants {
  readonly #taken: { readonly document: string; readonly variant: Variant }[] = [];
  /** Those that go by their own names. */
  readonly all: Variant[] = [];

  constructor(private readonly owner: Owner) {}

  /**
   * Names of a list, those of a tuning run in place of `@DIR`.
   *
   * @throws {TandemError} E_FILE where there is none, E_ARGUMENT for a name that it has not, or two alike.
   */
  named(names: readonly string[]): string[] {
    const all = names.flatMap((name) => {
      if (!name.startsWith("@")) return [name];
      const found = this.#take(name);
      this.all.push(...found);
      return found.map((variant) => variant.name);
    });
    const twice = this.all.find(({ name }) => all.indexOf(name) < all.lastIndexOf(name));
    if (!twice) return all;
    throw new TandemError(
      "E_ARGUMENT",
      `"${outsideText(twice.name)}" is named beside the tuned one; call that otherwise, as ` +
        `--variant tuned=@DIR:${outsideText(twice.name)}.`,
    );
  }

  /** Variants, the settings of a tuned one in place of `@DIR:NAME`. */
  within(variants: readonly Variant[]): Variant[] {
    return variants.map((variant) => {
      const settings = variant.settings.flatMap((setting) => {
        if (!setting.startsWith("@")) return [setting];
        const [found, ...others] = this.#take(setting);
        if (others.length === 0) return found!.settings;
        throw new TandemError(
          "E_ARGUMENT",
          `"${outsideText(setting)}" holds several variants; name one, such as "${
            outsideText(`${setting}:${found!.name}`)
          }".`,
        );
      });
      return { ...variant, settings };
    });
  }

  /**
   * Holds that the documents name nothing that is not allowed.
   *
   * @throws {TandemError} E_PERMISSION, and where settings do not fit the pipeline.
   */
  async expectAllowed(pipeline: Pipeline, sandbox: boolean): Promise<void> {
    for (const { document, variant } of this.#taken) {
      const catalog = await this.owner.ofDocument({ document, sandbox, hasSandboxFlag: true });
      await pipelineOf(pipeline, { variant, level: null }, catalog);
    }
  }

  #take(place: string): Variant[] {
    const [, folder = "", name] = /^@(.+?)(?::([\w.+-]+))?$/s.exec(place) ?? [];
    const document = join(folder, TUNING_FILE);
    const variants = readTuned(document);
    const found = name === undefined ? variants : variants.filter((each) => each.name === name);
    if (found.length === 0) {
      const known = variants.map((each) => each.name);
      throw new TandemError(
        "E_ARGUMENT",
        `"${outsideText(document)}" has tuned no variant "${outsideText(name ?? "")}".${
          didYouMean(name ?? "", known) || ` It has ${outsideText(known.join(", "))}.`
        }`,
      );
    }
    this.#taken.push(...found.map((variant) => ({ document, variant })));
    return found;
  }
}
