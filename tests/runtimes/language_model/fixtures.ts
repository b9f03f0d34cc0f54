/** The models that the tests run, and what transformers says of them. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type LanguageModel,
  openLanguageModel,
  type OpenOptions,
} from "../../../runtimes/language_model/language_model.ts";
import { readReference } from "../../../runtimes/language_model/reference.ts";

const MODELS = fileURLToPath(new URL("../../fixtures/language-models", import.meta.url));

/** The fixtures' names. */
export const FIXTURES = ["t5-v1_1", "t5-v1_0", "gpt2", "llama"] as const;

/** A fixture's name. */
export type Fixture = typeof FIXTURES[number];

/** The folder of a fixture. */
export function fixtureDir(name: Fixture): string {
  return join(MODELS, name);
}

/** Runs `work` on an open fixture and frees it. */
export async function withModel<T>(
  name: Fixture,
  work: (model: LanguageModel) => Promise<T>,
  options: OpenOptions = {},
): Promise<T> {
  const model = await openLanguageModel(fixtureDir(name), {
    device: "wasm",
    threads: 1,
    ...options,
  });
  try {
    return await work(model);
  } finally {
    await model.dispose();
  }
}

/** The prompts of a fixture's reference. */
export async function promptsOf(name: Fixture): Promise<string[]> {
  return (await readReference(fixtureDir(name))).map(({ text }) => text);
}

/** Runs `work` in a copy of a fixture. */
export async function withCopy(
  name: Fixture,
  work: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await copy(fixtureDir(name), dir);
    await work(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copy(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}
