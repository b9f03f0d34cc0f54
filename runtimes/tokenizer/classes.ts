/** Oniguruma's classes of characters by their names, as the inside of a JavaScript class. */
import { Unusable } from "./definition.ts";
import { SPACES, WORDS } from "./unicode.ts";

/** Classes by their letter. */
export const LETTERS: Readonly<Record<string, string>> = {
  s: SPACES,
  w: WORDS,
  d: "\\p{Nd}",
  h: "0-9a-fA-F",
};
/** Classes by POSIX's names. */
export const POSIX: Readonly<Record<string, string>> = {
  alpha: "\\p{Alphabetic}",
  digit: "\\p{Nd}",
  alnum: "\\p{Alphabetic}\\p{Nd}",
  upper: "\\p{Uppercase}",
  lower: "\\p{Lowercase}",
  space: SPACES,
  blank: "\\p{Zs}\\t",
  punct: "\\p{P}$+<=>\\^`\\|~",
  cntrl: "\\p{Cc}",
  graph: `[^${SPACES}\\p{Cc}\\p{Cn}\\p{Cs}]`,
  print: "[^\\p{Cc}\\p{Cn}\\p{Cs}]",
  xdigit: "0-9a-fA-F",
  word: WORDS,
  ascii: "\\x00-\\x7f",
};
/** Names that Unicode's properties have in Oniguruma: also scripts alone, and in any case. */
export function propertyOf(name: string): string {
  const posix = name.toLowerCase();
  if (Object.hasOwn(POSIX, posix)) return POSIX[posix]!;
  const title = name.replace(/[A-Za-z]+/g, (word) => {
    return word[0]!.toUpperCase() + word.slice(1).toLowerCase();
  });
  for (const form of [name, title]) {
    for (const property of [form, `Script=${form}`]) {
      try {
        new RegExp(`\\p{${property}}`, "v");
        return `\\p{${property}}`;
      } catch {
        // Perhaps the next form is known.
      }
    }
  }
  throw new Unusable(`"\\p{${name}}" is not known`);
}
