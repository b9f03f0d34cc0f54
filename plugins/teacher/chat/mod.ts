import { definePlugin, type Plugin } from "@tandem/core";
import { ChatClient } from "./client.ts";
import { readKey } from "./key.ts";
import { chatOptions } from "./options.ts";
import { ChatTeacher } from "./teacher.ts";
import type { ChatOptions } from "../options.ts";

/** A language model behind an OpenAI-compatible HTTP API. */
export const chat: Plugin<"teacher", ChatOptions> = definePlugin({
  kind: "teacher",
  name: "chat",
  description: "A language model behind an OpenAI-compatible HTTP API.",
  details: `
    A language model behind an OpenAI-compatible HTTP API (POST BASE/chat/completions): OpenAI,
    OpenRouter, vLLM, llama.cpp, Ollama and others. It is shown the mission, what the agent sees,
    the candidates and the verdict on its last answer, and asked for one of the candidates.

    How the candidate is asked for is found out before the first question, by up to six test questions,
    and said once: by log-probabilities of letters, which give the whole distribution, by a JSON schema,
    guided choice or a grammar, under which nothing else can be answered, or in plain words. What a server
    says that it can do is not believed: a constraint is tested by one that its natural answer does not
    fit. A checkpoint keeps what was found; \`teacher.method\` names one.

    Before a run begins, or goes on, it is asked one test question, which counts as any other
    request. Where no usable answer comes, or later none to a hundred questions in a row, the run
    ends with E_TEACHER: \`teacher.required=false\` goes on in silence. What is not usable is
    warned of once, with what to change. Requests are sent to the host that is named and to no
    other.

    It needs --allow-net for the server's host, and --allow-env for the key's variable, which
    stand in front of the command:

        TANDEM_ALLOW="--allow-net=HOST --allow-env=VARIABLE" deno task run ...`,
  options: chatOptions,
  effects: ["network"],
  async create(options, context, wiring) {
    const client = new ChatClient(options, readKey(options.keyVariable), context);
    const teacher = new ChatTeacher(client, options, context, wiring);
    await teacher.test();
    return teacher;
  },
});
