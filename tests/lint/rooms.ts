/**
 * Lint rules of the project's own: who may import whom, and where randomness and time come from.
 * deno.json names this file; tests/lint/rooms_test.ts shows what the rules catch.
 */
import { fileURLToPath } from "node:url";
import { fileBehind } from "./packages.ts";

/**
 * The rooms that files of a room may import from, its own left out. Those of packages import one another
 * by the packages' names; the application's import files.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  models: [],
  runtimes: ["core", "models"],
  env: ["core"],
  plugins: ["core", "runtimes", "env"],
  lab: ["core", "runtimes/files"],
  training: ["core", "runtimes", "plugins", "models"],
  pipelines: ["core", "plugins", "env"],
  experiments: ["core", "runtimes", "plugins", "env", "lab", "core/deno.json"],
  cli: ["core", "runtimes", "plugins", "env", "lab", "experiments", "import_map.json"],
  "cli.ts": ["core", "cli"],
  release: [],
};

/** The rooms that are published. */
const PACKAGE_ROOMS = ["core", "models", "runtimes", "env", "plugins", "lab"];

/** The folders of core/, each of which imports from those before it alone. */
const CORE_ORDER = ["base", "stages", "kit", "pipeline", "run", "testing"];

/** The folders of runtimes/ that those of a folder may import from, its own left out. */
const RUNTIMES_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  files: [],
  webgpu: [],
  weights: [],
  sandbox: ["files"],
  nats: ["files"],
  model_folder: ["files"],
  tokenizer: ["files", "model_folder"],
  chat_template: ["files", "model_folder"],
  tfjs: ["webgpu", "weights"],
  onnx: ["webgpu", "files"],
  hub: ["files", "model_folder", "onnx"],
  threads: ["files"],
  fused: ["tfjs", "threads"],
  t5: ["files", "model_folder", "onnx", "tfjs", "weights"],
  t5_int8: ["fused", "t5"],
  language_model: [
    "chat_template",
    "files",
    "fused",
    "hub",
    "model_folder",
    "onnx",
    "t5",
    "t5_int8",
    "threads",
    "tokenizer",
    "weights",
  ],
};

/** Packages that only runtimes/ may touch. */
const HEAVY =
  /^(@tensorflow\/|onnxruntime-|@huggingface\/|onnx-proto|assemblyscript|quickjs-|@nats-io\/)/;

/** What core/ may import from outside. */
const CORE_PACKAGES = ["valibot"];

/** Rooms that write to the terminal through cli/print.ts alone, which shows control characters. */
const DOORS = ["cli", "cli.ts", "experiments", "lab", "core", "env", "plugins"];

/** Members that hide an input: randomness and time come through the context. */
const HIDDEN_INPUTS = ["Math.random", "Date.now", "performance.now"];

const rules: Deno.lint.Plugin = {
  name: "tandem",
  rules: {
    rooms: {
      create(context) {
        const from = pathInProject(context.filename);
        const check = (node: Deno.lint.Node, source: Deno.lint.Node | null) => {
          if (source?.type !== "Literal" || typeof source.value !== "string") return;
          const message = complaint(from, source.value);
          if (message) context.report({ node, message });
        };
        return {
          ImportDeclaration: (node) => check(node, node.source),
          ExportAllDeclaration: (node) => check(node, node.source),
          ExportNamedDeclaration: (node) => check(node, node.source),
          ImportExpression: (node) => check(node, node.source),
          CallExpression(node) {
            const { callee, arguments: [name] } = node;
            if (callee.type === "Identifier" && callee.name === "importOptional") {
              check(node, name ?? null);
            }
          },
        };
      },
    },
    "one-door": {
      create(context) {
        const path = pathInProject(context.filename);
        if (!DOORS.includes(roomOf(path)) || path === "cli/print.ts") return {};
        return {
          MemberExpression(node) {
            const name = context.sourceCode.getText(node);
            if (!/^console\.(log|error|warn|info|debug)$/.test(name)) return;
            context.report({ node, message: `${name} is a second door: use cli/print.ts.` });
          },
        };
      },
    },
    "hidden-input": {
      create(context) {
        const room = roomOf(pathInProject(context.filename));
        if (!["core", "env", "plugins"].includes(room)) return {};
        return {
          MemberExpression(node) {
            const name = context.sourceCode.getText(node);
            if (!HIDDEN_INPUTS.includes(name)) return;
            context.report({ node, message: `${name} is a hidden input: ask the context.` });
          },
        };
      },
    },
  },
};
export default rules;

/** What is wrong with an import, or undefined. Paths are relative to the project's root. */
function complaint(from: string, specifier: string): string | undefined {
  const room = roomOf(from);
  const allowed = MAY_IMPORT[room];
  if (!allowed) return undefined; // tests, bench and docs use what they like
  const isOwn = specifier.startsWith("@tandem/");
  if (!isOwn && !specifier.startsWith(".")) return packageComplaint(room, specifier);
  const to = isOwn
    ? fileBehind(specifier)
    : new URL(specifier, `file:///${from}`).pathname.slice(1);
  if (to === undefined) return `No package exports "${specifier}".`;
  const target = roomOf(to);
  const isLent = allowed.some((place) => place === target || to.startsWith(`${place}/`));
  if (target !== room && !isLent) {
    const list = allowed.length ? ` ${room} imports from ${allowed.join(", ")}.` : "";
    return `${room} must not import from ${target}.${list}`;
  }
  if (isOwn && target === room) return `Files of one package import one another by path.`;
  if (!isOwn && target !== room && PACKAGE_ROOMS.includes(room)) {
    return `${room} imports from other packages by name, such as "@tandem/core".`;
  }
  if (room === "runtimes" && target === "runtimes") {
    const [here = "", there = ""] = [from, to].map((path) => path.split("/")[1]);
    if (here !== there && !RUNTIMES_MAY_IMPORT[here]?.includes(there)) {
      return `runtimes/${here} must not import from runtimes/${there}.`;
    }
  }
  if (room === "core" && target === "core") {
    const [here, there] = [from, to].map((path) => CORE_ORDER.indexOf(path.split("/")[1] ?? ""));
    if (here! >= 0 && there! < 0) {
      return "core's own files import from its folders, not from its doors.";
    }
    if (here! >= 0 && there! > here!) {
      return `core/${CORE_ORDER[here!]} must not import from core/${CORE_ORDER[there!]}.`;
    }
  }
  if (room === "plugins" && target === "plugins" && !/^plugins\/([a-z]+\/)?mod\.ts$/.test(from)) {
    const isOptions = /^plugins\/[a-z]+\/options\.ts$/.test(to); // the types of those of all of a kind
    if (pluginOf(from) !== pluginOf(to) && !isOptions) {
      return "A plugin must not import another plugin's files.";
    }
  }
  return undefined;
}

function packageComplaint(room: string, specifier: string): string | undefined {
  const name = specifier.replace(/^npm:/, "");
  if (room !== "runtimes" && HEAVY.test(name)) {
    return `"${specifier}" is a heavy dependency: only runtimes/ may import it.`;
  }
  if (room === "core" && !CORE_PACKAGES.includes(name)) {
    return `core/ imports nothing from outside but ${CORE_PACKAGES.join(", ")}.`;
  }
  return undefined;
}

/** The first folder of a path; env's package lies in plugins/, and what trains the models is none of a package. */
function roomOf(path: string): string {
  if (path.startsWith("plugins/env/")) return "env";
  if (path.startsWith("models/") && path !== "models/mod.ts") return "training";
  return path.split("/")[0] ?? "";
}

/** "plugins/feedback/paper.ts" and "plugins/student/neural/ppo.ts" are of "paper" and "neural". */
function pluginOf(path: string): string {
  const [, kind, name = ""] = path.split("/");
  return `${kind}/${name.replace(/\.ts$/, "")}`;
}

function pathInProject(file: string): string {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  return file.startsWith(root) ? file.slice(root.length) : file;
}
