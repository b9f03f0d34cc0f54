/** Post-processors: the tokens that are put around a text. */
import {
  parsePart,
  partsOf,
  postProcessor,
  type PostProcessorPart,
  Unusable,
} from "./definition.ts";

/** Ids with those around them. */
export type Wrap = (ids: readonly number[]) => number[];

/** What a definition's "post_processor" adds, its parts one after another. @throws Unusable. */
export function templateOf(definition: unknown): Wrap {
  const steps = partsOf(definition, "processors")
    .map((part) => stepOf(parsePart(postProcessor, part, "post-processor")));
  return (ids) => steps.reduce((made, step) => step(made), [...ids]);
}

function stepOf(part: PostProcessorPart): Wrap {
  switch (part.type) {
    case "ByteLevel":
      return (ids) => [...ids]; // It changes offsets, which nobody asks for.
    case "BertProcessing":
    case "RobertaProcessing":
      return (ids) => [part.cls[1], ...ids, part.sep[1]];
    case "TemplateProcessing": {
      const pieces = part.single.map((piece) => {
        if ("Sequence" in piece) {
          if (piece.Sequence.id === "A") return undefined;
          throw new Unusable("its template for one text asks for a second one");
        }
        const { id } = piece.SpecialToken;
        const named = Object.hasOwn(part.special_tokens, id) ? part.special_tokens[id] : undefined;
        if (named) return named.ids;
        throw new Unusable(`its template does not say what "${id}" is`);
      });
      return (ids) => pieces.flatMap((piece) => piece ?? ids);
    }
  }
}
