/** Added tokens: found in a text before it is cut into pieces. */
import type { AddedTokenPart } from "./definition.ts";
import type { Normalize } from "./normalise.ts";
import { SPACES, WORDS } from "./unicode.ts";

/** A part of a text: what an added token covers, or what lies between two. */
export interface Segment {
  readonly text: string;
  /** The added token's id. */
  readonly id?: number;
  /** Whether it is where the text begins. */
  readonly first: boolean;
}

const WORD = `[${WORDS}\\u200c\\u200d]`;
const ENDS_IN_WORD = new RegExp(`${WORD}$`, "v");
const BEGINS_WITH_WORD = new RegExp(`^${WORD}`, "v");
const SPACES_AT_END = new RegExp(`[${SPACES}]*$`, "v");
const SPACES_AT_START = new RegExp(`^[${SPACES}]*`, "v");

interface Entry {
  readonly content: string;
  readonly token: AddedTokenPart;
}

/** Finds added tokens: from left to right, of those that begin at one place the longest. */
export class AddedTokens {
  /** By first character, the longest first. */
  readonly #byFirst: ReadonlyMap<string, readonly Entry[]>;

  /** @param normalize What the text that is looked through has gone through, and the tokens shall. */
  constructor(tokens: readonly AddedTokenPart[], normalize: Normalize) {
    const entries = tokens.map((token) => ({ content: normalize(token.content), token }))
      .filter(({ content }) => content !== "")
      .sort((a, b) => b.content.length - a.content.length);
    this.#byFirst = Map.groupBy(entries, ({ content }) => content[0]!);
  }

  /** Cuts a text at the tokens in it. */
  segments(text: string, first: boolean): Segment[] {
    const segments: Segment[] = [];
    let done = 0;
    const upTo = (end: number) => {
      if (end <= done) return;
      segments.push({ text: text.slice(done, end), first: first && done === 0 });
    };
    for (let at = 0; at < text.length;) {
      const entry = this.#byFirst.get(text[at]!)?.find(({ content }) => {
        return text.startsWith(content, at);
      });
      if (!entry) {
        at++;
        continue;
      }
      const { content: { length }, token } = entry;
      const end = at + length;
      if (!token.single_word || standsAlone(text, at, end)) {
        const start = token.lstrip ? Math.max(done, spacesBefore(text, at)) : at;
        const stop = token.rstrip ? spacesAfter(text, end) : end;
        upTo(start);
        segments.push({
          text: text.slice(start, stop),
          id: token.id,
          first: first && start === 0,
        });
        done = stop;
      }
      at = end;
    }
    upTo(text.length);
    return segments;
  }
}

function standsAlone(text: string, start: number, end: number): boolean {
  // Two units hold any character; a whole text would be looked through again at each token.
  return !ENDS_IN_WORD.test(text.slice(Math.max(0, start - 2), start)) &&
    !BEGINS_WITH_WORD.test(text.slice(end, end + 2));
}

function spacesBefore(text: string, end: number): number {
  let start = end;
  while (start > 0 && SPACES_AT_END.exec(text.slice(start - 1, start))![0] !== "") start--;
  return start;
}

function spacesAfter(text: string, start: number): number {
  return start + SPACES_AT_START.exec(text.slice(start))![0].length;
}
