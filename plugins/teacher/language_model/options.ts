/** The options of the language-model teacher. */
import * as v from "valibot";
import { GRAINS, namedOrStage, option } from "@tandem/core";
import { LONGEST_WAIT, MODEL_DTYPES, RUNTIME_NAMES } from "@tandem/runtimes/language-model";
import { DAY } from "@tandem/core/internal";
import { positive, whole } from "@tandem/core/kit";
import { classifierOptions } from "./channels/classifier/options.ts";
import { memoryOptions } from "./channels/memory_options.ts";
import { referenceOptions } from "./channels/reference/options.ts";
import { CHANNEL_NAMES } from "./channels/table.ts";
import { weightsOptions } from "./training/options.ts";

const text = v.pipe(v.string(), v.nonEmpty(), v.maxLength(100_000));

/** Options of the teacher. */
export const languageModelOptions = {
  model: option(
    `A folder in Hugging Face layout, relative to the working directory or by its URL, or the name
    of a model that was pulled (\`deno task models pull google/flan-t5-small\`); "shipped" is Tandem's
    own. "blank" is none: all candidates count alike, and the teacher is its channels alone (a control:
    what is language worth?).`,
    v.string(),
    "shipped",
  ),
  grain: option(
    `What it names; the candidates of a "subgoal" or a "plan" are the environment's. "reference": which
    of the things in sight is meant, by its place; silence where none is seen.`,
    v.picklist(GRAINS),
    "action",
  ),
  answer: option(
    `Whether the model's scores of all candidates are weighed ("score"), or it writes freely and
    its text counts as the candidate that it is or begins with ("generate": silence where it is
    none, and nothing is learned by "logits"; in training the text is drawn, in measurements the
    likeliest).`,
    v.picklist(["score", "generate"]),
    "score",
  ),
  prompt: option(
    `The prompt: "tandem" (what the shipped model knows; in a chat it stands for "chat"), "chat" (a
    question with its candidates), "glam" (arXiv 2302.02662), "glam-memory"
    (the same with what "memory" remembers), or a text with the fields {mission}, {observation},
    {seen}, {feedback}, {memory}, {grain} and {candidates}.`,
    v.string(),
    "tandem",
  ),
  chat: option(
    `Whether the model is spoken to by the chat template of its folder, as instruct models are
    trained to be; the prompt is the user's turn then, and verdicts stand behind what they judge.
    "auto" does so where the folder has a template and the model no encoder.`,
    v.picklist(["auto", "on", "off"]),
    "auto",
  ),
  system: option(
    `What a model that is spoken to by its chat template is told about its part; "" for nothing.`,
    v.string(),
    "You guide an agent through a small world. Answer with one of the candidates, word for word, and nothing else.",
  ),
  examples: option(
    `Turns that a conversation begins with, as {"goal: ... see: ...":"turn left"}: what a user asks,
    as the prompt would say it, with what the model shall answer.`,
    v.pipe(
      v.record(text, text),
      v.check((turns) => Object.keys(turns).length <= 64, "There are at most 64 of them"),
    ),
    {},
  ),
  normalisation: option(
    "Whether a candidate's score is the mean of its tokens' log-probabilities or their sum.",
    v.picklist(["mean", "sum"]),
    "mean",
  ),
  temperature: option(
    "Divides the scores before the softmax: above 1 the teacher explores more.",
    positive(1e6),
    1,
  ),
  learnsBy: option(
    `How verdicts are taken in: into the next prompt ("prompt"), into a memory of states like the
    present one ("memory"), into a correction of the candidates' scores ("logits"), into one
    model of which candidates are right ("classifier") or of which thing in sight is meant
    ("reference", at the grain of that name), and into the model itself ("weights", for a T5 with model.safetensors); or by a channel of your own, as
    "./my_channel.ts" (docs/guide/channel.md).`,
    v.pipe(v.array(namedOrStage(CHANNEL_NAMES, "channel")), v.maxLength(16)),
    ["prompt", "logits"],
  ),
  weights: option('How "weights" trains the model.', weightsOptions, {}),
  verdictWords: option(
    `Words for the verdict in the prompt: "good" and "bad", or the rule's own sentence.`,
    v.picklist(["short", "rule"]),
    "short",
  ),
  verdicts: option(
    `Verdicts that stand in the prompt: the last one, or the last so many of an episode with what
    each is about, the strongest first.`,
    whole(1, 1000),
    1,
  ),
  logits: option(
    `How "logits" learns: "ratings" of candidates in states and of what is seen in them, a linear
    bandit that explores by Thompson sampling or by upper confidence bounds, or one that learns by
    gradient.`,
    v.picklist(["ratings", "thompson", "linucb", "gradient"]),
    "ratings",
  ),
  memory: option('How "memory" remembers.', memoryOptions, {}),
  classifier: option('How "classifier" learns.', classifierOptions, {}),
  reference: option('How "reference" learns.', referenceOptions, {}),
  features: option(
    `How "logits" and "memory" name what is seen: as it is ("named"), or by what it is to the
    mission ("relative"), so that what is learned of a red ball holds for the next mission's green
    key.`,
    v.picklist(["named", "relative"]),
    "named",
  ),
  gain: option(
    'Size of the correction that "logits" teaches, in logits for a verdict of mean strength.',
    positive(1e6),
    3.5,
  ),
  credit: option(
    `What a verdict is about: the guidance ("guidance"), the guidance if the student followed it
    ("followed"), or whatever the student did ("action"). At the other grains it is
    always about the guidance.`,
    v.picklist(["guidance", "followed", "action"]),
    "followed",
  ),
  runtime: option(
    `"fused" is Tandem's own kernels for a T5 with safetensors: 8-bit weights, faster than "web", the
    more so the larger the model, its probabilities some thousandths off. "web" is ONNX Runtime, on
    WebGPU where the run's device is one, else in WebAssembly; "native" its binary,
    onnxruntime-node, which \`deno task run:native\` installs and is allowed to load. "auto" is
    "fused" for the shipped model, unless \`dtype\` asks for other weights, and "web" for others.`,
    v.picklist(["auto", ...RUNTIME_NAMES]),
    "auto",
  ),
  dtype: option(
    'Weight format of the ONNX files; "auto" takes the first of fp32, fp16, int8 that is there.',
    v.picklist(["auto", ...MODEL_DTYPES]),
    "auto",
  ),
  threads: option(
    `Threads of the model's runtime: more help models of flan-t5-small's size and above. "web"
    runs in a worker where there are several, "fused" in so many workers.`,
    whole(1, 64),
    1,
  ),
  worker: option(
    `Runs the model in a worker, so that the thread of the student stays free meanwhile. A model
    that is not the shipped one always runs in one, so that it can be given up should it never
    end.`,
    v.boolean(),
    false,
  ),
  timeout: option(
    "Longest wait for an answer of a model that runs in a worker, in seconds.",
    positive(DAY),
    LONGEST_WAIT,
  ),
} as const;
