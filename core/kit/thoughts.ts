/** Takes the thoughts out of what a language model wrote. */

const NAME = "(?:seed:)?(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|scratchpad|analysis)";

/** `<think>`, `[THINK]`, `<|START_THINKING|>`, `◁think▷` and their ends, under any of the names. */
const MARKS = new RegExp(
  [
    `(?<open>[<\\[◁]\\|?(?:START_|begin_of_)?${NAME}(?:\\s[^<>\\]▷\\n]{0,100})?\\|?[>\\]▷])`,
    `(?<close>[<\\[◁]\\|?(?:/|END_|end_of_)\\s*${NAME}\\s*\\|?[>\\]▷])`,
  ].join("|"),
  "giu",
);

/** Where a channel of the "harmony" format begins, as in `<|channel|>final<|message|>`. */
const CHANNEL = /<\|channel\|>\s*(\w*)[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>/gi;

const MESSAGE_ENDS = /<\|(?:end|return|call|start|channel)\|>/i;

/** The same where the server has dropped the marks: "analysis...assistantfinal...". */
const BARE_CHANNELS = /^\s*analysis[\s\S]*assistant\s?final/i;

/** The last answer between marks of its own. */
const ANSWERS = /<(answer|solution|response)>([\s\S]*?)(?:<\/\1>|$)/gi;

/**
 * The answer alone: what stands in thought marks goes, whether one of the two marks is missing or not,
 * and of channels the final one stays. Empty where the model did nothing but think.
 *
 * @example
 * ```ts
 * import { withoutThoughts } from "@tandem/core/internal";
 * import assert from "node:assert/strict";
 * assert.equal(withoutThoughts("<think>left?</think>right"), "right");
 * assert.equal(withoutThoughts("left? No.</think>right"), "right");
 * assert.equal(withoutThoughts("[THINK]left?"), "");
 * const channels = "<|channel|>analysis<|message|>left?<|end|><|channel|>final<|message|>right";
 * assert.equal(withoutThoughts(channels), "right");
 * ```
 */
export function withoutThoughts(text: string): string {
  const spoken = outsideMarks(finalChannel(text));
  const answer = [...spoken.matchAll(ANSWERS)].at(-1)?.[2];
  return (answer ?? spoken).trim();
}

function finalChannel(text: string): string {
  const channels = [...text.matchAll(CHANNEL)];
  if (channels.length === 0) {
    return /<\|channel\|>/i.test(text) ? "" : text.replace(BARE_CHANNELS, "");
  }
  const final = channels.findLast(([, name]) => name!.toLowerCase() === "final");
  if (!final) return "";
  return text.slice(final.index + final[0].length).split(MESSAGE_ENDS, 1)[0]!;
}

/** What stands outside of all marks. A mark that ends what never began ends all before it. */
function outsideMarks(text: string): string {
  let [spoken, depth, at] = ["", 0, 0];
  let isAfterEnd = true;
  for (const { 0: mark, index, groups } of text.matchAll(MARKS)) {
    const isEnd = groups!.close !== undefined;
    if (depth === 0) spoken = isEnd ? "" : spoken + text.slice(at, index);
    depth = isEnd ? Math.max(0, depth - 1) : depth + 1;
    [at, isAfterEnd] = [index + mark.length, isEnd];
  }
  // What follows the last end is spoken, though a thought within a thought was left open before it.
  return isAfterEnd ? spoken + text.slice(at) : spoken;
}
