/** The contract of language models. */
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { DecoderLayout, ModelDtype } from "../model_folder/files.ts";
import type { GenerateOptions, Generation } from "./generate.ts";
import type { PromptScore, ScoreOptions } from "./score.ts";
import type { Text } from "./texts.ts";

/** What is known of an open model. */
export interface ModelInfo {
  /** Its folder. */
  readonly dir: string;
  /** What its config calls it, such as "t5". */
  readonly type: string;
  /** Whether an encoder reads the prompt. */
  readonly encoderDecoder: boolean;
  /** Number of tokens. */
  readonly vocabSize: number;
  /** Format of its weights. */
  readonly dtype: ModelDtype;
  /** How its decoder takes what it computed before. */
  readonly layout: DecoderLayout;
  /** What computes. */
  readonly backend: string;
  /** Threads that do. */
  readonly threads: number;
  /** What its user should know of how it runs, as the rest of "The model ...". */
  readonly note?: string;
}

/** What the model makes of one prompt on its way to the first token. */
export interface HiddenStates {
  /** [length, width] of the encoder's last layer; absent in decoder-only models. */
  readonly encoder?: HiddenTensor;
  /**
   * [width] of the decoder's last layer where it gives the first token: at its start token, or at the
   * prompt's last token in decoder-only models. Absent where the graph does not let it be found.
   */
  readonly decoder?: HiddenTensor;
}

/** Values with their shape, row-major. */
export interface HiddenTensor {
  /** Sizes, row-major. */
  readonly shape: readonly number[];
  /** The numbers. */
  readonly data: Float32Array;
}

/** A model that writes, weighs and represents text. Calls are answered one after another. */
export interface LanguageModel {
  /** What it is. */
  readonly info: ModelInfo;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /**
   * Writes one text a prompt.
   *
   * @throws TandemError E_PROMPT where a prompt does not fit, E_NUMERIC where the model gives NaN.
   */
  generate(prompts: readonly Text[], options?: GenerateOptions): Promise<Generation[]>;
  /**
   * Scores candidates under each prompt.
   *
   * @param candidates One list for all prompts, or one list a prompt; no duplicates within a list.
   * @throws TandemError E_PROMPT where a prompt or a candidate does not fit, E_NUMERIC where the
   * model gives NaN.
   */
  score(
    prompts: readonly Text[],
    candidates: readonly string[] | readonly (readonly Text[])[],
    options?: ScoreOptions,
  ): Promise<PromptScore[]>;
  /** Logits [vocab] of the token that follows each prompt (the decoder's first step). */
  firstLogits(prompts: readonly Text[]): Promise<Float32Array[]>;
  /** Hidden states of each prompt, for heads to learn on. */
  hidden(prompts: readonly Text[]): Promise<HiddenStates[]>;
  /** Frees the sessions. */
  dispose(): Promise<void>;
}
