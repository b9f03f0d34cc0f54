/** Copies of the project in which mutants live, and the commands that run there. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Mutant, mutated } from "./mutants.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FOLDERS = "core runtimes plugins lab cli pipelines models tests types".split(" ");
const FILES = "deno.json deno.lock import_map.json cli.ts".split(" ");

/** What the tests of core are allowed. */
const PERMISSIONS = [
  "--allow-read",
  "--allow-write=/tmp",
  "--allow-env",
  "--allow-sys",
  "--allow-run",
];

/** How a run of tests ended. */
export type Ending = "passed" | "failed" | "out of time";

/** A copy of the project under /tmp. */
export class Project {
  private constructor(readonly root: string) {}

  static async copy(): Promise<Project> {
    const root = await Deno.makeTempDir({ dir: "/tmp", prefix: "tandem-mutate-" });
    await new Deno.Command("cp", {
      args: ["-r", ...[...FOLDERS, ...FILES].map((name) => join(ROOT, name)), root],
    }).output();
    return new Project(root);
  }

  read(file: string): string {
    return Deno.readTextFileSync(join(this.root, file));
  }

  /** All files below a folder, sorted. */
  files(folder: string): string[] {
    return [...Deno.readDirSync(join(this.root, folder))].flatMap(({ name, isDirectory }) => {
      const path = `${folder}/${name}`;
      return isDirectory ? this.files(path) : [path];
    }).sort();
  }

  /** Does something while a mutant is in its place. */
  async with<T>(mutant: Mutant, work: () => Promise<T>): Promise<T> {
    const path = join(this.root, mutant.file);
    const source = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(path, mutated(source, mutant));
    try {
      return await work();
    } finally {
      Deno.writeTextFileSync(path, source);
    }
  }

  /**
   * Runs tests up to the first that fails, or that takes longer than so many milliseconds. They share
   * one process and one copy of what they import, which saves most of the time.
   */
  async test(files: readonly string[], patience: number): Promise<Ending> {
    const all = "tests/all_test.ts";
    const imports = files.map((file) => `import "../${file}";\n`);
    await Deno.writeTextFile(join(this.root, all), imports.join(""));
    const over = new AbortController();
    const process = this.#deno(["test", "--fail-fast", ...TEST, all], over.signal).spawn();
    let timer = setTimeout(() => over.abort(), patience);
    // Each test that ends says so.
    for await (const _ of process.stdout) {
      clearTimeout(timer);
      timer = setTimeout(() => over.abort(), patience);
    }
    clearTimeout(timer);
    const { success } = await process.status;
    if (over.signal.aborted) return "out of time";
    return success ? "passed" : "failed";
  }

  /**
   * The mutants that do not compile. Each stands beside its file for this, under a name of its own, so
   * that one check serves for all.
   */
  async uncompilable(mutants: readonly Mutant[]): Promise<Set<Mutant>> {
    const sources = [...new Set(mutants.map(({ file }) => file))];
    const beside = (file: string, name: string | number) =>
      file.replace(/ts$/, `mutant-${name}.ts`);
    const written = [
      ...sources.map((file) => [beside(file, "none"), this.read(file)] as const),
      ...mutants.map((it, k) => [beside(it.file, k), mutated(this.read(it.file), it)] as const),
    ];
    for (const [file, text] of written) Deno.writeTextFileSync(join(this.root, file), text);
    const { stderr } = await this.#deno(["check", ...written.map(([file]) => file)]).output();
    for (const [file] of written) Deno.removeSync(join(this.root, file));
    const text = new TextDecoder().decode(stderr);
    const errors = (file: string) => text.split(`${file}:`).length - 1;
    return new Set(
      mutants.filter(({ file }, k) => errors(beside(file, k)) > errors(beside(file, "none"))),
    );
  }

  async remove(): Promise<void> {
    await Deno.remove(this.root, { recursive: true });
  }

  #deno(args: string[], signal?: AbortSignal): Deno.Command {
    return new Deno.Command(Deno.execPath(), {
      args,
      cwd: this.root,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: signal ? "null" : "piped",
      signal,
    });
  }
}

const TEST = ["--quiet", "--no-check", "--no-prompt", ...PERMISSIONS];
