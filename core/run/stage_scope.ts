/** Makes stages, and disposes of what it made. */
import { callStage, withStageErrors } from "./stage_errors.ts";
import type { Context } from "../kit/context.ts";
import type { TandemError } from "../base/errors.ts";
import type { StageSpec, Wirings } from "../pipeline/plugin.ts";
import { withTimeout } from "./with_timeout.ts";
import type { Schedule } from "../pipeline/schedule_types.ts";
import type { Pluggables, PluginKind, Stateful, Teacher } from "../stages/mod.ts";

/** Where the stages of one run are made. */
export class StageScope {
  readonly #made: Stateful[] = [];

  constructor(
    private readonly context: Context,
    private readonly schedule: Pick<Schedule, "adviceTimeout">,
  ) {}

  /** Makes a stage, of which every failure names it. */
  async make<K extends PluginKind>(
    stage: StageSpec<K>,
    wiring: Wirings[K],
  ): Promise<Pluggables[K]> {
    const raw = await callStage(stage, () => stage.create(this.context, wiring));
    const made = this.#onTime(stage, withStageErrors(stage, raw));
    this.#made.push(made);
    return made;
  }

  /** A teacher is not waited for longer than the schedule says. */
  #onTime<K extends PluginKind>({ kind }: StageSpec<K>, made: Pluggables[K]): Pluggables[K] {
    const { adviceTimeout } = this.schedule;
    if (kind !== "teacher" || adviceTimeout === undefined) return made;
    return withTimeout(made as Teacher, adviceTimeout, this.context) as Pluggables[K];
  }

  /** Disposes of one stage before the others. */
  async discard(made: Stateful): Promise<void> {
    const at = this.#made.indexOf(made);
    if (at >= 0) this.#made.splice(at, 1);
    await this.#dispose(made);
  }

  /** Disposes of everything, the last made first; one that fails does not keep the others. */
  async empty(): Promise<void> {
    for (const made of this.#made.splice(0).reverse()) await this.#dispose(made);
  }

  async #dispose(made: Stateful): Promise<void> {
    try {
      await made.dispose?.();
    } catch (error) {
      const { code, message } = error as TandemError;
      this.context.emit({ type: "warning", code, message });
    }
  }
}
