/**
 * An npm registry on 127.0.0.1, for tests that publish and install as users do.
 *
 * ```ts ignore
 * await using registry = openRegistry();
 * registry.publish(tarballOf({
 *   "package.json": JSON.stringify({ name: "my-rule", version: "1.0.0", type: "module", main: "index.js" }),
 *   "index.js": "export default 1;",
 * }));
 * await Deno.writeTextFile(`${folder}/.npmrc`, registry.npmrc); // for npm, Deno and Bun alike
 * // or, for a process: env: { NPM_CONFIG_REGISTRY: registry.url }
 * // then in folder: npm install my-rule; deno add npm:my-rule@1.0.0; bun add my-rule
 * registry.asked; // the packages that were asked for, as ["my-rule"]
 * ```
 *
 * What was not published is taken from the project's node_modules, so that no network is needed for what
 * deno.lock names; clients are sent to the machine's own registry for the rest. `npm publish` works, too:
 * with `registry.npmrc`, which has a token.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type PackageFiles, readTarball, writeTarball } from "../../release/tar.ts";
import { packageFolder } from "../audit/dependencies.ts";

/** What is read of a package.json; the rest is passed on. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly [field: string]: unknown;
}

/** A registry that runs until it is disposed of. */
export interface Registry extends AsyncDisposable {
  /** "http://127.0.0.1:PORT/" */
  readonly url: string;
  /** What a folder's .npmrc holds, so that its packages come from here. */
  readonly npmrc: string;
  /** Names of the packages whose tarballs were fetched here, in the order in which they were. */
  readonly asked: readonly string[];
  /** Takes a tarball in, as `npm publish` does, and gives the name and version that it found within. */
  publish(tarball: Uint8Array): Manifest;
}

/** A tarball of text files by their paths; "package.json" must be one of them. */
export function tarballOf(files: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  return writeTarball(
    new Map(Object.entries(files).map(([path, text]) => [path, encoder.encode(text)])),
  );
}

/** Starts a registry. */
export function openRegistry(): Registry {
  const published = new Map<string, Map<string, Release>>();
  const asked: string[] = [];
  const publish = (tarball: Uint8Array) => {
    const { manifest } = releaseOf(tarball);
    const versions = published.get(manifest.name) ?? new Map<string, Release>();
    published.set(
      manifest.name,
      versions.set(manifest.version, { manifest, tarball: () => tarball }),
    );
    return manifest;
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, origin } = new URL(request.url);
    const [name, version] = decodeURIComponent(pathname).slice(1).split("/-/") as [string, string?];
    if (request.method === "PUT") {
      return Response.json(publish(await sentTarball(request)), { status: 201 });
    }
    const versions = published.get(name) ?? installed(name);
    if (versions.size === 0) return Response.redirect(`${upstream()}${pathname.slice(1)}`);
    if (version === undefined) return Response.json(packument(name, versions, origin));
    const release = versions.get(version.replace(/\.tgz$/, ""));
    if (!release) return new Response("not found", { status: 404 });
    asked.push(name);
    return new Response(release.tarball() as Uint8Array<ArrayBuffer>);
  });
  const host = `127.0.0.1:${server.addr.port}`;
  return {
    url: `http://${host}/`,
    npmrc: `registry=http://${host}/\n//${host}/:_authToken=anyone\n`,
    asked,
    publish,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

interface Release {
  readonly manifest: Manifest;
  readonly tarball: () => Uint8Array;
  /** Lent by node_modules: packing it takes time, and is put off until somebody fetches it. */
  readonly isLent?: boolean;
}

const manifestOf = (files: PackageFiles) =>
  JSON.parse(new TextDecoder().decode(files.get("package.json"))) as Manifest;

const releaseOf = (tarball: Uint8Array): Release => ({
  manifest: manifestOf(readTarball(tarball)),
  tarball: () => tarball,
});

/** The tarball in what `npm publish` sends. */
async function sentTarball(request: Request): Promise<Uint8Array> {
  const { _attachments } = await request.json();
  const [{ data }] = Object.values(_attachments) as { data: string }[] as [{ data: string }];
  return Uint8Array.fromBase64(data);
}

/** All that is said of a package's versions. */
function packument(name: string, versions: ReadonlyMap<string, Release>, origin: string) {
  const described = [...versions].map(([version, { manifest, tarball, isLent }]) => {
    const dist = {
      tarball: `${origin}/${name}/-/${version}.tgz`,
      ...(!isLent && {
        integrity: `sha512-${createHash("sha512").update(tarball()).digest("base64")}`,
        shasum: createHash("sha1").update(tarball()).digest("hex"),
      }),
    };
    return [version, { ...manifest, _id: `${name}@${version}`, dist }] as const;
  });
  const time = Object.fromEntries(described.map(([version]) => [version, "2020-01-01T00:00:00Z"]));
  return {
    name,
    "dist-tags": { latest: described.at(-1)?.[0] },
    versions: Object.fromEntries(described),
    time,
  };
}

/** The versions of a package that Deno's cache has. */
function installed(name: string): Map<string, Release> {
  const store = dirname(packageFolder(name, "1.0.0"));
  const versions = existsSync(store) ? readdirSync(store) : [];
  const found = new Map<string, Release>();
  for (const version of versions) {
    const folder = join(store, version);
    if (!existsSync(join(folder, "package.json"))) continue;
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
    const tarball = () => writeTarball(filesIn(folder));
    found.set(manifest.version, { manifest, tarball, isLent: true });
  }
  return found;
}

function filesIn(folder: string): PackageFiles {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return new Map(files.map((file) => [relative(folder, file), new Uint8Array(readFileSync(file))]));
}

/** The registry that this machine's npm would ask. */
function upstream(): string {
  const url = Deno.env.get("NPM_CONFIG_REGISTRY") ?? Deno.env.get("npm_config_registry") ??
    "https://registry.npmjs.org/";
  return url.endsWith("/") ? url : `${url}/`;
}
