/** Checkpoints of a comparison's trials that are under way: a file a trial, by its key, the newest only. */
import { dirname, join } from "node:path";
import { diskError, removeQuietly, writeAtomically } from "../lab/disk.ts";
import { isDraft } from "../runtimes/files/draft.ts";
import { disk } from "../runtimes/files/files.ts";
import { decodeSaved, encodeSaved, type FoundTrial } from "./saved_trial.ts";
import type { SavedTrial } from "./trial_worker.ts";

/** Bytes of a trial that was interrupted. */
const LARGEST = 2 ** 30;
const KEY = /^[0-9a-f]{64}$/;

/** Keeps where trials stand, so that the same comparison goes on there. */
export class TrialCheckpoints {
  #told = false;

  /**
   * @param folder The folder, which is there only as long as something is in it.
   * @param say Told what cannot be used, and the first that cannot be written.
   */
  constructor(
    private readonly folder: string,
    private readonly say: (sentence: string) => void,
  ) {}

  /** Where a trial stood; undefined where nothing is known that can be used. */
  find(key: string): FoundTrial | undefined {
    const path = this.#pathOf(key);
    let bytes: Uint8Array;
    try {
      bytes = disk.read(path, LARGEST);
    } catch {
      return undefined;
    }
    try {
      return decodeSaved(bytes, key);
    } catch (error) {
      this.say(`"${path}" is passed over, and its trial starts again: ${(error as Error).message}`);
      return undefined;
    }
  }

  /** Keeps where a trial stands, whole or not at all, in place of what was kept before. */
  keep(key: string, saved: SavedTrial): void {
    const { folder } = this;
    try {
      disk.makeFolder(folder);
      disk.sync(dirname(folder));
      writeAtomically(this.#pathOf(key), encodeSaved(saved));
    } catch (error) {
      this.#tell(error);
    }
  }

  /** Forgets a trial, which has ended. */
  drop(key: string): void {
    removeQuietly(this.#pathOf(key));
    try {
      // A process that was killed while it wrote has left its draft.
      const drafts = disk.list(this.folder).filter((name) => name.startsWith(key) && isDraft(name));
      for (const draft of drafts) removeQuietly(join(this.folder, draft));
      Deno.removeSync(this.folder);
    } catch {
      // There are others in it, or it was never there.
    }
  }

  /** Forgets the trials that are done, where the end of the process came before that. */
  dropDone(isDone: (key: string) => boolean): void {
    try {
      const keys = disk.list(this.folder).filter((name) => KEY.test(name) && isDone(name));
      for (const key of keys) this.drop(key);
    } catch (error) {
      this.#tell(error); // it is no folder
    }
  }

  #tell(error: unknown): void {
    if (this.#told) return;
    this.#told = true;
    const { message } = diskError(this.folder, error);
    this.say(`Trials are not checkpointed, and start again if they are interrupted: ${message}`);
  }

  #pathOf(key: string): string {
    return join(this.folder, key);
  }
}
