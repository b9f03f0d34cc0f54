/** Opens Gymnasium's environments. */
import type { Context, Env } from "@tandem/core";
import { builtin } from "@tandem/core/internal";
import { GymnasiumEnv } from "./env.ts";
import { readHello } from "./hello.ts";
import { PythonProcess } from "./process.ts";
import { specOf } from "./spec.ts";
import type { GymnasiumOptions } from "../options.ts";

/** The folder of the Python side. */
const PYTHON = new URL("./python/", import.meta.url);

/** Seconds until they have to be there: large packages take their time. */
const START = 300;

/**
 * N environments in a Python process.
 *
 * @throws {TandemError} Where there are none, as {@linkcode PythonProcess.start} and
 * {@linkcode readHello} say.
 */
export async function openGymnasium(
  options: GymnasiumOptions & Required<Pick<GymnasiumOptions, "id" | "python" | "timeout">>,
  { clock }: Context,
  { envs }: { readonly envs: number },
): Promise<Env> {
  const { id, python, timeout, kwargs = {}, maxSteps = 0 } = options;
  const source = builtin("node:fs").readFileSync(new URL("server.py", PYTHON), "utf8");
  const setting = { id, kwargs, envs, maxSteps, timeout };
  const process = await PythonProcess.start({ python, source, setting, timeout: START }, clock);
  try {
    const hello = readHello(process.line, { id, python, envs });
    return new GymnasiumEnv(specOf(hello, options, envs), process);
  } catch (error) {
    await process.close();
    throw error;
  }
}
