/** A stage that is chosen for a pipeline and not yet made, and what it is told when it is. */
import type { Context } from "../kit/context.ts";
import type {
  AnsweringModel,
  EnvSpec,
  Grain,
  MaybePromise,
  Pluggables,
  PluginKind,
  StageSource,
  Trait,
} from "../stages/mod.ts";
import type { Effect } from "./effects.ts";
import type { OptionsSchema } from "./options.ts";

/** What a stage is told about the stages before it when it is made. */
export interface Wirings {
  /** An env is told how many it shall be. */
  env: {
    /** Number of environments to step together, N. */
    readonly envs: number;
  };
  /** A teacher is told what it is asked about. */
  teacher: {
    readonly env: EnvSpec;
    /** Prompts of the whole run at most, measuring included; absent where it is part of none. */
    readonly prompts?: number;
  };
  /** A student is told what it sees, and what it hears. */
  student: {
    readonly env: EnvSpec;
    readonly grain: Grain;
    /** The teacher's candidates, K texts. */
    readonly candidates: readonly string[];
    /** Iterations of the run, for what follows its length; absent where it is part of none. */
    readonly iterations?: number;
  };
  /** An estimator is told the env that rollouts are of. */
  advantage: { readonly env: EnvSpec };
  /** A rule is told what it judges: K texts. */
  feedback: { readonly env: EnvSpec; readonly candidates: readonly string[] };
  /** An extra stage is told what happens where. */
  extra: { readonly env: EnvSpec; readonly candidates: readonly string[] };
  /** A channel is told all of its teacher. */
  channel: {
    readonly env: EnvSpec;
    readonly grain: Grain;
    /** What the teacher may suggest, K texts. */
    readonly candidates: readonly string[];
    /** The text of the teacher's prompt, with its fields in braces. */
    readonly prompt: string;
    /** Whether the model scores the candidates, or writes freely: then nothing corrects scores. */
    readonly answer: "score" | "generate";
    /** The model as it was opened; it is the teacher's, who disposes of it. */
    readonly model: AnsweringModel;
  };
}

/** A stage chosen for a pipeline: a plugin with its options, not yet made. */
export interface StageSpec<K extends PluginKind = PluginKind, T extends Trait = Trait> {
  /** The stage that it stands for, or "extra" or "channel". */
  readonly kind: K;
  /** The plugin's name, or the module that it was loaded from. */
  readonly plugin: string;
  /** One line that says what the plugin does. */
  readonly description: string;
  /** All options, defaults filled in. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What the options may be. */
  readonly schema: OptionsSchema;
  /** Whether it asks the environment's expert; such a run is labelled as a control. */
  readonly usesOracle: boolean;
  /** What it does besides computing, stages within it included. */
  readonly effects: readonly Effect[];
  /** How it fits the stages around it; empty where nothing is named. */
  readonly fits: readonly T[];
  /** The options on which it depends what states it can load; none where absent. */
  readonly shapesState?: readonly string[];
  /** The run whose stage had learned what this one begins with; absent where it begins anew. */
  readonly from?: StageSource;
  /** Whether it learns nothing any more. */
  readonly frozen?: boolean;
  /** The same plugin with other options on top of these. @throws E_OPTION */
  with(options: Readonly<Record<string, unknown>>): StageSpec<K, T>;
  /** Makes the stage. */
  create(context: Context, wiring: Wirings[K]): MaybePromise<Pluggables[K]>;
  /** As JSON: the plugin by name, options in full. */
  toJSON(): StageJson;
}

/** A stage as JSON: code by plugin name, options in full, stages within them likewise. */
export interface StageJson {
  /** The plugin's name, or its module. */
  readonly plugin: string;
  /** All options; stages within them as JSON. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What it begins with; absent where it begins anew. */
  readonly from?: StageSource;
  /** Present where it learns nothing any more. */
  readonly frozen?: boolean;
}
