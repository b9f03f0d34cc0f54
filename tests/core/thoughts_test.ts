import assert from "node:assert/strict";
import { withoutThoughts } from "../../core/thoughts.ts";

Deno.test("withoutThoughts() takes thoughts out however they are marked", () => {
  const answers = [
    "<think>left?</think>right",
    "<think>\nleft?\n</think>\n\nright",
    "<Thinking>left?</Thinking> right",
    '<think budget="9">left?</think>right',
    "<thought>left?</thought>right",
    "<reasoning>left?</reasoning>right",
    "<seed:think>left?</seed:think>right",
    "<|think|>left?<|/think|>right",
    "[THINK]left?[/THINK]right",
    "◁think▷left?◁/think▷right",
    "<|START_THINKING|>left?<|END_THINKING|>right",
    "<|begin_of_thought|>left?<|end_of_thought|>right",
    "left? no, left is a wall</think>right",
    "left?[/THINK]right",
    "<think>left? <think>left</think>right",
    "<think>left?</think>left</think>right",
    "right<think>or left?</think>",
    "right<think>or left?",
    "<|channel|>analysis<|message|>left?<|end|><|start|>assistant<|channel|>final<|message|>right",
    "<|channel|>analysis<|message|>left?<|end|><|start|>assistant<|channel|>final" +
    "<|message|>right<|return|>",
    "<|channel|>final <|constrain|>json<|message|>right",
    "analysisWe may go left.assistantfinalright",
    "left? <answer>right</answer> left!",
    "<think>left?</think><answer>right",
  ];
  for (const answer of answers) assert.equal(withoutThoughts(answer), "right", answer);
});

Deno.test("withoutThoughts() leaves nothing of a model that did nothing but think", () => {
  const answers = [
    "<think>left?",
    "[THINK]left?",
    "<reasoning>left?",
    "<|channel|>analysis<|message|>left?",
    "<|channel|>analysis",
    "<|channel|>commentary to=functions.go<|message|>left",
    "<think>left?</think>",
    "right</think>",
  ];
  for (const answer of answers) assert.equal(withoutThoughts(answer), "", answer);
});

Deno.test("withoutThoughts() leaves all else as it is", () => {
  for (const text of ["think left", "[left]", "a < b", "analysis: right", "I think: right"]) {
    assert.equal(withoutThoughts(text), text);
  }
});
