/** Holds modules to what they were when a comparison was begun: an edit in its midst is no trial of the same key. */
import { TandemError } from "../core/base/errors.ts";
import { outsideText } from "../core/base/outside.ts";
import { isModule } from "../core/base/module_url.ts";
import { Fingerprints } from "./fingerprints.ts";
import type { TrialContent } from "../lab/store.ts";

/** The modules that a thread has loaded. They stay as they were loaded, whatever becomes of their files. */
export class LoadedModules {
  /** SHA-256 by name, as they were when they were loaded. */
  readonly #loaded = new Map<string, string>();

  /**
   * Opens what a trial names, if its modules are those that its key stands for, before and after.
   *
   * @param readAnew A module that is read for each trial, as a rule in the sandbox is.
   * @throws {TandemError} E_PLUGIN where one has changed since.
   */
  async open<T>(
    { pipeline, files }: Pick<TrialContent, "pipeline" | "files">,
    readAnew: string | undefined,
    open: () => Promise<T>,
  ): Promise<T> {
    const expectSame = async () => {
      const now = await new Fingerprints().of(pipeline, isModule);
      for (const [name, hash] of Object.entries(now)) {
        if ((this.#loaded.get(name) ?? hash) !== files[name]) throw changed(name);
      }
      return now;
    };
    await expectSame();
    const opened = await open();
    for (const [name, hash] of Object.entries(await expectSame())) {
      if (name !== readAnew && !this.#loaded.has(name)) this.#loaded.set(name, hash);
    }
    return opened;
  }
}

function changed(name: string): TandemError {
  return new TandemError(
    "E_PLUGIN",
    `"${
      outsideText(name)
    }" was changed while the comparison ran. The same command runs the trials of ` +
      "it as it is now; put it back as it was and add --retry to go on with those of before.",
  );
}
