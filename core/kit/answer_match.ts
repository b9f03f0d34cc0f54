/** Which candidate a written answer means. */
import { type Token, tokensOf } from "./answer_tokens.ts";
import { withoutThoughts } from "./thoughts.ts";

/** What {@linkcode matchCandidate} may be told. */
export interface MatchOptions {
  /** Whether writing was cut short: then the beginning of one candidate alone counts as it. */
  readonly cut?: boolean;
}

const [NONE, AMBIGUOUS] = [-1, -2] as const;

/** Longer answers than this are searched in their last lines alone. */
const LONGEST_ANSWER = 4000;

/** Characters around a candidate in an answer that is nothing but the candidate. */
const MOST_AROUND = 100;

/** A text cut shorter than this is the beginning of too much. */
const SHORTEST_BEGINNING = 3;

/**
 * The candidate that an answer means, or -1: the answer itself, or the only candidate that it names.
 *
 * Words count whatever their capitals, accents' encoding and punctuation; signs and numbers count as
 * they are ("-1" is not "1"). Thoughts, and candidates that are named to be ruled out ("not left"), do
 * not count. Where several are named, the one behind "Answer:" counts, one that "then" follows at the
 * answer's beginning, one behind "I choose", or the one of the last line; else there is no telling, and
 * the result is -1.
 *
 * @param answer What was written.
 * @param candidates K texts, none twice.
 * @example
 * ```ts
 * import { matchCandidate } from "@tandem/core/internal";
 * import assert from "node:assert/strict";
 * const candidates = ["turn left", "go forward", "go"];
 * assert.equal(matchCandidate("**Go forward.**", candidates), 1);
 * assert.equal(matchCandidate("Not turn left, there is a wall.\nAnswer: go", candidates), 2);
 * assert.equal(matchCandidate("turn left or go", candidates), -1);
 * assert.equal(matchCandidate("turn l", candidates), -1);
 * assert.equal(matchCandidate("turn l", candidates, { cut: true }), 0);
 * assert.equal(matchCandidate("1", ["-1", "+1"]), -1);
 * ```
 */
export function matchCandidate(
  answer: string,
  candidates: readonly string[],
  { cut = false }: MatchOptions = {},
): number {
  const itself = equalTo(answer, candidates);
  if (itself !== NONE) return Math.max(itself, -1);
  const said = withoutTags(withoutThoughts(answer), candidates);
  const equal = equalTo(said, candidates);
  if (equal !== NONE) return Math.max(equal, -1);
  const begun = cut ? begunBy(said, candidates) : NONE;
  if (begun !== NONE) return Math.max(begun, -1);
  return Math.max(namedIn(said, new Names(candidates)), -1);
}

/** Ever looser ways in which an answer is the same as a candidate. */
const FORMS: readonly ((text: string) => string)[] = [
  (text) => text.trim().normalize("NFC"),
  (text) => unwrapped(text.normalize("NFC")),
  (text) => folded(unwrapped(text)),
];

function equalTo(text: string, candidates: readonly string[]): number {
  const trimmed = text.trim();
  const longest = candidates.reduce((most, { length }) => Math.max(most, length), 0);
  if (trimmed.length > 4 * longest + MOST_AROUND) return NONE;
  for (const form of FORMS) {
    const own = form(trimmed);
    if (own === "") return NONE;
    const equal = candidates.flatMap((candidate, index) => form(candidate) === own ? index : []);
    const [first] = equal;
    if (first === undefined) continue;
    const isOne = equal.every((index) => candidates[index] === candidates[first]);
    return isOne ? first : AMBIGUOUS;
  }
  return NONE;
}

/** Without the quotes, brackets and full stops around; as it is where nothing else is there. */
function unwrapped(text: string): string {
  const inner = text
    .replace(/^[\s"'`*_“”‘’«»()[\]{}:;!?。！？：]+/u, "")
    .replace(/[\s"'`*_“”‘’«»()[\]{}.,:;!?。，！？：]+$/u, "");
  return inner === "" ? text.trim() : inner;
}

/** Small letters, plain digits, one space between words. */
function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase()
    .replace(/[\u2010\u2011\u2212]/g, "-")
    .replace(/(?<=\p{L})[-_](?=\p{L})|[\s_]+/gu, " ")
    .trim();
}

/** The candidate that a text which was cut short begins. */
function begunBy(text: string, candidates: readonly string[]): number {
  const own = folded(text);
  if (own.length < SHORTEST_BEGINNING) return NONE;
  const begun = candidates.flatMap((each, index) => folded(each).startsWith(own) ? index : []);
  return begun.length > 1 ? AMBIGUOUS : begun[0] ?? NONE;
}

/** Marks such as `</s>` and `<|im_end|>` as spaces, unless candidates are written with such signs. */
function withoutTags(text: string, candidates: readonly string[]): string {
  if (candidates.some((candidate) => /[<>]/.test(candidate))) return text;
  return text.replace(/<\/?\|?[a-z][\w ]{0,30}\|?>/gi, " ");
}

/** "Answer:", '"action": ' and the like, with what follows on the line or in the quotes. */
const ANSWER =
  /(?<![\p{L}\p{N}])(final\s+)?(?:answer|action)["'`*_\s]{0,5}(?:is["'`*_\s]{0,5})?[:：=]["'`*_\s]{0,5}(?:(?<=")([^"\n]*)"|([^\n]*))/giu;

function namedIn(said: string, names: Names): number {
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  const last = (lines.at(-1) ?? "").slice(-LONGEST_ANSWER);
  if (said.length > LONGEST_ANSWER) return names.only(last);
  const marked = [...said.matchAll(ANSWER)];
  const final = marked.filter(([, isFinal]) => isFinal);
  const told = (final.length > 0 ? final : marked).map(([, , quoted, line]) =>
    quoted ?? line ?? ""
  );
  if (told.length > 0) return names.only(told.join("\n"));
  const whole = names.only(said);
  if (whole !== AMBIGUOUS) return whole;
  for (const found of [names.firstOf(said), names.chosenIn(said)]) if (found >= 0) return found;
  return names.only(last);
}

/** A candidate's name in a text: the tokens from `start` to before `end`. */
interface Mention {
  readonly start: number;
  readonly end: number;
  readonly index: number;
}

/** Words before a name that rule it out. */
const RULED_OUT = /^(?:not|no|never|cannot|without|avoid|instead|than|nor|neither|.+n['’]t)$/;

/** Words before a name that choose it, unless they only suppose so. */
const CHOICE =
  /(?<!(?:^|\s)(?:if|when|should|had|were) )(?<![^\s])(?:i|we)(?:['’]ll| will| would)? (?:choose|select|suggest|recommend|take|pick|do)$/;

/** Candidates as they are looked for in texts. */
class Names {
  readonly #names: readonly (readonly Token[])[];

  constructor(candidates: readonly string[]) {
    this.#names = candidates.map((candidate) => tokensOf(candidate.normalize("NFC")));
  }

  /** The only candidate that a text names. */
  only(text: string): number {
    const tokens = tokensOf(text.normalize("NFC"));
    const meant = this.#mentions(tokens).filter(({ start }) => !isRuledOut(tokens, start));
    if (meant.some((mention) => isPartOfMore(tokens, mention))) return AMBIGUOUS;
    const [first] = meant;
    if (!first) return NONE;
    return meant.every(({ index }) => index === first.index) ? first.index : AMBIGUOUS;
  }

  /** The candidate with which a text begins, if "then" follows it. */
  firstOf(text: string): number {
    const tokens = tokensOf(text.normalize("NFC"));
    const first = this.#mentions(tokens).filter(({ start }) => start === 0);
    if (first.length !== 1) return NONE;
    const rest = tokens.slice(first[0]!.end);
    const next = rest[0]?.text === "and" ? rest[1] : rest[0];
    return next?.text === "then" ? first[0]!.index : NONE;
  }

  /** The only candidate that follows "I choose", "I will take" and the like. */
  chosenIn(text: string): number {
    const tokens = tokensOf(text.normalize("NFC"));
    const words = tokens.map(({ text }) => text);
    const chosen = this.#mentions(tokens).filter(({ start, end }) =>
      CHOICE.test(words.slice(Math.max(0, start - 4), start).join(" ")) &&
      !["or", "and", "nor"].includes(words[end] ?? "")
    );
    const [first] = chosen;
    return first && chosen.every(({ index }) => index === first.index) ? first.index : NONE;
  }

  /** All names in a text that are no part of a longer one. */
  #mentions(tokens: readonly Token[]): Mention[] {
    const places = new Map<string, number[]>();
    for (const [place, { text }] of tokens.entries()) {
      const known = places.get(text);
      if (known) known.push(place);
      else places.set(text, [place]);
    }
    const found = this.#names.flatMap((name, index): Mention[] => {
      const starts = name.length === 0 ? [] : places.get(name[0]!.text) ?? [];
      return starts.filter((start) => name.every(({ text }, k) => tokens[start + k]?.text === text))
        .map((start) => ({ start, end: start + name.length, index }));
    });
    return this.#distinct(found, tokens).filter((one) =>
      !found.some((other) =>
        other.end - other.start > one.end - one.start && other.start <= one.start &&
        one.end <= other.end
      )
    );
  }

  /** Of names that differ in capitals alone the one that is written so, where one is. */
  #distinct(found: readonly Mention[], tokens: readonly Token[]): Mention[] {
    const isWrittenSo = ({ start, index }: Mention) =>
      this.#names[index]!.every(({ raw }, k) => tokens[start + k]!.raw === raw);
    return [...Map.groupBy(found, ({ start, end }) => `${start} ${end}`).values()]
      .flatMap((same) => {
        const exact = same.length > 1 ? same.filter(isWrittenSo) : same;
        return exact.length > 0 ? exact : same;
      });
  }
}

/** Whether one of the two words before a name, in its part of the sentence, rules it out. */
function isRuledOut(tokens: readonly Token[], start: number): boolean {
  for (let at = start; at > 0 && at > start - 2; at--) {
    if (tokens[at]!.isApart) return false;
    if (RULED_OUT.test(tokens[at - 1]!.text)) return true;
  }
  return false;
}

/** Whether a name is grown together with more: "c" in "c++", "left" in "left-handed", "1" in "1/2". */
function isPartOfMore(tokens: readonly Token[], { start, end }: Mention): boolean {
  return tokens[start]!.growsLeft || tokens[end - 1]!.growsRight;
}
