/** A chat server on this machine for tests, and chat teachers that ask it. */
import { type Context, createContext } from "../../../../core/kit/context.ts";
import type { TandemEvent } from "../../../../core/stages/events.ts";
import type { Teacher } from "../../../../core/stages/mod.ts";
import { chat } from "../../../../plugins/teacher/chat/mod.ts";
import { Ticks } from "../../../core/stubs.ts";
import { spec } from "../../moments.ts";

interface ChatRequest {
  readonly model: string;
  readonly temperature: number;
  readonly max_tokens: number;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** What a test's server sees of a request. */
export interface Seen {
  readonly url: string;
  readonly key: string | null;
  readonly headers: Headers;
  readonly body: ChatRequest;
  /** What the model was asked. */
  readonly question: string;
}

/** Answers the n-th request, from 0 on. */
export type Handler = (seen: Seen, n: number) => Response | Promise<Response>;

/** Whether it is the question that is asked before a run begins. */
const isTest = ({ question }: Seen) => question.includes("nothing");

/** A completion. */
export const says = (content: string, tokens?: number) =>
  Response.json({ choices: [{ message: { content } }], usage: { total_tokens: tokens } });

/**
 * Runs a test against a server of its own on this machine.
 *
 * @param isTested Whether the handler sees the question before the run too; else that is answered well.
 */
export async function withServer(
  handler: Handler,
  test: (baseUrl: string, seen: Seen[]) => Promise<void>,
  isTested = false,
): Promise<void> {
  const seen: Seen[] = [];
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const body = await request.json() as ChatRequest;
      const question = body.messages.at(-1)!.content;
      const { url, headers } = request;
      const one = { url, key: headers.get("authorization"), headers, body, question };
      if (!isTested && isTest(one)) return says(/answer "(.*)"/.exec(question)?.[1] ?? "left", 0);
      seen.push(one);
      return await handler(one, seen.length - 1);
    },
  );
  try {
    await test(`http://127.0.0.1:${server.addr.port}/v1`, seen);
  } finally {
    await server.shutdown();
  }
}

/** Options under which failures are soon over, and the server is asked in words without tests of it. */
export const HASTE = {
  ...{ model: "m", keyVariable: "", backoff: 0.001, timeout: 5, retries: 2 },
  method: "text",
} as const;

type Options = Partial<Parameters<typeof chat>[0] & object>;

/** A chat teacher, whose test question has been answered. */
export async function open(baseUrl: string, options: Options = {}, context: Partial<Context> = {}) {
  const stage = chat({ ...HASTE, baseUrl, ...options });
  return await stage.create(createContext({ seed: 0, ...context }), { env: spec });
}

/** Observations of these ticks. */
export function at(...ticks: number[]): Ticks {
  const observations = new Ticks(ticks.length);
  observations.data.set(ticks);
  return observations;
}

/** What it suggests. */
export const choicesOf = async (
  teacher: Teacher,
  observations: Ticks,
  mode: "train" | "evaluate" = "train",
) => [...(await teacher.advise(observations, mode)).choices];

/** Keeps events, and gives what they warn of. */
export function listener() {
  const events: TandemEvent[] = [];
  const messages = () =>
    events.map((event) => event.type === "warning" ? event.message : event.type);
  return { emit: (event: TandemEvent) => void events.push(event), messages };
}
