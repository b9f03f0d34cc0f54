/** What extra stages need of the stages that they take part beside. */
import { TandemError } from "../../base/errors.ts";
import type { Env, RunPart, Student } from "../../stages/mod.ts";

/**
 * @param name The extra stage's in the pipeline. @param plugin The student's plugin.
 * @throws {TandemError} E_WIRING where an extra stage hands in past steps and the student takes none.
 */
export function expectReplayTaken(
  name: string,
  extra: RunPart,
  student: Student,
  plugin: string,
): void {
  if (!extra.replay || student.learnsFromReplay) return;
  throw new TandemError(
    "E_WIRING",
    `The extra "${name}" hands in past steps to learn from again, and the student "${plugin}" takes ` +
      'none; right would be one that does, such as "ppo" with replayLoss above 0.',
    { stage: "student" },
  );
}

/**
 * @param name The extra stage's in the pipeline.
 * @throws {TandemError} E_WIRING where an extra stage lives on what was achieved and the env does not say.
 */
export function expectAchieved(name: string, extra: RunPart, { achieved, spec }: Env): void {
  if (!extra.usesAchieved || achieved) return;
  throw new TandemError(
    "E_WIRING",
    `The extra "${name}" asks what a step has achieved, and "${spec.id}" does not say; right would be ` +
      'an env with the method "achieved", such as "babyai".',
    { stage: "extra" },
  );
}
