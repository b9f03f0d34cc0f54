/** What the compiler says of pipelines and plugins that do not fit: a sentence, where the mistake is. */
import assert from "node:assert/strict";
import { ROOT, withFolder } from "../cli/command.ts";

const HEAD = `
  import { definePipeline, definePlugin, type Plugin } from "${ROOT}core/mod.ts";
  import { bot, cartpole, corridor, noTeacher, paper, qMinusV, tabularQ } from "${ROOT}plugins/mod.ts";
  import * as v from "valibot";
  const never = (): never => { throw new Error("never made"); };
  const looker = definePlugin({
    kind: "student", name: "looker", description: "Sees grids.", options: {},
    fits: ["grid"], create: never,
  });
  const reader = definePlugin({
    kind: "student", name: "reader", description: "Reads on.", options: {},
    fits: ["vector", "grid", "plan", "subgoal"], create: never,
  });
  const obedient: Plugin<"student", { hidden?: number }, "vector" | "action"> = definePlugin({
    kind: "student", name: "obedient", description: "Takes actions.",
    options: { hidden: v.optional(v.number(), 8) }, fits: ["vector", "action"], create: never,
  });
  const easy = definePlugin({
    kind: "student", name: "easy", description: "Takes all.", options: {}, create: never,
  });
  const pusher = definePlugin({
    kind: "env", name: "pusher", description: "Is pushed by floats.", options: {},
    fits: ["vector", "continuous"], create: never,
  });
  const guide = definePlugin({
    kind: "teacher", name: "guide", description: "Speaks as it likes.",
    options: { grain: v.optional(v.picklist(["action", "plan"]), "plan") },
    fits: ({ grain }) => [grain], create: never,
  });
  const pointer = definePlugin({
    kind: "teacher", name: "pointer", description: "Names actions.", options: {},
    fits: ["action"], create: never,
  });
  const rest = { name: "x", advantage: qMinusV(), feedback: paper() };
`;

const REFUSED: Readonly<Record<string, readonly [code: string, message: RegExp]>> = {
  "a student that does not see what the env shows": [
    `definePipeline({ ...rest, env: corridor(), teacher: bot(), student: looker() });`,
    /not assignable to type '"This student does not take vector observations, which this env shows\."'/,
  ],
  "a student that does not take the teacher's grain": [
    `definePipeline({ ...rest, env: corridor(), teacher: pointer(), student: reader() });`,
    /not assignable to type '"This student does not take action guidance, which this teacher gives\."'/,
  ],
  "a table of states for floats": [
    `definePipeline({ ...rest, env: cartpole(), teacher: noTeacher(), student: tabularQ() });`,
    /not assignable to type '"This student does not take box observations, which this env shows\."'/,
  ],
  "a student that names no kind of action, for floats": [
    `definePipeline({ ...rest, env: pusher(), teacher: noTeacher(), student: obedient() });`,
    /not assignable to type '"This student does not take continuous actions, which this env asks for\."'/,
  ],
  "a student with other options": [
    `definePipeline({ ...rest, env: corridor(), teacher: bot(), student: looker().with({}) });`,
    /not assignable to type '"This student does not take vector observations, which this env shows\."'/,
  ],
  "an option that does not exist": [
    `obedient({ hiden: 8 });`,
    /'hiden' does not exist in type .*|Did you mean to write 'hidden'\?/,
  ],
  "an option of the wrong type": [
    `obedient({ hidden: "8" });`,
    /Type 'string' is not assignable to type 'number/,
  ],
  "a plugin in the wrong stage": [
    `definePipeline({ ...rest, env: corridor(), teacher: paper(), student: easy() });`,
    /Type '"feedback"' is not assignable to type '"teacher"'/,
  ],
  "a missing stage": [
    `definePipeline({ ...rest, env: corridor(), teacher: bot() });`,
    /Property 'student' is missing/,
  ],
  "a trait that does not exist": [
    `definePlugin({ kind: "env", name: "x", description: "", options: {}, fits: ["gird"], create: never });`,
    /Type '"gird"' is not assignable to type 'Trait'/,
  ],
};

const TAKEN: Readonly<Record<string, string>> = {
  "a student that fits":
    `definePipeline({ ...rest, env: corridor(), teacher: bot(), student: obedient() });`,
  "a student that declares nothing":
    `definePipeline({ ...rest, env: corridor(), teacher: bot(), student: easy() });`,
  "a teacher whose options decide":
    `definePipeline({ ...rest, env: corridor(), teacher: guide(), student: reader() });
     definePipeline({ ...rest, env: corridor(), teacher: guide(), student: obedient() });`,
};

/** What `deno check` says of each snippet, by name; the empty string where it says nothing. */
async function complaints(snippets: Readonly<Record<string, string>>) {
  const said: Record<string, string> = {};
  await withFolder(async (folder) => {
    const names = Object.keys(snippets);
    const files = names.map((_, i) => `${folder}/snippet${i}.ts`);
    for (const [i, file] of files.entries()) {
      await Deno.writeTextFile(file, `${HEAD}\n${snippets[names[i]!]}\nexport {};\n`);
    }
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--config", `${ROOT}deno.json`, ...files],
      env: { NO_COLOR: "1" },
      stderr: "piped",
    }).output();
    for (const error of new TextDecoder().decode(stderr).split(/\n(?=TS\d+ )/)) {
      const at = files.findIndex((file) => error.includes(`${file}:`));
      if (at >= 0) said[names[at]!] = `${said[names[at]!] ?? ""}${error}\n`;
    }
  });
  return said;
}

Deno.test("the compiler refuses what does not fit, in a sentence, and takes what fits", async (test) => {
  const refused = Object.entries(REFUSED).map(([name, [code]]) => [name, code]);
  const said = await complaints({ ...Object.fromEntries(refused), ...TAKEN });
  for (const [name, [, message]] of Object.entries(REFUSED)) {
    await test.step(`refuses ${name}`, () => assert.match(said[name] ?? "", message));
  }
  for (const name of Object.keys(TAKEN)) {
    await test.step(`takes ${name}`, () => assert.equal(said[name], undefined));
  }
});
