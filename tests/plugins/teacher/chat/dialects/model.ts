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

/** How likely "left" and "right" are, wherever the model is not told what to answer. */
const LEFT = 0.2;
const RIGHT = 0.6;

/** What the model would answer; what is missing to 1 stands on words that are no answer. */
export function opinionOn(messages: readonly Message[]): Opinion {
  const question = messages.at(-1)!.content;
  const told = /answer "([^"]*)"/.exec(question)?.[1];
  const isLettered = question.includes("A: left");
  const names = isLettered ? ["A", "B"] : ["left", "right"];
  const [left, right] = told === undefined
    ? [LEFT, RIGHT]
    : told === "left"
    ? [0.9, 0.05]
    : [0.05, 0.9];
  return { probabilities: { [names[0]!]: left, [names[1]!]: right } };
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
