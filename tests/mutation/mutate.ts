/**
 * `deno task mutate [MUTANTS] [SEEDS]`: changes core/ in small ways in copies of the project, and
 * counts the changes that the tests of core notice. A change that does not compile is no mutant.
 */
import { Pcg64 } from "../../core/kit/random.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import { type Ending, Project } from "./project.ts";

const WANTED = Number(Deno.args[0] ?? 200);
const SEEDS = (Deno.args[1] ?? "0").split(",").map(Number);

/** Tests that take long and hold what mutants of single lines do not change. */
const LEFT_OUT = ["tests/core/flat_memory_test.ts"];
/** Tests that take as long as all others together come last. */
const LAST = ["tests/core/checkpoint_test.ts"];
/** Mutants that are tried side by side. */
const JOBS = navigator.hardwareConcurrency;
/** A test that takes longer runs for ever. */
const PATIENCE = 300_000;

/** The tests of core: those that import the mutant's file first. */
function testsFor({ file }: Mutant, project: Project): string[] {
  const rank = (test: string) =>
    LAST.includes(test) ? 2 : project.read(test).includes(`/${file}"`) ? 0 : 1;
  return project.files("tests/core")
    .filter((test) => test.endsWith("_test.ts") && !LEFT_OUT.includes(test))
    .sort((a, b) => rank(a) - rank(b));
}

/** Tries the mutants of one seed, each in a project that has nothing else to do. */
async function tryAll(
  mutants: readonly Mutant[],
  projects: readonly Project[],
): Promise<Record<Ending, number>> {
  const count: Record<Ending, number> = { passed: 0, failed: 0, "out of time": 0 };
  const rest = mutants.values();
  await Promise.all(projects.map(async (project) => {
    for (const mutant of rest) {
      const tests = testsFor(mutant, project);
      const ending = await project.with(mutant, () => project.test(tests, PATIENCE));
      count[ending]++;
      if (ending !== "failed") console.log(`${ending}: ${described(mutant, project)}`);
    }
  }));
  return count;
}

function described({ file, line, from, to }: Mutant, project: Project): string {
  const text = project.read(file).split("\n")[line - 1]!.trim();
  return `${file}:${line} "${from}" became "${to}" in: ${text}`;
}

const projects = await Promise.all(Array.from({ length: JOBS }, () => Project.copy()));
try {
  const project = projects[0]!;
  const all = project.files("core").flatMap((file) => mutantsOf(file, project.read(file)));
  const unchanged = await project.test(testsFor(all[0]!, project), PATIENCE);
  if (unchanged !== "passed") throw new Error(`Without any mutant, tests are ${unchanged}.`);
  let [noticed, tries] = [0, 0];
  for (const seed of SEEDS) {
    const chosen = new Pcg64(seed).shuffle([...all]).slice(0, WANTED);
    const broken = await project.uncompilable(chosen);
    const mutants = chosen.filter((mutant) => !broken.has(mutant));
    console.log(
      `Seed ${seed}: ${chosen.length} of ${all.length} changes of core/, of which ${broken.size} do ` +
        "not compile.",
    );
    const { passed, failed, "out of time": late } = await tryAll(mutants, projects);
    console.log(
      `Seed ${seed}: ${
        failed + late
      } of ${mutants.length} noticed, ${late} of them for they never ` +
        `end; ${passed} passed.`,
    );
    noticed += failed + late;
    tries += mutants.length;
  }
  console.log(`${noticed} of ${tries} noticed: ${(100 * noticed / tries).toFixed(1)} %`);
} finally {
  for (const project of projects) await project.remove();
}
