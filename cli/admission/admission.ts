/** Lets plugins into deno.lock, and out of it. */
import { resolve } from "node:path";
import { TandemError } from "../../core/base/errors.ts";
import { moduleUrl } from "../../core/base/module_url.ts";
import { draftOf } from "../../runtimes/files/draft.ts";
import core from "../../core/deno.json" with { type: "json" };
import { type Admitted, readAdmitted, writeAdmitted } from "./admitted.ts";
import { fetchModules } from "./fetch.ts";
import {
  copiesOfTandem,
  type Entries,
  entriesAdded,
  entryChanged,
  type Lock,
  readLock,
  withoutEntries,
} from "./lock.ts";
import { type Look, lookAt } from "./look.ts";
import type { Specifier } from "./specifier.ts";

const LOCK = "deno.lock";

/** A plugin that is in deno.lock now. */
export interface Admission extends Look {
  /** Flags of Deno's that it needs to be loaded. */
  readonly flags: readonly string[];
  /** What came into deno.lock with it: packages, and files on the web. */
  readonly brought: readonly string[];
}

/**
 * Lets a plugin in: it is fetched into a draft of deno.lock, looked at, and only then deno.lock is
 * replaced. Whatever fails on the way leaves everything as it was.
 *
 * @throws {TandemError} E_PLUGIN, E_DOWNLOAD or E_FILE, and what the plugin's own module throws.
 */
export async function admit(specifier: Specifier): Promise<Admission> {
  const { text } = specifier;
  const admitted = await readAdmitted();
  return await withDraft(async (draft, before) => {
    await fetchModules(draft, [moduleUrl(text)]);
    const { lock } = await readLock(draft);
    const added = entriesAdded(before, lock);
    expectNoCopy(text, added);
    const look = await lookAt(specifier, draft);
    const known = admitted.find(({ module }) => module === text);
    const { kind, name, description } = look;
    const entry = { module: text, kind, name, description, added: known?.added ?? added };
    const packages = added.npm?.map((key) => key.split("_")[0]!) ?? [];
    return {
      result: { ...look, brought: [...packages, ...added.jsr ?? [], ...added.remote ?? []] },
      admitted: [...admitted.filter((other) => other !== known), entry],
    };
  });
}

/**
 * Takes a plugin out of deno.lock, with all that it alone brought there.
 *
 * @throws {TandemError} E_PLUGIN where it was not let in, E_DOWNLOAD where what the others need has to be
 * fetched again and cannot be.
 */
export async function dismiss({ text }: Specifier): Promise<void> {
  const admitted = await readAdmitted();
  const left = admitted.filter(({ module }) => module !== text);
  if (left.length === admitted.length) {
    const names = admitted.map(({ module }) => `"${module}"`);
    const those = names.length > 0 ? `; let in are ${names.join(", ")}` : "; none is let in";
    throw new TandemError(
      "E_PLUGIN",
      `"${text}" was not let in by "deno task plugins:add"${those}.`,
    );
  }
  await withDraft(async (draft, before) => {
    // What one brought, another may need too: all of it goes, and what is needed comes again.
    let lock: Lock = before;
    for (const { added } of admitted) {
      await Deno.writeTextFile(draft, withoutEntries(lock, added));
      lock = (await readLock(draft)).lock;
    }
    await fetchModules(draft, ["cli.ts", ...left.map(({ module }) => moduleUrl(module))]);
    return { result: undefined, admitted: left };
  });
}

/** What is to be kept. */
interface Outcome<T> {
  readonly result: T;
  readonly admitted: readonly Admitted[];
}

/** Works on a copy of deno.lock, which takes its place only if all went well. */
async function withDraft<T>(
  work: (draft: string, before: Lock) => Promise<Outcome<T>>,
): Promise<T> {
  const { text, lock } = await readLock(LOCK);
  const draft = resolve(draftOf(LOCK));
  try {
    await Deno.writeTextFile(draft, text, { createNew: true });
    const { result, admitted } = await work(draft, lock);
    const changed = entryChanged(lock, (await readLock(draft)).lock);
    if (changed !== undefined) throw fault(`"${changed}" is not what deno.lock holds for it`);
    if (await Deno.readTextFile(LOCK) !== text) {
      throw fault("deno.lock was changed by somebody else meanwhile");
    }
    await writeAdmitted(admitted);
    await Deno.rename(draft, LOCK);
    return result;
  } finally {
    await Deno.remove(draft).catch(() => {}); // it has become deno.lock
  }
}

function fault(what: string): TandemError {
  return new TandemError(
    "E_FILE",
    `${what}; nothing was changed, and the command can be repeated.`,
  );
}

/** @throws {TandemError} E_PLUGIN for a plugin that would run beside another copy of Tandem. */
function expectNoCopy(text: string, added: Entries): void {
  const [copy] = copiesOfTandem(added);
  if (copy === undefined) return;
  throw new TandemError(
    "E_PLUGIN",
    `"${text}" brings a copy of its own of Tandem, "${copy}", beside version ${core.version} that is ` +
      `here, and two of them do not understand each other; its author should make "@tandem/core" an ` +
      `optional peer dependency of a range that holds ${core.version}.`,
  );
}
