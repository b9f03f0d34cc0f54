import { Command } from "@commander-js/extra-typings";
import { type Certificate, certify } from "../plugins/env/babyai/certify.ts";
import { LEVEL_IDS, levelId } from "../plugins/env/babyai/levels.ts";
import { wholeBetween } from "./parse.ts";
import { print } from "./print.ts";

const COLUMNS = [
  ["level", 34],
  ["size", 7],
  ["steps", 9],
  ["random", 8],
  ["moves", 8],
  ["bot", 8],
  ["bot's steps", 13],
  ["bot's reward", 13],
] as const;

/** `levels`: what each level of BabyAI asks, measured here. */
export function levelsCommand() {
  return new Command("levels")
    .description(
      "list BabyAI's levels with their random floor and the bot's ceiling, as measured now",
    )
    .argument("[levels...]", "ids such as GoToLocal (default: all)")
    .option("--seeds <n>", "worlds a level", wholeBetween(1, 1_000_000), 100)
    .addHelpText(
      "after",
      `
random: success of uniform draws from all 7 actions; moves: from left, right and forward alone.
bot: success, mean steps and mean reward of the expert bot, on seeds 0 to N - 1.`,
    )
    .action((levels, { seeds }) => {
      const ids = levels.length ? levels.map(levelId) : LEVEL_IDS;
      print(COLUMNS.map(([name, width]) => name.padEnd(width)).join(""));
      for (const id of ids) {
        print(row(certify(id, { seeds: Array.from({ length: seeds }, (_, i) => i) })));
      }
    });
}

function row({ level, width, height, maxSteps, random, randomMoves, expert }: Certificate): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const [least, most] = maxSteps;
  const cells = [
    level,
    `${width}x${height}`,
    least === most ? String(least) : `${least}-${most}`,
    percent(random.success),
    percent(randomMoves.success),
    percent(expert.success),
    expert.steps.toFixed(1),
    expert.reward.toFixed(3),
  ];
  return cells.map((cell, i) => cell.padEnd(COLUMNS[i]![1])).join("").trimEnd();
}
