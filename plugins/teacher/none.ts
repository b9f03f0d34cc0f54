import { definePlugin, type Plugin } from "@tandem/core";
import { fixedTeacher } from "@tandem/core/kit";

const options = {} as const;

export const none: Plugin<"teacher", typeof options> = definePlugin({
  kind: "teacher",
  name: "none",
  description: "No guidance at all: the student learns alone.",
  details: `
    No teacher: the student alone, the floor of every comparison.`,
  options,
  create: (_options, _context, { env: { actions } }) => fixedTeacher(actions, () => undefined),
});
