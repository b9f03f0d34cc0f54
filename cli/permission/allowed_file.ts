/** `.tandem/allowed.json`: what the owner of a working directory has allowed documents to name. */
import { join } from "node:path";
import * as v from "valibot";
import { systemClock } from "../../core/kit/context.ts";
import { parseJson } from "../../core/kit/json.ts";
import { outsideReason } from "../../core/base/outside.ts";
import { draftOf } from "../../runtimes/files/draft.ts";

/** Something that was allowed. */
export interface Allowed {
  /** The hash that it is known by. */
  readonly sha256: string;
  /** What it is, for whoever reads the file. */
  readonly what: string;
}

/** Most entries that are kept, the newest. */
const MOST = 2000;
/** A longer file is none that we wrote. */
const LONGEST = 4 * 2 ** 20;
/** Tries to get hold of the file, and milliseconds between two. */
const [TRIES, WAIT] = [40, 50];

const FILE = v.strictObject({
  tandem: v.literal("allowed"),
  version: v.literal(1),
  allowed: v.pipe(
    v.array(v.strictObject({
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      what: v.pipe(v.string(), v.maxLength(500)),
    })),
    v.maxLength(MOST),
  ),
});

/**
 * The list of what was allowed, one a working directory. It lies in no run's folder, for such a folder
 * may come from elsewhere.
 */
export class AllowedFile {
  readonly #folder: string;
  readonly #path: string;
  #told = false;

  /** @param warn Told where the file is damaged or cannot be written. */
  constructor(private readonly warn: (sentence: string) => void, folder = ".tandem") {
    this.#folder = folder;
    this.#path = join(folder, "allowed.json");
  }

  /** All that is allowed; nothing where there is no file or it is damaged. */
  read(): readonly Allowed[] {
    try {
      return this.#parsed();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      if (!this.#told) {
        this.warn(
          `"${this.#path}" is damaged (${
            outsideReason(error)
          }) and is begun anew: what it allowed is ` +
            "asked for again.",
        );
      }
      this.#told = true;
      return [];
    }
  }

  /** Adds entries. Where that cannot be, it is told, and they are asked for again another time. */
  async add(entries: readonly Allowed[]): Promise<void> {
    try {
      Deno.mkdirSync(this.#folder, { recursive: true });
      if (!Deno.lstatSync(this.#folder).isDirectory) throw new Error("it leads elsewhere");
      using lock = await this.#locked();
      if (!lock) throw new Error("another process holds it");
      const known = this.read();
      const added = new Set(entries.map(({ sha256 }) => sha256));
      // What was allowed last stands last, and what is dropped stands first.
      const all = [...known.filter(({ sha256 }) => !added.has(sha256)), ...entries].slice(-MOST);
      this.#write(all);
    } catch (error) {
      this.warn(
        `What you allowed cannot be kept in "${this.#path}": ${outsideReason(error)}. It will be ` +
          "asked for again.",
      );
    }
  }

  #parsed(): readonly Allowed[] {
    const info = Deno.lstatSync(this.#path);
    if (!info.isFile) throw new Error("it is no file");
    if (info.size > LONGEST) throw new Error("it is too long");
    const parsed = v.safeParse(FILE, parseJson(Deno.readTextFileSync(this.#path)));
    if (!parsed.success) throw new Error(`no right "${v.getDotPath(parsed.issues[0]) ?? "form"}"`);
    return parsed.output.allowed;
  }

  #write(allowed: readonly Allowed[]): void {
    const draft = draftOf(this.#path);
    try {
      const text = JSON.stringify({ tandem: "allowed", version: 1, allowed }, null, 1);
      Deno.writeTextFileSync(draft, `${text}\n`, { createNew: true });
      Deno.renameSync(draft, this.#path);
    } catch (error) {
      try {
        Deno.removeSync(draft);
      } catch {
        // It was not made.
      }
      throw error;
    }
  }

  /** Keeps others from writing meanwhile; undefined where one of them does not let go. */
  async #locked(): Promise<Deno.FsFile | undefined> {
    const path = join(this.#folder, "lock");
    const file = Deno.openSync(path, { read: true, write: true, create: true });
    for (let n = 0; n < TRIES; n++) {
      if (file.tryLockSync(true)) return file;
      await systemClock.sleep(WAIT);
    }
    file.close();
    return undefined;
  }
}
