/** What a request says, and how it is said otherwise to a server that does not take it so. */
import type { ChatOptions } from "../options.ts";
import type { ServerError } from "./reply.ts";

/** What is asked, before it is known how a server wants it said. */
export interface ChatRequest {
  /** What the model is told about its part. */
  readonly system: string;
  /** What was said before, the user first. */
  readonly turns: readonly Turn[];
  readonly question: string;
  readonly temperature: number;
  /** From which the server draws. */
  readonly seed: number;
  /** What a way of answering adds; the options' own fields go before these. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A question of before with its answer. */
export interface Turn {
  readonly user: string;
  readonly assistant: string;
}

/** Which of the fields that not all servers take are sent. */
export interface RequestShape {
  /** The name under which the longest answer is given; "" where it is not. */
  readonly tokens: "max_tokens" | "max_completion_tokens" | "";
  readonly temperature: boolean;
  readonly seed: boolean;
  readonly effort: boolean;
  /** Whether the system's words stand in a message of their own. */
  readonly system: boolean;
}

/** What servers are sent first. */
export const USUAL_SHAPE: RequestShape = {
  tokens: "max_tokens",
  temperature: true,
  seed: true,
  effort: true,
  system: true,
};

/** The body of a request. A field that the options give as null is left out. */
export function requestBody(
  { model, maxTokens, reasoningEffort, fields }: Required<ChatOptions>,
  shape: RequestShape,
  request: ChatRequest,
): string {
  const all = {
    model,
    messages: messagesOf(request, shape.system),
    ...(shape.temperature && { temperature: request.temperature }),
    ...(shape.tokens !== "" && { [shape.tokens]: maxTokens }),
    ...(shape.seed && { seed: request.seed }),
    ...(shape.effort && reasoningEffort !== "" && { reasoning_effort: reasoningEffort }),
    ...request.fields,
    ...fields,
  };
  return JSON.stringify(Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== null),
  ));
}

function messagesOf({ system, turns, question }: ChatRequest, isApart: boolean) {
  const said = [
    ...turns.flatMap(({ user, assistant }) => [
      { role: "user", content: user },
      { role: "assistant", content: assistant },
    ]),
    { role: "user", content: question },
  ];
  if (isApart) return [{ role: "system", content: system }, ...said];
  const [first, ...rest] = said;
  return [{ role: "user", content: `${system}\n\n${first!.content}` }, ...rest];
}

/** How a request may be said so that a server takes it, with what to tell of that; or undefined. */
export function otherShape(
  shape: RequestShape,
  { message, param }: ServerError,
): { readonly shape: RequestShape; readonly note: string } | undefined {
  const said = `${param} ${message}`.toLowerCase();
  const { tokens, temperature, seed, effort, system } = shape;
  if (tokens !== "" && /max_(?:completion_)?tokens/.test(said)) {
    const next = tokens === "max_tokens" ? "max_completion_tokens" : "";
    const instead = next === "" ? "none is sent" : `"${next}" is sent in its place`;
    return { shape: { ...shape, tokens: next }, note: `takes no "${tokens}": ${instead}` };
  }
  if (temperature && said.includes("temperature")) {
    const note = 'takes no "temperature" of that size: none is sent, and it draws at its own';
    return { shape: { ...shape, temperature: false }, note };
  }
  if (effort && said.includes("reasoning_effort")) {
    const note = 'takes no "reasoning_effort": none is sent, and it thinks as it likes';
    return { shape: { ...shape, effort: false }, note };
  }
  if (seed && /\bseed\b/.test(said)) {
    const note = 'takes no "seed": none is sent, and what it draws cannot be drawn again';
    return { shape: { ...shape, seed: false }, note };
  }
  if (system && /\bsystem\b/.test(said) && /\brole|message|prompt|instruction/.test(said)) {
    const note = "takes no message of the system: its words stand before each question";
    return { shape: { ...shape, system: false }, note };
  }
  return undefined;
}
