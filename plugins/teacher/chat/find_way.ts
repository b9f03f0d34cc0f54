/** Finds out what a server can do, by a test question a way: what it says of itself is not believed. */
import { NoAnswer } from "./client.ts";
import type { Completion } from "./reply.ts";
import { LETTERS, type Method, TEXT, type Way, WAYS } from "./ways.ts";

/** So much of the probability must stand on the letters, for a test to be passed. */
const LEAST_ON_LETTERS = 0.5;

/** What was found. */
export interface Found {
  /** undefined where the server does not serve the method that was asked for. */
  readonly way: Way | undefined;
  /** Why better methods are not taken, in a clause each. */
  readonly faults: ReadonlyMap<Method, string>;
}

/** What a search needs. */
export interface Search {
  readonly method: Method | "auto";
  /** K texts. */
  readonly candidates: readonly string[];
  /** Asks the test question, whose natural answer is the first candidate, with these allowed. */
  ask(way: Way, allowed: readonly string[]): Promise<Completion>;
  /** Makes text of the server fit to be shown. */
  shown(text: string): string;
}

/**
 * Tries ways from the best on until one is kept to. Where only the candidates that are named may be
 * answered, the natural answer is not among them: a server that ignores what it does not know gives it.
 *
 * @throws {NoAnswer} Where the run is stopped or a budget is spent.
 */
export async function findWay(search: Search): Promise<Found> {
  const faults = new Map<Method, string>();
  const { method } = search;
  const ways = WAYS.filter((way) =>
    method === "auto" ? way.method !== "samples" : way.method === method
  );
  for (const way of ways) {
    const fault = await faultOf(way, search);
    if (fault === "") {
      faults.delete(way.method);
      return { way, faults };
    }
    faults.set(way.method, fault);
  }
  return { way: undefined, faults };
}

/** Why a way is not kept to; "" where it is. */
async function faultOf(way: Way, search: Search): Promise<string> {
  const { candidates, shown } = search;
  if (way === TEXT || way.id === "samples") return "";
  if (way.isLettered && candidates.length > LETTERS.length) {
    return `there are more than ${LETTERS.length} candidates`;
  }
  const allowed = way.isBound && candidates.length > 1 ? candidates.slice(1) : candidates;
  let completion: Completion;
  try {
    completion = await search.ask(way, allowed);
  } catch (error) {
    if (!(error instanceof NoAnswer) || ["stopped", "budget"].includes(error.why)) throw error;
    return error.why === "refused" ? `it is refused, "${shown(error.said)}"` : error.message;
  }
  if (way.isLettered) return faultInLetters(way, completion, candidates);
  if (way.method === "samples") {
    return completion.texts.length > 1 ? "" : "one answer comes where several are asked for";
  }
  const answer = way.read(completion, allowed);
  return answer ? "" : `it answers something else than may be, "${shown(completion.text.trim())}"`;
}

function faultInLetters(
  way: Way,
  completion: Completion,
  candidates: readonly string[],
): string {
  if (!completion.logProbs) return "its log-probabilities have a form that is not known";
  if (completion.logProbs.length === 0) return "it gives no log-probabilities, though asked";
  const elsewhere = way.read(completion, candidates)?.elsewhere ?? 1;
  if (elsewhere <= 1 - LEAST_ON_LETTERS) return "";
  return `${
    Math.round(100 * elsewhere)
  } % of the probability stands beside the candidates' letters`;
}

/** What was found, in a sentence. */
export function foundSentence({ way, faults }: Found, address: string): string {
  const not = [...faults].map(([method, fault]) => `"${method}" is not taken: ${fault}`);
  const taken = way?.method ?? "text";
  return [`The chat server "${address}" is asked by teacher.method="${taken}"`, ...not].join("; ") +
    ".";
}
