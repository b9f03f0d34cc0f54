import { compileTemplate, type TemplateFields } from "./template.ts";

/** What a template may ask for. */
export interface PromptParts {
  /** What the agent shall do. */
  readonly mission: string;
  /** What the agent sees, one sentence a thing. */
  readonly observation: readonly string[];
  /** The verdict on the guidance given last. */
  readonly feedback: string;
  /** What is remembered of states like this one; empty where there is nothing. */
  readonly memory?: string;
  /** How fine the guidance is that is asked for: "action", "subgoal" or "plan". */
  readonly grain?: string;
  /** What may be answered. */
  readonly candidates?: readonly string[];
}

/** Prompts by name. */
export const PROMPTS = {
  /** What the shipped model was trained on. */
  tandem: "goal: {mission} see: {seen} last: {feedback} act:",
  /** GLAM's prompt for one observation (arXiv 2302.02662), which says nothing of verdicts. */
  glam: "Possible action of the agent: {candidates} \n Goal of the agent: {mission}" +
    " \n Observation 0: {observation}, \n Action 0: ",
  /** The same with what is remembered of states like the present one, for models that read. */
  "glam-memory": "Possible action of the agent: {candidates} \n Goal of the agent: {mission}" +
    " \n {memory} \n Observation 0: {observation}, \n Action 0: ",
  /** A user's turn, for models that were trained to chat. */
  chat: "Goal: {mission}\nThe agent sees: {seen}\nVerdict on your last answer: {feedback}\n" +
    "Candidates: {candidates}\nAnswer:",
} as const;

const FIELDS: TemplateFields<PromptParts> = {
  mission: ({ mission }) => mission,
  observation: ({ observation }) => observation.join(", "),
  seen: ({ observation }) => observation.map((line) => line.replace(/^You see /, "")).join(", "),
  feedback: ({ feedback }) => feedback,
  memory: ({ memory = "" }) => memory,
  grain: ({ grain = "action" }) => grain,
  candidates: ({ candidates = [] }) => candidates.join(", "),
};

/**
 * Compiles a template, or one of {@linkcode PROMPTS} by its name: text with the fields {mission},
 * {observation}, {seen} (the observation without "You see"), {feedback}, {memory},
 * {grain} and {candidates}.
 *
 * @throws {TandemError} E_OPTION for a field that does not exist.
 * @example
 * ```ts
 * import { compilePrompt } from "@tandem/core/kit";
 * import assert from "node:assert/strict";
 * const prompt = compilePrompt("goal: {mission} see: {seen} last: {feedback}");
 * const parts = { mission: "go", observation: ["You see a key", "You see a box"], feedback: "good" };
 * assert.equal(prompt(parts), "goal: go see: a key, a box last: good");
 * ```
 */
export function compilePrompt(template: string): (parts: PromptParts) => string {
  return compileTemplate(promptText(template), FIELDS);
}

/** The text of a template, or that of one of {@linkcode PROMPTS} by its name. */
export function promptText(template: string): string {
  return Object.hasOwn(PROMPTS, template) ? PROMPTS[template as keyof typeof PROMPTS] : template;
}
