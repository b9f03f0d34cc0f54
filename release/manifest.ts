/** The package.json of a member's package. */
import type { Member, Pin } from "./workspace.ts";

/** Packages that come with a package of ours; all others are there for who needs them. */
const ALWAYS_NEEDED = ["valibot"];

/** From here on Node has `node:sqlite`, and imports what Tandem imports, without flags. */
const ENGINES = { node: ">=22.13" };

/** What packages hold besides JavaScript. */
const OTHER_FILES: Readonly<Record<string, readonly string[]>> = {
  "@tandem/env": ["gymnasium/python/"],
  "@tandem/models": ["tandem-t5-babyai/"],
};

/** What is needed of other packages. */
export interface Needs {
  /** Members' names. */
  readonly members: ReadonlySet<string>;
  readonly pins: ReadonlyMap<string, Pin>;
}

/** @param description One sentence, from its README. */
export function manifestOf(member: Member, description: string, needs: Needs) {
  const { name, version, license, doors } = member;
  const pins = [...new Map([...needs.pins.values()].map((pin) => [pin.name, pin.version]))].sort();
  const direct = pins.filter(([pin]) => ALWAYS_NEEDED.includes(pin));
  const optional = pins.filter(([pin]) => !ALWAYS_NEEDED.includes(pin));
  const ours = [...needs.members].sort().map((other) => [other, version]);
  return {
    ...{ name, version, description, license, type: "module", sideEffects: false },
    engines: ENGINES,
    ...(doors.has(".") ? mainOf(fileOf(member, ".")) : {}),
    exports: {
      ...Object.fromEntries([...doors.keys()].map((door) => [door, doorOf(fileOf(member, door))])),
      "./package.json": "./package.json",
    },
    files: ["**/*.js", "**/*.d.ts", ...(OTHER_FILES[name] ?? [])],
    dependencies: Object.fromEntries([...ours, ...direct]),
    ...(optional.length > 0 && {
      // A range: who installs one later gets its newest version, which npm would refuse beside a pin.
      peerDependencies: Object.fromEntries(optional.map(([pin, version]) => [pin, `^${version}`])),
      peerDependenciesMeta: Object.fromEntries(
        optional.map(([pin]) => [pin, { optional: true }]),
      ),
    }),
  };
}

/** "./kit/mod" of the door "./kit". */
function fileOf({ folder, doors }: Member, door: string): string {
  return `.${doors.get(door)!.slice(folder.length).replace(/\.ts$/, "")}`;
}

const mainOf = (file: string) => ({ main: `${file}.js`, types: `${file}.d.ts` });

const doorOf = (file: string) => ({ types: `${file}.d.ts`, default: `${file}.js` });
