import { definePlugin, GRAINS, type Plugin } from "@tandem/core";
import { fixedTeacher } from "@tandem/core/kit";

/** No guidance at all: the student learns alone. */
export const none: Plugin<"teacher"> = definePlugin({
  kind: "teacher",
  name: "none",
  description: "No guidance at all: the student learns alone.",
  details: `
    No teacher: the student alone, the floor of every comparison.`,
  options: {},
  fits: GRAINS, // who says nothing suits whoever hears anything
  create: (_options, _context, { env: { actions } }) => fixedTeacher(actions, () => undefined),
});
