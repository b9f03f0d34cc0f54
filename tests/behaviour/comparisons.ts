/** Two comparisons, run by the command line: what they come to. */
import { createHash } from "node:crypto";
import { join } from "node:path";

/** The comparisons by what they show: arguments behind `compare`. */
const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  "a table, three variants": [
    ...["pipelines/corridor.ts", "--variants", "one-way,alone,bidirectional", "--seeds", "2"],
    ...["--iterations", "3", "--set", "evaluation.episodes=10"],
  ],
  "two levels, PPO": [
    ...["pipelines/babyai.ts", "--variants", "alone,oracle", "--levels", "GoToRedBallGrey,GoToObj"],
    ...["--seeds", "2", "--iterations", "2", "--evaluations", "1"],
    ...[
      "--set",
      "evaluation.episodes=10",
      "--set",
      "evaluation.states=8",
      "--set",
      "schedule.envs=4",
    ],
  ],
};

/** Columns that tell of times, of places, or of what is measured another way than by the run. */
const LEFT_OUT = /seconds$|^digest$|^floor$|^ceiling$|^score|^test_/;

/** SHA-256 of each comparison's exported tables. */
export async function digestsOfComparisons(): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const [name, args] of Object.entries(COMPARISONS)) digests[name] = await digestOf(args);
  return digests;
}

async function digestOf(args: readonly string[]): Promise<string> {
  const folder = await Deno.makeTempDir({ dir: "/tmp" });
  try {
    await tandem("compare", ...args, "--device", "wasm", "--out", folder, "--quiet");
    await tandem("export", folder, "--as", "csv", "--device", "wasm", "--out", join(folder, "csv"));
    const hash = createHash("sha256");
    for (const table of ["runs.csv", "evaluations.csv", "training.csv"]) {
      hash.update(lasting(await Deno.readTextFile(join(folder, "csv", table))));
    }
    return hash.digest("hex").slice(0, 16);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A table's rows, sorted, without the columns that are left out. */
function lasting(csv: string): string {
  const [head = [], ...rows] = csv.trim().split(/\r?\n/).map((line) => line.split(","));
  const kept = head.map((name) => !LEFT_OUT.test(name));
  const lines = rows.map((row) => row.filter((_, i) => kept[i]).join(","));
  return [head.filter((_, i) => kept[i]).join(","), ...lines.sort()].join("\n");
}

async function tandem(...args: readonly string[]): Promise<void> {
  const flags = ["--lock=deno.lock", "--frozen", "--no-prompt", "--allow-read"];
  const { success, stderr } = await new Deno.Command("deno", {
    args: ["run", ...flags, "--allow-write=.,/tmp", "cli.ts", ...args],
    env: { XDG_RUNTIME_DIR: "/tmp" },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
