/** A simulated disk that forgets what was not synced when the power fails. */
import type { Files } from "../../runtimes/files/files.ts";
import type { Pcg64 } from "../../core/kit/random.ts";

interface File {
  readonly kind: "file";
  /** What a reader sees, and what is on the disk; null before the first sync. */
  now: Uint8Array;
  safe: Uint8Array | null;
}

interface Folder {
  readonly kind: "folder";
  now: Map<string, Node>;
  safe: Map<string, Node>;
}

type Node = File | Folder;

/** What a crash does to what was not synced: all is lost, all is kept, or each by the toss of a coin. */
export type Crash = "forget" | "keep" | Pcg64;

/** The power failed. */
export class PowerCut extends Error {}

/** Files in memory. After so many changes the power fails: the next one is not done. */
export class ForgetfulFiles implements Files {
  #root: Folder = { kind: "folder", now: new Map(), safe: new Map() };
  /** Changes done so far. */
  changes = 0;

  constructor(private readonly patience = Infinity) {}

  read(path: string): Uint8Array {
    const node = this.#find(path);
    if (node?.kind !== "file") throw new Deno.errors.NotFound(path);
    return node.now.slice();
  }

  /** None are simulated. */
  isLink(): boolean {
    return false;
  }

  write(path: string, content: Uint8Array): void {
    this.#change();
    const [folder, name] = this.#place(path);
    if (folder.now.has(name)) throw new Deno.errors.AlreadyExists(path);
    folder.now.set(name, { kind: "file", now: content.slice(), safe: null });
  }

  sync(path: string): void {
    this.#change();
    const node = this.#find(path);
    if (!node) throw new Deno.errors.NotFound(path);
    if (node.kind === "file") node.safe = node.now.slice();
    else node.safe = new Map(node.now);
  }

  rename(from: string, to: string): void {
    this.#change();
    const [source, name] = this.#place(from);
    const [target, newName] = this.#place(to);
    const node = source.now.get(name);
    if (!node) throw new Deno.errors.NotFound(from);
    const known = target.now.get(newName);
    if (known && (known.kind === "folder" || node.kind === "folder")) {
      throw new Deno.errors.AlreadyExists(to);
    }
    source.now.delete(name);
    target.now.set(newName, node);
  }

  /** File by file, so that the power may fail between them. */
  remove(path: string): void {
    const node = this.#find(path);
    if (!node) return;
    if (node.kind === "folder") {
      for (const name of [...node.now.keys()]) this.remove(`${path}/${name}`);
    }
    this.#change();
    const [folder, name] = this.#place(path);
    folder.now.delete(name);
  }

  makeFolder(path: string): void {
    let folder = this.#root;
    for (const name of partsOf(path)) {
      let next = folder.now.get(name);
      if (!next) {
        this.#change();
        folder.now.set(name, next = { kind: "folder", now: new Map(), safe: new Map() });
      }
      if (next.kind !== "folder") throw new Deno.errors.NotADirectory(path);
      folder = next;
    }
  }

  list(path: string): string[] {
    const node = this.#find(path);
    return node?.kind === "folder" ? [...node.now.keys()] : [];
  }

  /** What is found when the power is back, on a disk that has its patience again. */
  after(crash: Crash): ForgetfulFiles {
    const files = new ForgetfulFiles();
    files.#root = survivor(this.#root, crash) as Folder;
    return files;
  }

  #change(): void {
    if (this.changes >= this.patience) throw new PowerCut();
    this.changes++;
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of partsOf(path)) {
      node = node?.kind === "folder" ? node.now.get(name) : undefined;
    }
    return node;
  }

  #place(path: string): [Folder, string] {
    const parts = partsOf(path);
    const name = parts.pop()!;
    const folder = this.#find(parts.join("/"));
    if (folder?.kind !== "folder") throw new Deno.errors.NotFound(path);
    return [folder, name];
  }
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}

function survivor(node: Node, crash: Crash): Node {
  const keeps = () => crash === "keep" || (crash !== "forget" && crash.random() < 0.5);
  if (node.kind === "file") {
    const isSafe = node.safe && equal(node.now, node.safe);
    const content = isSafe || !keeps() ? node.safe ?? new Uint8Array() : torn(node.now, crash);
    return { kind: "file", now: content, safe: content };
  }
  const names = new Map<string, Node>();
  for (const name of new Set([...node.now.keys(), ...node.safe.keys()])) {
    const found = (keeps() ? node.now : node.safe).get(name);
    if (found) names.set(name, survivor(found, crash));
  }
  return { kind: "folder", now: names, safe: new Map(names) };
}

/** Where chance rules, a write may be on the disk in part. */
function torn(content: Uint8Array, crash: Crash): Uint8Array {
  if (typeof crash === "string" || crash.random() < 0.5) return content.slice();
  return content.slice(0, crash.integers(0, content.length + 1));
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
