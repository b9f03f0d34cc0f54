/** The options of the language-model teacher. */
import * as v from "valibot";
import { DAY, positive, whole } from "../../../core/kit/bounds.ts";
import { LONGEST_WAIT } from "../../../runtimes/language_model/worker_model.ts";
import { MODEL_DTYPES } from "../../../runtimes/model_folder/files.ts";
import { namedOrStage } from "../../../core/pipeline/nested.ts";
import { memoryOptions } from "./channels/memory_options.ts";
import { CHANNEL_NAMES } from "./channels/table.ts";
import { weightsOptions } from "./training/options.ts";

/** Options of the teacher. */
export const languageModelOptions = {
  /**
   * A folder in Hugging Face layout, relative to the working directory, or the name of a model that
   * was pulled (`deno task models pull google/flan-t5-small`); "shipped" is Tandem's own.
   */
  model: v.optional(v.string(), "shipped"),
  /** How fine it guides; the candidates of a "subgoal" or a "plan" are the environment's. */
  grain: v.optional(v.picklist(["action", "subgoal", "plan"]), "action"),
  /**
   * Whether the model's scores of all candidates are weighed ("score"), or it writes freely and its
   * text counts as the candidate that it is or begins with ("generate": silence where it is none, and
   * nothing is learned by "logits"; in training the text is drawn, in measurements the likeliest).
   */
  answer: v.optional(v.picklist(["score", "generate"]), "score"),
  /**
   * The prompt: "tandem" (what the shipped model knows), "glam" (arXiv 2302.02662), "glam-memory"
   * (the same with what "memory" remembers), or a text with the fields {mission}, {observation},
   * {seen}, {feedback}, {memory}, {grain} and {candidates}.
   */
  prompt: v.optional(v.string(), "tandem"),
  /** Whether a candidate's score is the mean of its tokens' log-probabilities or their sum. */
  normalisation: v.optional(v.picklist(["mean", "sum"]), "mean"),
  /** Divides the scores before the softmax: above 1 the teacher explores more. */
  temperature: v.optional(positive(1e6), 1),
  /**
   * How verdicts are taken in: into the next prompt ("prompt"), into a memory of states like the
   * present one ("memory"), into a correction of the candidates' scores ("logits"), and into the model
   * itself ("weights", for a T5 with model.safetensors); or by a channel of your own, as
   * "./my_channel.ts" (docs/guide/channel.md).
   */
  learnsBy: v.optional(
    v.pipe(v.array(namedOrStage(CHANNEL_NAMES, "channel")), v.maxLength(16)),
    ["prompt", "logits"],
  ),
  /** How "weights" trains the model. */
  weights: v.optional(weightsOptions, {}),
  /** Words for the verdict in the prompt: "good" and "bad", or the rule's own sentence. */
  verdictWords: v.optional(v.picklist(["short", "rule"]), "short"),
  /**
   * Verdicts that stand in the prompt: the last one, or the last so many of an episode with what each
   * is about, the strongest first.
   */
  verdicts: v.optional(whole(1, 1000), 1),
  /**
   * How "logits" learns: "ratings" of candidates in states and of what is seen in them, a linear bandit
   * that explores by Thompson sampling or by upper confidence bounds, or one that learns by gradient.
   */
  logits: v.optional(v.picklist(["ratings", "thompson", "linucb", "gradient"]), "ratings"),
  /** How "memory" remembers. */
  memory: v.optional(memoryOptions, {}),
  /**
   * How "logits" and "memory" name what is seen: as it is ("named"), or by what it is to the mission
   * ("relative"), so that what is learned of a red ball holds for the next mission's green key.
   */
  features: v.optional(v.picklist(["named", "relative"]), "named"),
  /** Size of the correction that "logits" teaches, in logits for a verdict of mean strength. */
  gain: v.optional(positive(1e6), 3.5),
  /**
   * What a verdict is about: the guidance ("guidance"), the guidance if the student followed it
   * ("followed"), or whatever the student did ("action"). At the grains "subgoal" and "plan" it is
   * always about the guidance.
   */
  credit: v.optional(v.picklist(["guidance", "followed", "action"]), "followed"),
  /**
   * "web" is ONNX Runtime, on WebGPU where the run's device is one, else in WebAssembly; "native" its
   * binary, onnxruntime-node, which `deno task run:native` installs and is allowed to load; "fused"
   * Tandem's own kernels for a T5 with safetensors: 8-bit weights, faster than "web", the more so the
   * larger the model, its probabilities some thousandths off.
   */
  runtime: v.optional(v.picklist(["web", "native", "fused"]), "web"),
  /** Weight format of the ONNX files; "auto" takes the first of fp32, fp16, int8 that is there. */
  dtype: v.optional(v.picklist(["auto", ...MODEL_DTYPES]), "auto"),
  /**
   * Threads of the model's runtime: more help models of flan-t5-small's size and above. "web" runs in
   * a worker where there are several, "fused" in so many workers.
   */
  threads: v.optional(whole(1, 64), 1),
  /**
   * Runs the model in a worker, so that the thread of the student stays free meanwhile. A model that is
   * not the shipped one always runs in one, so that it can be given up should it never end.
   */
  worker: v.optional(v.boolean(), false),
  /** Longest wait for an answer of a model that runs in a worker, in seconds. */
  timeout: v.optional(positive(DAY), LONGEST_WAIT),
} as const;
