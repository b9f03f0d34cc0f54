/** What an agent of BabyAI can do. */
export const BABYAI_ACTIONS = [
  "turn left",
  "turn right",
  "go forward",
  "pick up",
  "drop",
  "toggle",
  "done",
] as const;
