/** Written by `deno task docs:plugins` from the schemas of the options: change those. */
import type { StageSpec } from "@tandem/core";

/**
 * Options of `language-model`: A language model weighs the actions; verdicts reach its prompt and
 * its weights.
 */
export interface LanguageModelOptions {
  /**
   * A folder in Hugging Face layout, relative to the working directory or by its URL, or the name
   * of a model that was pulled (`deno task models pull google/flan-t5-small`); "shipped" is
   * Tandem's own. "blank" is none: all candidates count alike, and the teacher is its channels
   * alone (a control: what is language worth?). Default: "shipped".
   */
  readonly model?: string;
  /**
   * What it names; the candidates of a "subgoal" or a "plan" are the environment's. "reference":
   * which of the things in sight is meant, by its place; silence where none is seen. Default:
   * "action".
   */
  readonly grain?: "action" | "subgoal" | "plan" | "reference";
  /**
   * Whether the model's scores of all candidates are weighed ("score"), or it writes freely and its
   * text counts as the candidate that it is or begins with ("generate": silence where it is none,
   * and nothing is learned by "logits"; in training the text is drawn, in measurements the
   * likeliest). Default: "score".
   */
  readonly answer?: "score" | "generate";
  /**
   * The prompt: "tandem" (what the shipped model knows; in a chat it stands for "chat"), "chat" (a
   * question with its candidates), "glam" (arXiv 2302.02662), "glam-memory" (the same with what
   * "memory" remembers), or a text with the fields {mission}, {observation}, {seen}, {feedback},
   * {memory}, {grain} and {candidates}. Default: "tandem".
   */
  readonly prompt?: string;
  /**
   * Whether the model is spoken to by the chat template of its folder, as instruct models are
   * trained to be; the prompt is the user's turn then, and verdicts stand behind what they judge.
   * "auto" does so where the folder has a template and the model no encoder. Default: "auto".
   */
  readonly chat?: "auto" | "on" | "off";
  /**
   * What a model that is spoken to by its chat template is told about its part; "" for nothing.
   * Default: "You guide an agent through a small world. Answer with one of the candidates, word for
   * word, and nothing else.".
   */
  readonly system?: string;
  /**
   * Turns that a conversation begins with, as {"goal: ... see: ...":"turn left"}: what a user asks,
   * as the prompt would say it, with what the model shall answer. Default: {}.
   */
  readonly examples?: Record<string, string>;
  /**
   * Whether a candidate's score is the mean of its tokens' log-probabilities or their sum. Default:
   * "mean".
   */
  readonly normalisation?: "mean" | "sum";
  /**
   * Divides the scores before the softmax: above 1 the teacher explores more. A number from 1e-12
   * to 1000000. Default: 1.
   */
  readonly temperature?: number;
  /**
   * How verdicts are taken in: into the next prompt ("prompt"), into a memory of states like the
   * present one ("memory"), into a correction of the candidates' scores ("logits"), into one model
   * of which candidates are right ("classifier") or of which thing in sight is meant ("reference",
   * at the grain of that name), and into the model itself ("weights", for a T5 with
   * model.safetensors); or by a channel of your own, as "./my_channel.ts" (docs/guide/channel.md).
   * Default: ["prompt","logits"].
   */
  readonly learnsBy?: (
    | "prompt"
    | "memory"
    | "logits"
    | "classifier"
    | "reference"
    | "weights"
    | StageSpec<"channel">
  )[];
  /** How "weights" trains the model. */
  readonly weights?: {
    /**
     * "dpo" on pairs of one state's candidates of which one was praised and one blamed, "kto" on
     * each by itself, "reinforce" and "ppo" on what each was worth beyond what is usual;
     * "cross-entropy" on what is right, for rules that name it, such as hindsight-credit: of others
     * it learns what was praised. Default: "dpo".
     */
    readonly method?: "dpo" | "kto" | "reinforce" | "ppo" | "cross-entropy";
    /** Low-rank adapters, or every weight. Default: "all". */
    readonly train?: "lora" | "all";
    /** Inner width of the adapters. A whole number from 0 to 1024. Default: 8. */
    readonly rank?: number;
    /** Adapters are scaled by alpha / rank. A number from 1e-12 to 1000000. Default: 16. */
    readonly alpha?: number;
    /** The linear maps that get an adapter. Default: ["q","v"]. */
    readonly targets?: string[];
    /** Adam's step size. A number from 1e-12 to 10. Default: 0.0003. */
    readonly learningRate?: number;
    /**
     * "dpo" and "kto": how far the model may leave the one that was opened; small is far. A number
     * from 1e-12 to 1000000. Default: 1.
     */
    readonly beta?: number;
    /**
     * Weight of KL(model || the one that was opened) beside the loss. A number from 0 to 1000000.
     * Default: 0.05.
     */
    readonly kl?: number;
    /**
     * "ppo": the ratio of probabilities is clipped to 1 +- this. A number from 1e-12 to 1000.
     * Default: 0.2.
     */
    readonly clip?: number;
    /**
     * What answers is a running average of the trained weights, of which this share is kept a step;
     * 0: the weights as they are. A number from 0 to 1. Default: 0.98.
     */
    readonly average?: number;
    /**
     * Verdicts between two updates; those that abstain count too. A whole number from 1 to
     * 1000000000. Default: 32768.
     */
    readonly every?: number;
    /** Gradient steps an update. A whole number from 1 to 1000000. Default: 32. */
    readonly steps?: number;
    /** Prompts a gradient step. A whole number from 1 to 4096. Default: 16. */
    readonly batch?: number;
    /**
     * Most states whose verdicts are remembered; those not judged for longest are forgotten first.
     * A whole number from 1 to 1000000. Default: 8192.
     */
    readonly capacity?: number;
    /**
     * Share of what verdicts counted that is left after an update. A number from 0 to 1. Default:
     * 1.
     */
    readonly keep?: number;
    /**
     * Verdicts at which a candidate in a state counts half of what it can. A number from 0 to
     * 1000000. Default: 16.
     */
    readonly halfTrust?: number;
    /** "kto": weight of praise; "balanced" evens the classes out. Default: "balanced". */
    readonly goodWeight?: "balanced" | number;
    /** "kto": weight of blame; "balanced" evens the classes out. Default: "balanced". */
    readonly badWeight?: "balanced" | number;
  };
  /**
   * Words for the verdict in the prompt: "good" and "bad", or the rule's own sentence. Default:
   * "short".
   */
  readonly verdictWords?: "short" | "rule";
  /**
   * Verdicts that stand in the prompt: the last one, or the last so many of an episode with what
   * each is about, the strongest first. A whole number from 1 to 1000. Default: 1.
   */
  readonly verdicts?: number;
  /**
   * How "logits" learns: "ratings" of candidates in states and of what is seen in them, a linear
   * bandit that explores by Thompson sampling or by upper confidence bounds, or one that learns by
   * gradient. Default: "ratings".
   */
  readonly logits?: "ratings" | "thompson" | "linucb" | "gradient";
  /** How "memory" remembers. */
  readonly memory?: {
    /**
     * Most states remembered; the one not judged for longest is forgotten first. A whole number
     * from 1 to 1000000. Default: 2048.
     */
    readonly size?: number;
    /**
     * States that are asked for advice, those most alike. A whole number from 1 to 100000. Default:
     * 64.
     */
    readonly neighbours?: number;
    /**
     * Size of the correction of scores; 0 leaves it to the prompt's field {memory}. A number from 0
     * to 1000000. Default: 5.
     */
    readonly gain?: number;
  };
  /** How "classifier" learns. */
  readonly classifier?: {
    /** Adagrad's step size. A number from 1e-12 to 1000000. Default: 0.3. */
    readonly rate?: number;
    /**
     * Most labels kept; the oldest is forgotten first. A whole number from 1 to 1000000. Default:
     * 20000.
     */
    readonly size?: number;
    /**
     * Judged steps of environments between two times to train. A whole number from 1 to 1000000.
     * Default: 512.
     */
    readonly every?: number;
    /**
     * Labels that are drawn each time it trains. A whole number from 1 to 1000000. Default: 3000.
     */
    readonly samples?: number;
    /**
     * What it sees of a state: things by what they are to the mission ("roles"), or sentences and
     * their pairs with the mission's words ("words"), for worlds whose actions name things.
     * Default: "roles".
     */
    readonly features?: "roles" | "words";
    /**
     * Whether half of the draws are mirrored, left for right: for worlds that look alike in a
     * mirror. Unless told, where actions name sides.
     */
    readonly mirror?: boolean;
    /**
     * By how many standard errors its first candidate must lead the second to be told; else it
     * leaves the model's scores as they are. A number from 0 to 1000000. Default: 0.
     */
    readonly certainty?: number;
  };
  /** How "reference" learns. */
  readonly reference?: {
    /** Adagrad's step size. A number from 1e-12 to 1000000. Default: 0.3. */
    readonly rate?: number;
    /**
     * Most labels kept; the oldest is forgotten first. A whole number from 1 to 100000. Default:
     * 2000.
     */
    readonly size?: number;
    /**
     * Judged steps of environments between two times to train. A whole number from 1 to 1000000.
     * Default: 512.
     */
    readonly every?: number;
    /**
     * Labels that are drawn each time it trains. A whole number from 1 to 1000000. Default: 500.
     */
    readonly samples?: number;
  };
  /**
   * How "logits" and "memory" name what is seen: as it is ("named"), or by what it is to the
   * mission ("relative"), so that what is learned of a red ball holds for the next mission's green
   * key. Default: "named".
   */
  readonly features?: "named" | "relative";
  /**
   * Size of the correction that "logits" teaches, in logits for a verdict of mean strength. A
   * number from 1e-12 to 1000000. Default: 3.5.
   */
  readonly gain?: number;
  /**
   * What a verdict is about: the guidance ("guidance"), the guidance if the student followed it
   * ("followed"), or whatever the student did ("action"). At the other grains it is always about
   * the guidance. Default: "followed".
   */
  readonly credit?: "guidance" | "followed" | "action";
  /**
   * "fused" is Tandem's own kernels for a T5 with safetensors: 8-bit weights, faster than "web",
   * the more so the larger the model, its probabilities some thousandths off. "web" is ONNX
   * Runtime, on WebGPU where the run's device is one, else in WebAssembly; "native" its binary,
   * onnxruntime-node, which `deno task run:native` installs and is allowed to load. "auto" is
   * "fused" for the shipped model, unless `dtype` asks for other weights, and "web" for others.
   * Default: "auto".
   */
  readonly runtime?: "auto" | "web" | "native" | "fused";
  /**
   * Weight format of the ONNX files; "auto" takes the first of fp32, fp16, int8 that is there.
   * Default: "auto".
   */
  readonly dtype?: "auto" | "fp32" | "fp16" | "int8" | "uint8" | "q8" | "q4" | "q4f16" | "bnb4";
  /**
   * Threads of the model's runtime: more help models of flan-t5-small's size and above. "web" runs
   * in a worker where there are several, "fused" in so many workers. A whole number from 1 to 64.
   * Default: 1.
   */
  readonly threads?: number;
  /**
   * Runs the model in a worker, so that the thread of the student stays free meanwhile. A model
   * that is not the shipped one always runs in one, so that it can be given up should it never end.
   * Default: false.
   */
  readonly worker?: boolean;
  /**
   * Longest wait for an answer of a model that runs in a worker, in seconds. A number from 1e-12 to
   * 86400. Default: 600.
   */
  readonly timeout?: number;
}

/** Options of `chat`: A language model behind an OpenAI-compatible HTTP API. */
export interface ChatOptions {
  /** The model's name, as the server knows it. */
  readonly model: string;
  /**
   * Where the server's API begins; "/chat/completions" is added to its path, and a query stays
   * behind it. {key} in the query stands for the key. Default: "https://api.openai.com/v1".
   */
  readonly baseUrl?: string;
  /**
   * The environment variable that holds the key; "" for a server that wants none. Default:
   * "OPENAI_API_KEY".
   */
  readonly keyVariable?: string;
  /**
   * The header that carries the key, as "api-key" for Azure; "authorization" says "Bearer" before
   * it. Default: "authorization".
   */
  readonly keyHeader?: string;
  /**
   * What the model is told about its part. Default: "You guide an agent through a small world.
   * Answer with one of the candidates, word for word, and nothing else.".
   */
  readonly system?: string;
  /**
   * The question, with the fields {mission}, {observation}, {candidates} and {feedback}. Default:
   * "Goal: {mission}\nThe agent sees: {observation}\nVerdict on your last answer:
   * {feedback}\nCandidates: {candidates}\nAnswer:".
   */
  readonly prompt?: string;
  /**
   * Sampling temperature in training; when measured it is 0. At 0, equal questions are asked once;
   * above, they are asked each time, or answers are drawn from the probabilities that are known. A
   * number from 0 to 100. Default: 0.
   */
  readonly temperature?: number;
  /**
   * Longest answer, in tokens, thoughts among them. It is sent as "max_tokens", and to a server
   * that refuses that as "max_completion_tokens". A whole number from 1 to 1000000. Default: 16.
   */
  readonly maxTokens?: number;
  /**
   * How one of the candidates is asked for: by the log-probabilities of letters that stand for
   * them, by JSON with an enum, by guided choice, by a grammar, by answers drawn several times, or
   * by plain text. "auto" tests what the server can do before its first question and takes the
   * first of these that it keeps to, but for "samples", which cost several answers each. Default:
   * "auto".
   */
  readonly method?: "auto" | "logprobs" | "enum" | "guided-choice" | "grammar" | "samples" | "text";
  /**
   * Answers drawn for each question by the method "samples". A whole number from 2 to 128. Default:
   * 8.
   */
  readonly samples?: number;
  /**
   * How much a model thinks before it answers, as "low"; it is sent as "reasoning_effort" unless it
   * is "". Default: "".
   */
  readonly reasoningEffort?: "" | "none" | "minimal" | "low" | "medium" | "high" | "xhigh";
  /**
   * Further fields of each request, as {"top_p":0.9}; one given as null is left out, as
   * {"temperature":null} or {"seed":null}. Default: {}.
   */
  readonly fields?: Record<string, unknown>;
  /**
   * How far an answer is trusted: the probability of the candidate that it names, where the answer
   * has no probabilities of its own. A number from 1e-12 to 1. Default: 0.9.
   */
  readonly confidence?: number;
  /** Whether verdicts are put into the next question. Default: true. */
  readonly feedback?: boolean;
  /**
   * Questions of the episode that stand as turns before the next one, each with its answer and the
   * verdict on it; every one of them is read again each time. A whole number from 0 to 64. Default:
   * 0.
   */
  readonly feedbackTurns?: number;
  /**
   * Questions with right answers that stand as turns before each question: a mission, what is seen,
   * and a candidate, as [["go to the key","You see a key 2 steps left","turn left"]]. Default: [].
   */
  readonly examples?: string[][];
  /** Longest wait for one answer, in seconds. A number from 1e-12 to 86400. Default: 30. */
  readonly timeout?: number;
  /**
   * Times that a question is asked again when the server fails. A whole number from 0 to 100.
   * Default: 4.
   */
  readonly retries?: number;
  /**
   * Wait before the first retry, in seconds; it doubles up to a minute, with jitter. Where the
   * server asks for more, it is given more, up to a minute. A number from 1e-12 to 86400. Default:
   * 0.5.
   */
  readonly backoff?: number;
  /**
   * After a question that failed for good, the server is left alone for so many seconds. A number
   * from 1e-12 to 86400. Default: 30.
   */
  readonly coolDown?: number;
  /** Requests on their way at once. A whole number from 1 to 1024. Default: 8. */
  readonly concurrency?: number;
  /** Most requests a minute; 0 for no limit. A whole number from 0 to 1000000. Default: 0. */
  readonly requestsPerMinute?: number;
  /**
   * Most requests of the run, retries and test questions included; 0 for no limit. A whole number
   * from 0 to 1000000000000. Default: 10000.
   */
  readonly budgetCalls?: number;
  /**
   * Most tokens of the run, read and written; 0 for no limit. A whole number from 0 to
   * 1000000000000000. Default: 0.
   */
  readonly budgetTokens?: number;
  /**
   * What a million tokens cost that are read, in dollars; 0 where nothing is to be counted. A
   * number from 0 to 1000000. Default: 0.
   */
  readonly priceInput?: number;
  /**
   * What a million tokens cost that are written, in dollars, thoughts among them. A number from 0
   * to 1000000. Default: 0.
   */
  readonly priceOutput?: number;
  /**
   * Most dollars of the run by these prices; then nothing more is asked and the run goes on. What
   * is on its way then is still paid. 0 for no limit. A number from 0 to 1000000000. Default: 0.
   */
  readonly budgetDollars?: number;
  /**
   * What is done without an answer: no guidance is given and the run goes on, or it fails. Default:
   * "silence".
   */
  readonly onFailure?: "silence" | "fail";
  /**
   * Whether the run ends where the teacher gives no usable answer: to the test question before it
   * begins, or to so many questions in a row as `patience` says. Default: true.
   */
  readonly required?: boolean;
  /**
   * Questions in a row without a usable answer (the server fails, or the answer names no candidate)
   * after which the run ends, if the teacher is required; 0 for no end. A whole number from 0 to
   * 1000000. Default: 100.
   */
  readonly patience?: number;
}

/** Options of `ensemble`: Several teachers that speak as one: by vote, by lot, or the surest. */
export interface EnsembleOptions {
  /** The teachers, two or more of one grain and with the same candidates. */
  readonly of: StageSpec<"teacher">[];
  /**
   * Who speaks in an environment: one drawn by lot, the first of the largest party, or the one that
   * is surest of what it suggests. Default: "vote".
   */
  readonly rule?: "lot" | "vote" | "surest";
}

/**
 * Options of `imperfect`: Another teacher under imperfect information: what it is told is
 * incomplete, wrong or late.
 */
export interface ImperfectOptions {
  /** The teacher that is told. */
  readonly of: StageSpec<"teacher">;
  /** Chance that a sentence about the state is left out. A number from 0 to 1. Default: 0. */
  readonly missing?: number;
  /**
   * Chance that a sentence is replaced by one that is true of another environment at that moment;
   * where there is no other, it is left out. A number from 0 to 1. Default: 0.
   */
  readonly wrong?: number;
  /**
   * Chance that the state of the step before is told in place of the present one. A number from 0
   * to 1. Default: 0.
   */
  readonly stale?: number;
}

/**
 * Options of `cassette`: Records another teacher's answers to a file and replays them bit for bit.
 */
export interface CassetteOptions {
  /** The recording, a JSONL file relative to the working directory; a new one, or a cassette. */
  readonly file: string;
  /** The teacher to record; replaying needs none. */
  readonly of?: StageSpec<"teacher">;
  /** "auto" replays the file where there is one, and records it otherwise. Default: "auto". */
  readonly mode?: "auto" | "record" | "replay";
  /** What is done when a recording has no answer: fail, or give no guidance. Default: "fail". */
  readonly missing?: "fail" | "silence";
}

/** Options of `bot`: Control: the environment's expert, right with a given accuracy. */
export interface BotOptions {
  /**
   * What it names: the expert's next action, what it is about, its whole plan, or the thing in
   * sight that it is about ("reference"). Default: "action".
   */
  readonly grain?: "action" | "subgoal" | "plan" | "reference";
  /**
   * Chance that what the expert does is suggested; otherwise another one is, each as likely. A
   * number from 0 to 1. Default: 1.
   */
  readonly accuracy?: number;
}

/** Options of `random`: Control: any action, each as likely. */
export interface RandomOptions {
  /**
   * What it names: actions, or what the environment has words for at this grain. Default: "action".
   */
  readonly grain?: "action" | "subgoal" | "plan" | "reference";
}

/** Options of `constant`: Control: the same action everywhere. */
export interface ConstantOptions {
  /** The action's name; the environment's first where it is left out. */
  readonly says?: string;
  /**
   * What it names: actions, or what the environment has words for at this grain. Default: "action".
   */
  readonly grain?: "action" | "subgoal" | "plan" | "reference";
}

/** Options of `shuffled`: Control: another teacher's guidance, dealt to the wrong environments. */
export interface ShuffledOptions {
  /** The teacher whose guidance is shuffled. */
  readonly of: StageSpec<"teacher">;
}

/** Options of `misleading`: Control: always an action that the environment's expert finds wrong. */
export interface MisleadingOptions {
  /**
   * What it names: actions, or what the environment has words for at this grain. Default: "action".
   */
  readonly grain?: "action" | "subgoal" | "plan" | "reference";
}
