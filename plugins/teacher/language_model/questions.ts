import type {
  Guidance,
  Observations,
  ObservedState,
  PromptFields,
  StageState,
  StateFeatures,
} from "@tandem/core";
import { type PromptParts } from "@tandem/core/kit";
import { BoundedMap } from "@tandem/core/internal";
import { type FeatureNames, featuresOf } from "./features.ts";

/** States whose prompts are remembered; those not seen for longest are forgotten first. */
const MOST_STATES = 100_000;

/** Answers that are remembered of one state; the oldest is forgotten first. */
const MOST_ANSWERS = 64;

/** What the model made of a prompt: scores of all candidates, or a text that means one or none. */
export type Answer =
  | { readonly scores: Float32Array; readonly ids: readonly (readonly number[])[] }
  | { readonly choice: number; readonly logProb: number; readonly ids: readonly number[] };

/** What the teacher knows of a state. */
export interface StateNote {
  /** The state's key. */
  readonly key: number;
  readonly features: StateFeatures;
  /** The same with the words that they were made of. */
  readonly state: ObservedState;
  readonly parts: Pick<PromptParts, "mission" | "observation">;
  /** Answers by what else stood in the prompt. */
  readonly answers: BoundedMap<string, Answer>;
}

/** What stands in a prompt besides the state; turns only in conversations. */
export type ToldFields =
  & Required<Pick<PromptFields, "feedback" | "memory">>
  & Pick<PromptFields, "turns">;

/** A state with what else stands in its prompt. */
export interface Question {
  readonly note: StateNote;
  readonly fields: ToldFields;
  /** The fields as one text: the key of its answer. */
  readonly key: string;
}

/** A question as its guidance notes it, so that a verdict on the answer can teach. */
export interface AskedQuestion extends Pick<PromptParts, "mission" | "observation"> {
  /** The state's key; guidance in checkpoints of before has none. */
  readonly key?: number;
  readonly fields: ToldFields;
}

/** A {@linkcode StateNote} as JSON. */
interface KeptNote {
  readonly key: number;
  readonly parts: StateNote["parts"];
  readonly answers: readonly KeptAnswer[];
}

/** An {@linkcode Answer} as JSON; its scores lie in an array of their own. */
interface KeptAnswer {
  /** What else stood in the prompt. */
  readonly told: string;
  /** Which of the lists of ids. */
  readonly ids: number;
  /** How many scores it has. */
  readonly scores?: number;
  readonly choice?: number;
  readonly logProb?: number;
}

/** The states that a teacher was asked about. */
export class StateBook {
  readonly #notes = new BoundedMap<number, StateNote>(MOST_STATES);

  constructor(private readonly names: FeatureNames) {}

  /** What stands in a question about the state of environment i. */
  noteOf(observations: Observations, i: number): StateNote {
    const key = observations.key(i);
    const known = this.#notes.get(key);
    if (known) return known;
    const parts = { mission: observations.mission(i), observation: observations.text(i) };
    const note = noteOn(key, parts, this.names);
    this.#notes.set(key, note);
    return note;
  }

  /** The features of the state that was asked about. */
  featuresOf({ key, mission, observation }: AskedQuestion): StateFeatures {
    const known = key === undefined ? undefined : this.#notes.peek(key);
    return known?.features ?? featuresOf(mission, observation, this.names);
  }

  /** The states with their answers, those not asked about for longest first. */
  save(): StageState {
    const ids = new Map<string, number>();
    const scores: number[] = [];
    const notes = Array.from(this.#notes.entries(), ([key, { parts, answers }]): KeptNote => ({
      ...{ key, parts },
      answers: Array.from(answers.entries(), ([told, answer]): KeptAnswer => {
        const text = JSON.stringify(answer.ids);
        if (!ids.has(text)) ids.set(text, ids.size); // all scored answers have the same
        if (!("scores" in answer)) {
          return { told, ids: ids.get(text)!, choice: answer.choice, logProb: answer.logProb };
        }
        scores.push(...answer.scores);
        return { told, ids: ids.get(text)!, scores: answer.scores.length };
      }),
    }));
    const data = Float32Array.from(scores);
    return {
      json: { notes, ids: Array.from(ids.keys(), (text) => JSON.parse(text)) },
      arrays: { scores: { shape: [data.length], data } },
    };
  }

  /** Knows again what was saved. */
  load({ json, arrays }: StageState): void {
    const { notes, ids } = json as { notes: KeptNote[]; ids: Answer["ids"][] };
    const scores = arrays!.scores!.data as Float32Array;
    let at = 0;
    this.#notes.clear();
    for (const { key, parts, answers } of notes) {
      const note = noteOn(key, parts, this.names);
      for (const { told, ids: index, scores: count, choice, logProb } of answers) {
        const answer = count === undefined
          ? { choice, logProb, ids: ids[index] }
          : { scores: scores.slice(at, at += count), ids: ids[index] };
        note.answers.set(told, answer as Answer);
      }
      this.#notes.set(key, note);
    }
  }

  /** Forgets all answers, as when the model has changed. */
  forgetAnswers(): void {
    for (const [, { answers }] of this.#notes.entries()) answers.clear();
  }
}

/** What is known of a state in words before anything was asked. */
function noteOn(key: number, parts: StateNote["parts"], names: FeatureNames): StateNote {
  const { mission, observation: seen } = parts;
  const features = featuresOf(mission, seen, names);
  const state = { ...features, mission, seen };
  return { key, features, state, parts, answers: new BoundedMap(MOST_ANSWERS) };
}

/** A question about a state, with what channels have to tell. */
export function questionOf(note: StateNote, fields: ToldFields): Question {
  const { feedback, memory, turns } = fields;
  const told = turns ? JSON.stringify(turns) : feedback;
  return { note, fields, key: memory === "" ? told : `${told}\n${memory}` };
}

/** Questions as their guidance notes them. */
export function noted(questions: readonly Question[]): readonly AskedQuestion[] {
  return questions.map(({ note: { key, parts: { mission, observation } }, fields }) => {
    return { key, mission, observation, fields };
  });
}

/** A question in a checkpoint of before: the fields had another name. */
type OldQuestion = Omit<AskedQuestion, "fields"> & { readonly told: AskedQuestion["fields"] };

/** The questions that guidance answers, if a teacher of this kind gave it. */
export function questionsOf({ envs, note }: Guidance): readonly AskedQuestion[] | undefined {
  if (!Array.isArray(note) || note.length !== envs) return undefined;
  return (note as (AskedQuestion | OldQuestion)[]).map((question) =>
    "told" in question ? { ...question, fields: question.told } : question
  );
}
