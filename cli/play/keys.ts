/** Keys that a person presses while a student plays. */

/** What a key asks for. */
export type Key =
  | { readonly does: "pause" | "step" | "faster" | "slower" | "next" | "quit" | "release" }
  | { readonly does: "act"; readonly action: number };

/** The keys in a line, for those whose actions have names. */
export function keysLine(actions: readonly string[]): string {
  const own = actions.slice(0, 9).map((name, i) => `${i + 1} ${name}`);
  const hand = own.length > 0 ? [`by hand: ${own.join(", ")}; 0 lets go`] : [];
  return ["space pause", ". step", "+ - speed", "n next", "q quit", ...hand].join("   ");
}

const KEYS: Readonly<Record<string, Key>> = {
  " ": { does: "pause" },
  ".": { does: "step" },
  "+": { does: "faster" },
  "-": { does: "slower" },
  "n": { does: "next" },
  "q": { does: "quit" },
  "\x03": { does: "quit" }, // Ctrl-C, which a raw terminal hands on as a character
  "0": { does: "release" },
};

/** What characters ask for, one after another; others are passed over. */
export function keysOf(characters: string, actions: number): Key[] {
  return [...characters].flatMap((character) => {
    const action = Number(character) - 1;
    if (action >= 0 && action < Math.min(9, actions)) return { does: "act", action };
    return Object.hasOwn(KEYS, character) ? KEYS[character]! : [];
  });
}
