/** Other engines than Deno: those on the PATH, or those that npm brings. */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/** The least Node that the packages name. */
const LEAST_NODE = [22, 13] as const;

/** Engines that npm brings are kept here, so that the next test finds them. */
const KEPT = "/tmp/tandem-engines";

/**
 * A program of Node from 22.13 on; undefined where there is none and npm brings none.
 * On the PATH it may be called "node22", too.
 */
export async function findNode(): Promise<string | undefined> {
  for (const program of ["node", "node22"]) {
    const [, major, minor] = /^v(\d+)\.(\d+)/.exec(await versionOf(program)) ?? [];
    const isNewer = Number(major) > LEAST_NODE[0];
    if (isNewer || Number(major) === LEAST_NODE[0] && Number(minor) >= LEAST_NODE[1]) {
      return program;
    }
  }
  return await brought(`node-${system()}`, "22", "bin/node");
}

/** A program of Bun; undefined where there is none and npm brings none. */
export async function findBun(): Promise<string | undefined> {
  if (await versionOf("bun")) return "bun";
  return await brought(`@oven/bun-${system().replace("arm64", "aarch64")}`, "1", "bin/bun");
}

/** What `PROGRAM --version` prints; "" where there is none. */
export async function versionOf(program: string): Promise<string> {
  try {
    const { success, stdout } = await new Deno.Command(program, { args: ["--version"] }).output();
    return success ? new TextDecoder().decode(stdout).trim() : "";
  } catch {
    return "";
  }
}

/** "linux-x64", as npm names systems. */
function system(): string {
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  return `${Deno.build.os}-${arch}`;
}

async function brought(name: string, version: string, file: string): Promise<string | undefined> {
  const folder = join(KEPT, name.replace("/", "-"));
  const program = join(folder, "node_modules", name, file);
  if (existsSync(program)) return program;
  if (!await versionOf("npm")) return undefined;
  // Beside it first: another test may bring the same.
  const draft = `${folder}.${crypto.randomUUID()}`;
  mkdirSync(draft, { recursive: true });
  await new Deno.Command("npm", {
    args: ["install", "--prefix", draft, "--no-audit", "--no-fund", `${name}@${version}`],
    stdout: "null",
    stderr: "null",
  }).output();
  if (!existsSync(program)) renameSync(draft, folder);
  rmSync(draft, { recursive: true, force: true });
  return existsSync(program) ? program : undefined;
}
