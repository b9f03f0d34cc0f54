/**
 * The cache of downloaded models, laid out as Hugging Face's own: models--ORG--NAME/refs/REVISION
 * holds a commit, and snapshots/COMMIT/ the files. A snapshot that this project pulled also holds
 * a list of its files, written last: without it the snapshot is unfinished.
 */
import { join } from "node:path";
import * as v from "valibot";
import { TandemError } from "@tandem/core";
import { outsideText } from "@tandem/core/internal";
import { writeInside } from "./inside.ts";
import { isPlainPath } from "../files/names.ts";
import { readTextFile } from "../files/read.ts";

const LIST = ".tandem.json";
/** Bytes of a list or of a revision's commit. */
const MOST_BYTES = 2 ** 24;
const COMMIT = /^[0-9a-f]{40}$/;
// One or two names of letters, digits, "-", "_" and ".", none of them "." or ".."; "--" stands for "/"
// in the names of folders.
const ID = /^(?!.*--)(?!\.\.?(?:\/|$))[\w.-]{1,96}(?:\/(?!\.\.?$)[\w.-]{1,96})?$/;
const REVISION = /^(?!\.)(?!.*\.\.)[\w.-]+(?:\/[\w.-]+)*$/;

const snapshotList = v.object({
  id: v.string(),
  revision: v.string(),
  commit: v.string(),
  files: v.array(v.object({
    path: v.pipe(v.string(), v.check(isPlainPath)),
    size: v.number(),
    checksum: v.optional(v.object({ kind: v.picklist(["sha256", "git"]), hex: v.string() })),
  })),
});

/** What a snapshot holds. */
export type SnapshotList = v.InferOutput<typeof snapshotList>;

/** Where a model's snapshots lie in a cache. */
export class ModelCache {
  /** The model's own folder in the cache. */
  readonly folder: string;

  /** @throws TandemError E_MODEL where the id is none. */
  constructor(readonly cacheDir: string, readonly id: string) {
    if (!ID.test(id)) {
      throw new TandemError(
        "E_MODEL",
        `The model "${outsideText(id)}" is neither a folder nor a name as "google/flan-t5-small".`,
      );
    }
    this.folder = join(cacheDir, `models--${id.replace("/", "--")}`);
  }

  /** The folder of a commit's files. */
  snapshot(commit: string): string {
    return join(this.folder, "snapshots", commit);
  }

  /** The commit that a revision stands for in the cache, or undefined. */
  async commitOf(revision: string): Promise<string | undefined> {
    if (COMMIT.test(revision)) return revision;
    try {
      const commit = (await readTextFile(this.#ref(revision), MOST_BYTES)).trim();
      return COMMIT.test(commit) ? commit : undefined;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** @throws TandemError E_MODEL where a revision is no branch, tag or commit. */
  checkRevision(revision: string): void {
    this.#ref(revision);
  }

  /** Pins a revision to a commit. */
  async pin(revision: string, commit: string): Promise<void> {
    if (revision === commit) return;
    await writeInside(this.folder, this.#ref(revision), commit);
  }

  /** The list of a finished snapshot whose files are all there in full length, or undefined. */
  async read(commit: string): Promise<SnapshotList | undefined> {
    try {
      const text = await readTextFile(join(this.snapshot(commit), LIST), MOST_BYTES);
      const list = v.parse(snapshotList, JSON.parse(text));
      for (const { path, size } of list.files) {
        if ((await Deno.stat(join(this.snapshot(commit), path))).size !== size) return undefined;
      }
      return list;
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      return undefined;
    }
  }

  /** Marks a snapshot as finished. */
  async finish(list: SnapshotList): Promise<void> {
    const text = JSON.stringify(list, undefined, 2) + "\n";
    await writeInside(this.folder, join(this.snapshot(list.commit), LIST), text);
  }

  #ref(revision: string): string {
    if (!REVISION.test(revision)) {
      throw new TandemError(
        "E_MODEL",
        `The revision "${outsideText(revision)}" is no branch, tag or commit of "${this.id}".`,
      );
    }
    return join(this.folder, "refs", revision);
  }
}
