/** What `deno task new` writes, by kind. */
import type { PluginKind } from "../../core/stages.ts";
import { advantage } from "./advantage.ts";
import { env } from "./env.ts";
import { extra } from "./extra.ts";
import { feedback } from "./feedback.ts";
import { student } from "./student.ts";
import { teacher } from "./teacher.ts";
import type { Template } from "./template.ts";

export type { Names, Sources } from "./template.ts";

/** A working plugin of each kind to begin with. */
export const TEMPLATES: Readonly<Record<PluginKind, Template>> = {
  env,
  teacher,
  student,
  advantage,
  feedback,
  extra,
};
