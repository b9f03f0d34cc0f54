/**
 * A run in a simulated world: clock, disk, network and power are drawn from a seed, and so are their
 * faults. The same seed gives the same simulation, step by step.
 */
import { stateArrays } from "../../experiments/arrays.ts";
import type { CheckpointKeeper } from "../../core/run/checkpoint.ts";
import { createContext } from "../../core/kit/context.ts";
import { TandemError } from "../../core/base/errors.ts";
import type { TandemEvent } from "../../core/stages/events.ts";
import { definePipeline, type Pipeline } from "../../core/pipeline/pipeline.ts";
import { Pcg64 } from "../../core/kit/random.ts";
import { runPipeline } from "../../core/run/scheduler.ts";
import { CheckpointStore } from "../../lab/checkpoint_store.ts";
import { digestOf } from "../../lab/digest.ts";
import type { Files } from "../../runtimes/files/files.ts";
import { RunCheckpoints } from "../../lab/run_checkpoints.ts";
import { corridor, paper, qMinusV, tabularQ } from "../../plugins/mod.ts";
import { ForgetfulFiles, PowerCut } from "../crash/forgetful_files.ts";
import { SimulatedClock } from "./clock.ts";
import { type Fault, FAULTS, HARMLESS, networkedTeacher } from "./teacher.ts";

const ITERATIONS = 4;
const FOLDER = "runs/simulated";
/** Faults of the world after so many beginnings: then it is left in peace, so that the run can end. */
const PATIENCE = 6;

/** How a simulation went. */
export interface Simulation {
  readonly digest: string;
  /** Faults of the teacher that a result may know of. */
  readonly isDisturbed: boolean;
  /** What happened, to be compared with a second simulation of the seed. */
  readonly trace: readonly string[];
}

/** The world of one simulation. */
class World {
  readonly clock = new SimulatedClock();
  readonly trace: string[] = [];
  readonly random: Pcg64;
  /** What may befall the teacher. */
  faults: readonly Fault[];
  isDisturbed = false;
  files = new ForgetfulFiles();
  /** Changes of the disk and events after which the power fails. */
  #diskChanges = Infinity;
  #events = Infinity;
  #isOff = false;

  constructor(seed: number, isCalm: boolean) {
    this.random = new Pcg64(seed);
    const all = FAULTS.filter(() => this.random.random() < 0.4);
    this.faults = isCalm || this.random.random() < 0.4 ? HARMLESS.filter(() => !isCalm) : all;
    this.files.makeFolder(FOLDER);
    for (const path of ["", "runs", FOLDER]) this.files.sync(path);
  }

  /** The power is on, for a while. */
  begin(isPeaceful: boolean): void {
    this.#isOff = false;
    this.#diskChanges = isPeaceful ? Infinity : this.files.changes + this.random.integers(1, 60);
    this.#events = isPeaceful ? Infinity : this.random.integers(1, 20);
    if (isPeaceful) this.faults = [];
  }

  /** The power is back; what was not safe may be gone. */
  recover(): void {
    const crash = this.random.random();
    this.files = this.files.after(crash < 0.3 ? "forget" : crash < 0.5 ? "keep" : this.random);
  }

  /** The disk as a run sees it: slow now and then, full now and then, and without power at some time. */
  get disk(): Files {
    const { files, clock, random } = this;
    const change = <T>(work: () => T): T => {
      if (random.random() < 0.1) clock.pass(random.integers(100, 30_000));
      if (this.#isOff || files.changes >= this.#diskChanges) throw this.#powerCut();
      return work();
    };
    return {
      read: (path) => files.read(path),
      isLink: () => files.isLink(),
      list: (path) => files.list(path),
      remove: (path) => change(() => files.remove(path)),
      makeFolder: (path) => change(() => files.makeFolder(path)),
      rename: (from, to) => change(() => files.rename(from, to)),
      sync: (path) => change(() => files.sync(path)),
      write: (path, content) =>
        change(() => {
          if (this.#diskChanges < Infinity && random.random() < 0.03) {
            throw new Error("No space left on device (os error 28)");
          }
          files.write(path, content);
        }),
    };
  }

  /** Sees an event; the power may fail at any. */
  see(event: TandemEvent): void {
    if (event.type !== "ledger") {
      this.note(`${event.type} ${"iteration" in event ? event.iteration : ""}`);
    }
    if (this.#isOff || this.#events-- <= 0) throw this.#powerCut();
  }

  /** Nothing goes on without power. */
  expectPower(): void {
    if (this.#isOff) throw new PowerCut();
  }

  note(what: string): void {
    this.trace.push(`${this.clock.now()} ${what}`);
  }

  #powerCut(): PowerCut {
    this.#isOff = true;
    return new PowerCut();
  }
}

function pipelineIn(world: World): Pipeline {
  const { clock, random } = world;
  return definePipeline({
    name: "simulated",
    env: corridor({ length: 4 }),
    teacher: networkedTeacher({
      clock,
      random: new Pcg64(random.integers(0, 2 ** 31)),
      faults: world.faults,
      note: (fault) => {
        world.note(`teacher: ${fault}`);
        world.isDisturbed ||= !HARMLESS.includes(fault);
      },
    }),
    student: tabularQ(),
    advantage: qMinusV(),
    feedback: paper(),
    schedule: { iterations: ITERATIONS, envs: 2, steps: 3, feedbackDelay: 1, adviceTimeout: 1 },
    evaluation: { episodes: 2, states: 2, every: 2 },
  });
}

/**
 * Lets a run live through a simulated world to its end.
 *
 * @param isCalm Without any fault, for comparison.
 * @throws {Error} where it ends otherwise than right or with a clear error from which it can go on.
 */
export async function simulate(seed: number, isCalm = false): Promise<Simulation> {
  const world = new World(seed, isCalm);
  /** Iterations that events told of, as events.jsonl would hold them. */
  let told: number[] = [];
  let safe = 0;
  for (let beginnings = 1; beginnings < 50; beginnings++) {
    world.begin(isCalm || beginnings > PATIENCE);
    const store = new CheckpointStore(`${FOLDER}/checkpoints`, stateArrays, world.disk);
    const found = newest(store, safe);
    if ((found?.checkpoint.iteration ?? 0) < safe) throw new Error("A kept checkpoint is lost.");
    told = told.slice(0, found?.manifest.events ?? 0);
    const checkpoints = keeperOn(world, store, () => told.length, (iteration) => safe = iteration);
    const emit = (event: TandemEvent) => {
      world.see(event);
      if (event.type === "iteration.ended") told.push(event.iteration);
    };
    const context = createContext({ seed: 5, device: "cpu", clock: world.clock, emit });
    try {
      const resume = found?.checkpoint;
      const result = await runPipeline(pipelineIn(world), context, { resume, checkpoints });
      if (told.join() !== Array.from({ length: ITERATIONS }, (_, i) => i + 1).join()) {
        throw new Error(`The record tells of the iterations ${told}.`);
      }
      return { digest: digestOf(result), isDisturbed: world.isDisturbed, trace: world.trace };
    } catch (error) {
      const why = causeOf(error);
      if (why instanceof PowerCut) world.recover();
      else if (!(why instanceof TandemError)) throw why;
      world.note(why instanceof TandemError ? why.code : "the power failed");
    }
  }
  throw new Error("The run never came to its end.");
}

/** Before any checkpoint was kept for good, there may be a broken one. */
function newest(store: CheckpointStore, safe: number) {
  try {
    return store.newest(() => true, () => {});
  } catch (error) {
    if (safe > 0) throw error;
    return undefined;
  }
}

/** A power cut within a stage is told as the stage's failure. */
function causeOf(error: unknown): unknown {
  return error instanceof TandemError && error.cause instanceof PowerCut ? error.cause : error;
}

function keeperOn(
  world: World,
  store: CheckpointStore,
  events: () => number,
  kept: (iteration: number) => void,
): CheckpointKeeper {
  const keeper = new RunCheckpoints({
    store: {
      keep(checkpoint, note) {
        store.keep(checkpoint, note);
        kept(checkpoint.iteration);
      },
    },
    run: "0".repeat(64),
    every: 1,
    secondsBefore: 0,
    syncEvents: events,
    warn: (sentence) => world.note(sentence.slice(0, 60)),
    now: () => world.clock.now(),
  });
  return {
    isDue: (...asked) => keeper.isDue(...asked),
    keep(checkpoint) {
      keeper.keep(checkpoint);
      world.expectPower();
    },
  };
}
