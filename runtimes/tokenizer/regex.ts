/** Oniguruma's regular expressions, which tokenizers are written in, as JavaScript's. */
import { type Pattern, Unusable } from "./definition.ts";
import { isTame } from "./tame.ts";
import { LETTERS, POSIX, propertyOf } from "./classes.ts";
import { WORDS } from "./unicode.ts";

/** What means something else than itself in an expression. */
const SYNTAX = /[\^$\\.*+?()[\]{}|/]/g;

/**
 * A pattern of a tokenizer as an expression to find all matches with.
 *
 * @throws Unusable where it could run for ever, or uses what JavaScript cannot do.
 */
export function expressionOf(pattern: Pattern): RegExp {
  if ("String" in pattern) return new RegExp(pattern.String.replace(SYNTAX, "\\$&"), "gv");
  const source = pattern.Regex;
  // "++" is a repetition that gives nothing back, not one repeated.
  if (!isTame(source.replace(/([+*?])\+/g, "$1"))) {
    throw new Unusable(`its regular expression "${source}" could run for ever`);
  }
  try {
    return new RegExp(translated(source), "gv");
  } catch (error) {
    const why = error instanceof Unusable ? error.message : malformed();
    throw new Unusable(`its regular expression "${source}" cannot be used: ${why}`);
  }
}

/** An expression's source, for the flag "v". */
function translated(source: string): string {
  return new Translator(source).whole();
}

const ESCAPES: Readonly<Record<string, number>> = {
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  a: 7,
  e: 27,
  0: 0,
};
const WORD = `[${WORDS}]`;
const ANCHORS: Readonly<Record<string, string>> = {
  A: "(?<![^])",
  z: "(?![^])",
  Z: "(?=\\n?(?![^]))",
  b: `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`,
  B: `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`,
  R: "(?:\\r\\n|[\\n-\\r\\x85\\u2028\\u2029])",
};

class Translator {
  readonly #source: string;
  #at = 0;
  #out: string[] = [];
  /** Where in `#out` the last thing that can be repeated begins, and the groups that are open. */
  #atom = -1;
  #atomic = 0;
  readonly #groups: { readonly start: number; readonly close: string }[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  whole(): string {
    while (this.#at < this.#source.length) this.#piece();
    while (this.#groups.at(-1)?.close === "around") {
      this.#groups.pop();
      this.#out.push(")");
    }
    if (this.#groups.length > 0) throw new Unusable("a group is not closed");
    return this.#out.join("");
  }

  #piece(): void {
    const rest = this.#source.slice(this.#at);
    const quantifier = /^(?:[*+?]|\{(?:\d+(?:,\d*)?|,\d+)\})/.exec(rest)?.[0];
    if (quantifier) return this.#repeat(quantifier);
    if (rest.startsWith("(")) return this.#open(rest);
    if (rest.startsWith(")")) return this.#close();
    if (rest.startsWith("[")) return this.#add(this.#set());
    if (rest.startsWith("\\")) return this.#escaped();
    const character = String.fromCodePoint(rest.codePointAt(0)!);
    this.#at += character.length;
    if (character === "|") this.#add("|", false);
    else if (character === "^") this.#add("(?<![^\\n])");
    else if (character === "$") this.#add("(?![^\\n])");
    else if (character === ".") this.#add("[^\\n]");
    else this.#add(literal(character));
  }

  #add(text: string, repeatable = true): void {
    this.#atom = repeatable ? this.#out.length : -1;
    this.#out.push(text);
  }

  #repeat(quantifier: string): void {
    if (this.#atom < 0) throw new Unusable("there is nothing to repeat");
    this.#at += quantifier.length;
    const times = quantifier.replace("{,", "{0,");
    const next = this.#source[this.#at];
    const mode = next === "?" || next === "+" && !times.startsWith("{") ? next : "";
    this.#at += mode.length;
    const start = this.#atom;
    const repeated = this.#out.splice(start).join("");
    if (mode !== "+") this.#out.push(`(?:${repeated}${times}${mode})`);
    else this.#out.push(this.#keeping(`${repeated}${times}`));
    this.#atom = start;
  }

  /** What matches as `inner` does at first and gives nothing back. */
  #keeping(inner: string): string {
    const name = `atomic${this.#atomic++}`;
    return `(?:(?=(?<${name}>${inner}))\\k<${name}>)`;
  }

  #open(rest: string): void {
    const comment = /^\(\?#[^)]*\)/.exec(rest)?.[0];
    if (comment) return void (this.#at += comment.length);
    const flags = /^\(\?([im]*)(?:-([im]*))?([:)])/.exec(rest);
    const known = flags ?? /^\((?:\?(?:=|!|<=|<!|>|<[A-Za-z_]\w*>))?/.exec(rest)!;
    const [begin] = known;
    if (begin === "(" && rest.startsWith("(?")) {
      throw new Unusable("it has a group of unknown kind");
    }
    this.#at += begin.length;
    const start = this.#out.length;
    if (!flags) {
      const close = begin === "(?>" ? "atomic" : ")";
      this.#groups.push({ start, close });
      this.#add(begin === "(?>" ? "" : begin === "(" || begin.endsWith(">") ? "(?:" : begin, false);
      return;
    }
    // In Oniguruma "m" lets the dot match the end of a line, for which there is no flag within.
    const [, on = "", off = "", end] = flags;
    if (on.includes("m")) throw new Unusable('its flag "m" is not known');
    this.#add(on ? "(?i:" : off.includes("i") ? "(?-i:" : "(?:", false);
    // Without a colon the flags hold to the end of the group around them.
    this.#groups.push({ start, close: end === ":" ? ")" : "around" });
  }

  #close(): void {
    let group = this.#groups.pop();
    if (!group) throw new Unusable("a group is closed that was not opened");
    this.#at++;
    while (group.close === "around") {
      this.#out.push(")");
      group = this.#groups.pop();
      if (!group) throw new Unusable("a group is closed that was not opened");
    }
    if (group.close === "atomic") {
      this.#out.push(this.#keeping(this.#out.splice(group.start).join("")));
    } else this.#out.push(")");
    const whole = this.#out.splice(group.start).join("");
    this.#out.push(whole);
    this.#atom = group.start;
  }

  #escaped(): void {
    const letter = this.#source[this.#at + 1] ?? "";
    const anchor = Object.hasOwn(ANCHORS, letter) ? ANCHORS[letter] : undefined;
    if (anchor !== undefined) {
      this.#at += 2;
      return this.#add(anchor);
    }
    if (/[1-9kgGKXyYNO]/.test(letter)) throw new Unusable(`"\\${letter}" is not known`);
    const set = this.#setEscape();
    this.#add(set ?? literal(this.#character()));
  }

  /** A class by an escape: \s, \P{L}. Undefined, nothing read, for anything else. */
  #setEscape(): string | undefined {
    const rest = this.#source.slice(this.#at);
    const property = /^\\([pP])(?:\{(\^?)([^}]+)\}|(L|M|N|P|S|Z|C))/.exec(rest);
    if (property) {
      const [text, letter, caret, braced, single] = property;
      this.#at += text.length;
      const negated = (letter === "P") !== (caret === "^");
      return `[${negated ? "^" : ""}${propertyOf(braced ?? single!)}]`;
    }
    const letter = rest[1] ?? "";
    const inside = Object.hasOwn(LETTERS, letter.toLowerCase())
      ? LETTERS[letter.toLowerCase()]
      : undefined;
    if (inside === undefined) return undefined;
    this.#at += 2;
    return `[${letter === letter.toLowerCase() ? "" : "^"}${inside}]`;
  }

  /** One character, perhaps escaped. */
  #character(): string {
    const rest = this.#source.slice(this.#at);
    const hex = /^\\(?:x\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{1,2})|u\{?([0-9a-fA-F]{4,6})\}?)/
      .exec(rest);
    if (hex) {
      this.#at += hex[0].length;
      return String.fromCodePoint(parseInt(hex[1] ?? hex[2] ?? hex[3]!, 16));
    }
    if (rest.startsWith("\\")) this.#at++;
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0x5c);
    this.#at += character.length;
    if (!rest.startsWith("\\")) return character;
    if (Object.hasOwn(ESCAPES, character)) return String.fromCodePoint(ESCAPES[character]!);
    if (/[A-Za-z0-9]/.test(character)) throw new Unusable(`"\\${character}" is not known`);
    return character;
  }

  /** A class in brackets. */
  #set(): string {
    this.#at++;
    const negated = this.#source[this.#at] === "^";
    if (negated) this.#at++;
    const operands: string[][] = [[]];
    for (let first = true;; first = false) {
      const rest = this.#source.slice(this.#at);
      if (rest === "") throw new Unusable("a class is not closed");
      if (rest.startsWith("]") && !first) break;
      const posix = /^\[:(\^?)([a-z]+):\]/.exec(rest);
      if (posix && Object.hasOwn(POSIX, posix[2]!)) {
        this.#at += posix[0].length;
        operands.at(-1)!.push(`[${posix[1]}${POSIX[posix[2]!]}]`);
      } else if (rest.startsWith("[")) operands.at(-1)!.push(this.#set());
      else if (rest.startsWith("&&")) {
        this.#at += 2;
        operands.push([]);
      } else operands.at(-1)!.push(this.#setEscape() ?? this.#range());
    }
    this.#at++;
    const inside = operands.length === 1
      ? operands[0]!.join("")
      : operands.map((parts) => `[${parts.join("")}]`).join("&&");
    return `[${negated ? "^" : ""}${inside}]`;
  }

  #range(): string {
    const from = this.#character();
    const rest = this.#source.slice(this.#at);
    if (!/^-[^\]]/.test(rest) || rest.startsWith("-[")) return literal(from);
    this.#at++;
    const class_ = this.#setEscape();
    return class_
      ? `${literal(from)}\\-${class_}`
      : `${literal(from)}-${literal(this.#character())}`;
  }
}

/** A character as itself, in a class and outside of one. */
function literal(character: string): string {
  if (/[A-Za-z0-9]/.test(character)) return character;
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/** A group that ignores case, which not every engine knows. */
const IGNORING = "(?i:a)";

/** Why the engine refuses an expression that was translated. */
function malformed(): string {
  try {
    new RegExp(IGNORING);
    return "it is malformed";
  } catch {
    return "it is malformed, or ignores case in a part, which this engine cannot (Node can from 23 on)";
  }
}
