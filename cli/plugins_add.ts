import { Command } from "@commander-js/extra-typings";
import { outsideText } from "../core/base/outside.ts";
import { EFFECTS } from "../core/pipeline/effects.ts";
import { type Admission, admit, dismiss } from "./admission/admission.ts";
import { importFlags } from "./admission/look.ts";
import { readSpecifier, type Specifier } from "./admission/specifier.ts";
import { shellWord } from "./command_line.ts";
import { setting } from "./plugin_page.ts";
import { print, printError } from "./print.ts";

const EXAMPLES = `
Examples:
  deno task plugins:add npm:@you/my-rule@1.0.0
  deno task plugins:add jsr:@you/my-rule@1.0.0 https://example.org/rule.ts
  deno task plugins:remove npm:@you/my-rule@1.0.0

Only what deno.lock holds is loaded. A plugin is fetched with all that it imports, then loaded once, in
a process without network that cannot write; where anything is wrong, deno.lock stays as it was.`;

/** `plugins:add MODULE...`: lets plugins into deno.lock. */
export function pluginsAddCommand() {
  return new Command("plugins:add")
    .description("let plugins in from npm, JSR, the web or a file: code that you trust")
    .argument(
      "<module...>",
      "as --set names it: npm:NAME@1.2.3, jsr:@SCOPE/NAME@1.2.3, https://... or ./...",
    )
    .addHelpText("after", EXAMPLES)
    .action(async (modules) => {
      for (const specifier of modules.map(readSpecifier)) {
        printError(`Fetching ${outsideText(specifier.text)} ...`);
        print(`${lines(specifier, await admit(specifier)).join("\n")}`);
      }
    });
}

/** `plugins:remove MODULE...`: takes them out again. */
export function pluginsRemoveCommand() {
  return new Command("plugins:remove")
    .description("take plugins out of deno.lock that plugins:add let in")
    .argument("<module...>", "as plugins:add was told")
    .action(async (modules) => {
      for (const specifier of modules.map(readSpecifier)) {
        await dismiss(specifier);
        print(`${outsideText(specifier.text)} is out: deno.lock no longer holds what it brought.`);
      }
    });
}

/** What was let in, what it may do, and how it is used. */
function lines(specifier: Specifier, admission: Admission): string[] {
  const { kind, name, description, required, effects, brought, flags } = admission;
  const module = outsideText(specifier.text, { max: 4000 });
  const does = effects.map(({ effect, where }) =>
    `It ${EFFECTS[effect]}${where ? ` where ${outsideText(where)}` : ""}.`
  );
  const needed = [
    ...flags,
    ...importFlags(specifier).length > 0 ? [`--allow-import=${specifier.name}`] : [],
  ];
  const host = needed.length > 0 ? `TANDEM_ALLOW=${shellWord(needed.join(" "))} ` : "";
  const set = setting(kind, shellWord(module), required.map((option) => outsideText(option)));
  return [
    `${module} is let in: the ${kind} "${outsideText(name)}". ${
      outsideText(description, { max: 2000 })
    }`,
    ...(does.length > 0 ? does : ["It says that it does nothing besides computing."]),
    `deno.lock holds ${
      brought.length > 0 ? brought.map((one) => outsideText(one)).join(", ") : "nothing more"
    }.`,
    "",
    "Next:",
    `  ${host}deno task check ${shellWord(module)}`,
    `  ${host}deno task run pipelines/babyai.ts ${set}`,
  ];
}
