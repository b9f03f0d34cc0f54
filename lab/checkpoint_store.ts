/** A run's checkpoints/: the last ones and the best, a folder each, named by its iteration. */
import { dirname, join } from "node:path";
import { type Checkpoint, TandemError } from "@tandem/core";
import { disk, draftOf, type Files, refuseLinks } from "@tandem/runtimes/files";
import {
  type ArrayFormat,
  CHECKPOINT_FILES,
  type CheckpointFiles,
  type CheckpointNote,
  decodeCheckpoint,
  encodeCheckpoint,
  type Manifest,
  parseManifest,
} from "./checkpoint_file.ts";

/** The newest checkpoints that are kept; the best is kept beside them. */
const KEPT = 2;

/** Bytes of each file of a checkpoint. */
const MOST_BYTES: Readonly<Record<keyof CheckpointFiles, number>> = {
  "manifest.json": 2 ** 20,
  "state.json": 2 ** 29,
  "arrays.safetensors": 2 ** 32,
};

/**
 * What is found when a run shall go on.
 *
 * @internal
 */
export interface Found {
  readonly checkpoint: Checkpoint;
  readonly manifest: Manifest;
}

/**
 * Keeps checkpoints, each whole or not at all.
 *
 * @internal
 */
export class CheckpointStore {
  readonly #held = new Map<number, Pick<Manifest, "success">>();

  /**
   * @param folder The folder, which is made when it is needed.
   * @param format How arrays are written.
   */
  constructor(
    private readonly folder: string,
    private readonly format: ArrayFormat,
    private readonly files: Files = disk,
  ) {}

  /**
   * Keeps a checkpoint and lets go of those that are neither among the last nor the best. One of an
   * iteration that is held already is held for good.
   *
   * @throws What the file system answers; the checkpoints before are as they were.
   */
  keep(checkpoint: Checkpoint, note: CheckpointNote): void {
    const { iteration, success } = checkpoint;
    if (this.#held.has(iteration)) return;
    const { files, folder } = this;
    const content = encodeCheckpoint(checkpoint, note, this.format);
    const path = join(folder, String(iteration));
    const draft = draftOf(path);
    refuseLinks(folder, dirname(folder), files);
    files.remove(path); // of a timeline that was given up
    files.makeFolder(draft);
    if (this.#held.size === 0) files.sync(dirname(folder));
    try {
      for (const name of CHECKPOINT_FILES) {
        files.write(join(draft, name), content[name]);
        files.sync(join(draft, name));
      }
      files.sync(draft);
      files.rename(draft, path);
      files.sync(folder);
    } catch (error) {
      files.remove(draft);
      throw error;
    }
    this.#held.set(iteration, { success });
    this.#prune();
  }

  /**
   * The newest checkpoint that is whole.
   *
   * @param isUsable Whether the run can go on from it, beyond its being whole.
   * @param onDamage Told of each one passed over.
   * @throws {TandemError} E_CHECKPOINT where there are some and none is whole.
   */
  newest(
    isUsable: (manifest: Manifest) => boolean,
    onDamage: (error: TandemError) => void,
  ): Found | undefined {
    let last: TandemError | undefined;
    let found: Found | undefined;
    for (const iteration of this.#iterations()) {
      try {
        if (found) this.#held.set(iteration, parseManifest(this.#read(iteration, "manifest.json")));
        else {
          found = this.#open(iteration, isUsable);
          this.#held.set(iteration, found.manifest);
        }
      } catch (error) {
        last = error as TandemError;
        if (!found) onDamage(last);
      }
    }
    if (!found && last) throw last;
    return found;
  }

  /**
   * The checkpoint of most success on held-out worlds, of equals the latest; undefined where none that
   * was measured is kept.
   *
   * @param isUsable Whether a checkpoint is one of the run, beyond its being whole.
   * @throws {TandemError} E_CHECKPOINT where it is damaged.
   */
  best(isUsable: (manifest: Manifest) => boolean): Found | undefined {
    const measured = this.#iterations().flatMap((iteration) => {
      const manifest = this.#manifestOf(iteration);
      return manifest && manifest.success !== null && isUsable(manifest) ? [manifest] : [];
    });
    const [first, ...others] = measured;
    if (!first) return undefined;
    const better = (a: Manifest, b: Manifest) => b.success! > a.success! ? b : a;
    return this.#open(others.reduce(better, first).iteration, isUsable);
  }

  /** Undefined where it is damaged, as where a power cut left it so. */
  #manifestOf(iteration: number): Manifest | undefined {
    try {
      return parseManifest(this.#read(iteration, "manifest.json"));
    } catch {
      return undefined;
    }
  }

  #open(iteration: number, isUsable: (manifest: Manifest) => boolean): Found {
    try {
      const content = CHECKPOINT_FILES.map((name) => [name, this.#read(iteration, name)]);
      const found = decodeCheckpoint(Object.fromEntries(content) as CheckpointFiles, this.format);
      if (!isUsable(found.manifest)) {
        throw new TandemError(
          "E_CHECKPOINT",
          "It is of another run, or the run's events are lost.",
        );
      }
      return found;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const path = join(this.folder, String(iteration));
      throw new TandemError("E_CHECKPOINT", `"${path}" cannot be used: ${why}`, { cause: error });
    }
  }

  #read(iteration: number, name: keyof CheckpointFiles): Uint8Array {
    return this.files.read(join(this.folder, String(iteration), name), MOST_BYTES[name]);
  }

  /** The iterations of which there are checkpoints, the latest first. */
  #iterations(): number[] {
    const names = this.files.list(this.folder).filter((name) => /^\d{1,15}$/.test(name));
    return names.map(Number).sort((a, b) => b - a);
  }

  #prune(): void {
    const held = [...this.#held].sort(([a], [b]) => b - a);
    const [best] = held.reduce<[number, number]>(
      (best, [iteration, { success }]) => (success ?? -1) > best[1] ? [iteration, success!] : best,
      [-1, -1],
    );
    for (const [iteration] of held.slice(KEPT)) {
      if (iteration === best) continue;
      this.files.remove(join(this.folder, String(iteration)));
      this.#held.delete(iteration);
    }
  }
}
