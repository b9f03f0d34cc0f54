/** Keys that a person presses while a student plays. */

import { outsideText } from "../../core/base/outside.ts";

/** What a key asks for. */
export type Key =
  | { readonly does: "pause" | "step" | "faster" | "slower" | "next" | "quit" | "release" }
  | { readonly does: "act"; readonly action: number };

/** The keys, a line or two; only actions that have names can be taken by hand. */
export function keysHelp(actions: readonly string[]): readonly string[] {
  const play = ["space pause", ". step", "+ - speed", "n next", "q quit"].join("   ");
  const hand = actions.slice(0, 9).map((name, i) => `${i + 1} ${outsideText(name)}`);
  return hand.length > 0 ? [play, `by hand: ${hand.join("   ")}   0 lets go`] : [play];
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
