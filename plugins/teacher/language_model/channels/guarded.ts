import { type Channel, type PromptFields, TandemError } from "@tandem/core";
import { outsideText } from "@tandem/core/internal";

/** The fields that a channel may fill. */
const FIELDS = ["feedback", "memory"] as const satisfies readonly (keyof PromptFields)[];

/**
 * A channel from a file, whose answers are looked at before they are used.
 *
 * @param name As it was chosen, for messages.
 * @throws {TandemError} E_PLUGIN where it is no object. Its methods then throw E_NUMERIC for a score that
 * is NaN or infinite, E_SHAPE for prompt fields that are no text.
 */
export function guarded(name: string, channel: Channel): Channel {
  const shown = `The channel "${outsideText(name)}"`;
  if (typeof channel !== "object" || channel === null) {
    throw new TandemError(
      "E_PLUGIN",
      `${shown} makes "${
        outsideText(String(channel))
      }"; right would be an object with some of the ` +
        "methods promptFields, correct, onVerdict, learn and train.",
    );
  }
  const { model } = channel;
  return {
    ...model && { model },
    promptFields: (...asked) => textsOf(shown, channel.promptFields?.(...asked) ?? {}),
    correct(scores, state, mode) {
      channel.correct?.(scores, state, mode);
      const bad = scores.find((score) => !Number.isFinite(score));
      if (bad === undefined) return;
      throw new TandemError(
        "E_NUMERIC",
        `${shown} makes a candidate's score "${bad}"; it must be finite.`,
        { stage: "teacher" },
      );
    },
    onVerdict: (event) => channel.onVerdict?.(event),
    learn: (example) => channel.learn?.(example),
    train: () => channel.train?.() ?? false,
    ...channel.usage && { usage: () => channel.usage!() },
    ...channel.files && { files: () => channel.files!() },
    ...channel.save && { save: () => channel.save!() },
    ...channel.load && { load: (state) => channel.load!(state) },
    startAnew: () => channel.startAnew?.(),
    dispose: () => channel.dispose?.(),
  };
}

function textsOf(shown: string, fields: PromptFields): PromptFields {
  const texts: { -readonly [F in typeof FIELDS[number]]?: string } = {};
  for (const field of FIELDS) {
    const text: unknown = fields[field];
    if (text === undefined) continue;
    if (typeof text === "string") texts[field] = text;
    else {
      throw new TandemError(
        "E_SHAPE",
        `${shown} puts "${
          outsideText(String(text))
        }" into the prompt's field {${field}}; it must ` +
          "be text.",
        { stage: "teacher" },
      );
    }
  }
  return texts;
}
