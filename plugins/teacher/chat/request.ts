/** What a request says, and how it is said otherwise to a server that does not take it so. */
import type { ChatOptions } from "../options.ts";
import type { ServerError } from "./reply.ts";

/** Which of the fields that not all servers take are sent. */
export interface RequestShape {
  /** The name under which the longest answer is given; "" where it is not. */
  readonly tokens: "max_tokens" | "max_completion_tokens" | "";
  readonly temperature: boolean;
  /** Whether the system's words stand in a message of their own. */
  readonly system: boolean;
}

/** What servers are sent first. */
export const USUAL_SHAPE: RequestShape = { tokens: "max_tokens", temperature: true, system: true };

/** The body of a request. A field that the options give as null is left out. */
export function requestBody(
  { model, system, maxTokens, fields }: Required<ChatOptions>,
  shape: RequestShape,
  question: string,
  temperature: number,
): string {
  const messages = shape.system
    ? [{ role: "system", content: system }, { role: "user", content: question }]
    : [{ role: "user", content: `${system}\n\n${question}` }];
  const all = {
    model,
    messages,
    ...(shape.temperature && { temperature }),
    ...(shape.tokens !== "" && { [shape.tokens]: maxTokens }),
    ...fields,
  };
  return JSON.stringify(Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== null),
  ));
}

/** How a request may be said so that a server takes it, with what to tell of that; or undefined. */
export function otherShape(
  shape: RequestShape,
  { message, param }: ServerError,
): { readonly shape: RequestShape; readonly note: string } | undefined {
  const said = `${param} ${message}`.toLowerCase();
  const { tokens, temperature, system } = shape;
  if (tokens !== "" && /max_(?:completion_)?tokens/.test(said)) {
    const next = tokens === "max_tokens" ? "max_completion_tokens" : "";
    const instead = next === "" ? "none is sent" : `"${next}" is sent in its place`;
    return { shape: { ...shape, tokens: next }, note: `takes no "${tokens}": ${instead}` };
  }
  if (temperature && said.includes("temperature")) {
    const note = 'takes no "temperature" of that size: none is sent, and it draws at its own';
    return { shape: { ...shape, temperature: false }, note };
  }
  if (system && /\bsystem\b/.test(said) && /\brole|message|prompt|instruction/.test(said)) {
    const note = "takes no message of the system: its words stand before each question";
    return { shape: { ...shape, system: false }, note };
  }
  return undefined;
}
