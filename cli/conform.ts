import { Command } from "@commander-js/extra-typings";
import { conform, conformanceLine, differenceLine } from "./traces/conform.ts";
import { print } from "./print.ts";

/** `conform FILE`: replays reference traces of BabyAI. */
export function conformCommand(exit: (status: number) => void) {
  return new Command("conform")
    .description("replay a file of BabyAI reference traces and count those that match")
    .argument("<file>", "JSON lines, gzipped or not")
    .action(async (file) => {
      const result = await conform(file);
      for (const failure of result.failures) print(differenceLine(failure));
      print(conformanceLine(result));
      exit(result.failures.length > 0 ? 1 : 0);
    });
}
