/** What is wrong with a package before anybody installs it. */
import { isBuiltin } from "node:module";
import { resolveFrom, specifiersIn } from "./specifiers.ts";
import type { PackageFiles } from "./tar.ts";

/** What a package may hold; anything else is a mistake, whatever it is. */
const ALLOWED = [
  /^(package\.json|README\.md|LICENSE)$/,
  /^[\w/]+(\.d\.ts|\.js|\.json\.js)$/,
  /^gymnasium\/python\/server\.py$/,
  /^tandem-t5-babyai\/[\w/]+\.(json|safetensors|onnx|md)$/,
];
/** What it may not hold though it looks allowed: tests, keys, and sources of kernels and of training. */
const FORBIDDEN =
  /(^|\/)(tests?|fixtures)\/|assembly\/(?!ops\.)|(^|\/)(train|train_\w+|build|\w+_test)\.|\.pem$/;

interface PackageJson {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { types: string; default: string }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * Sentences about files that are too many or missing: doors without code or declarations, imports that
 * lead to no file of the package, to no declared package or to no door of one of ours.
 *
 * @param packages All of our packages, by name.
 */
export function problemsOf(
  files: PackageFiles,
  packages: ReadonlyMap<string, PackageFiles>,
): string[] {
  const { name, exports } = manifestIn(files);
  const stray = [...files.keys()]
    .filter((path) => FORBIDDEN.test(path) || !ALLOWED.some((allowed) => allowed.test(path)))
    .map((path) => `${name} must not hold ${path}.`);
  const doors = Object.entries(exports).flatMap(([door, target]) =>
    (typeof target === "string" ? [target] : Object.values(target))
      .filter((file) => !files.has(file.slice(2)))
      .map((file) => `${name} has no ${file} for its door "${door}".`)
  );
  const code = [...files.keys()].filter((path) => /\.(js|d\.ts)$/.test(path));
  return [...stray, ...doors, ...code.flatMap((path) => importProblems(path, files, packages))];
}

function importProblems(
  path: string,
  files: PackageFiles,
  packages: ReadonlyMap<string, PackageFiles>,
): string[] {
  const manifest = manifestIn(files);
  const isMissing = (specifier: string): boolean => {
    if (/^\.{1,2}\/?$|^(\.\.\/)+$/.test(specifier)) return false; // a folder of the package
    if (!specifier.startsWith(".")) return !isDeclared(specifier, manifest, packages);
    const target = resolveFrom(path, specifier);
    if (specifier.endsWith("/")) return ![...files.keys()].some((file) => file.startsWith(target));
    return !files.has(target);
  };
  return specifiersIn(text(files, path)).filter(isMissing)
    .map((specifier) => `${manifest.name}: ${path} leads to "${specifier}", which is not there.`);
}

function isDeclared(
  specifier: string,
  { name: own, dependencies = {}, peerDependencies = {} }: PackageJson,
  packages: ReadonlyMap<string, PackageFiles>,
): boolean {
  if (isBuiltin(specifier)) return true;
  const [, name, path] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(specifier)!;
  if (name !== own && !Object.hasOwn({ ...dependencies, ...peerDependencies }, name!)) return false;
  const ours = packages.get(name!);
  return !ours || Object.hasOwn(manifestIn(ours).exports, `.${path}`);
}

const text = (files: PackageFiles, path: string) => new TextDecoder().decode(files.get(path));

const manifestIn = (files: PackageFiles) => JSON.parse(text(files, "package.json")) as PackageJson;
