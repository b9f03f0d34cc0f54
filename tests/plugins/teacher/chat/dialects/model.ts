/** A model for fixture servers: it knows how likely each answer is, and how many tokens are read. */

/** What the model finds of a question: probabilities of candidates, as written in the question. */
export interface Opinion {
  /** Candidates by what is written for them: a letter, or the candidate itself. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** A message as servers are sent it. */
export interface Message {
  readonly role: string;
  readonly content: string;
}

/** How likely the first and the second candidate are, wherever the model is not told what to answer. */
const FIRST = 0.2;
const SECOND = 0.6;

/** What the model would answer; what is missing to 1 stands on words that are no answer. */
export function opinionOn(messages: readonly Message[]): Opinion {
  const question = messages.at(-1)!.content;
  const listed = /Candidates: (.*)/.exec(question)?.[1]?.split(", ") ?? ["left", "right"];
  const told = /answer "([^"]*)"/.exec(question)?.[1];
  const probabilities = listed.map((each, k): [string, number] => {
    const [, letter, name = each] = /^([A-T]): (.*)$/.exec(each) ?? [];
    const free = [FIRST, SECOND][k] ?? 0.01;
    return [letter ?? name, told === undefined ? free : told === name ? 0.9 : 0.01];
  });
  return { probabilities: Object.fromEntries(probabilities) };
}

/** The likeliest answer, of these where only these may be. */
export function likeliest({ probabilities }: Opinion, allowed?: readonly string[]): string {
  const ranked = Object.entries(probabilities).sort(([, a], [, b]) => b - a).map(([name]) => name);
  return ranked.find((name) => !allowed || allowed.includes(name)) ?? allowed?.[0] ?? "I";
}

/** Tokens of a text as the model counts them: words, and signs one by one. */
export function tokensOf(text: string): number {
  return (text.match(/\w+|[^\w\s]/g) ?? []).length;
}

/** Tokens that are read of messages: each has four more for its frame. */
export function tokensRead(messages: readonly Message[]): number {
  return messages.reduce((sum, { content }) => sum + tokensOf(content) + 4, 3);
}
