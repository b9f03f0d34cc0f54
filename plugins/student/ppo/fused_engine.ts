import type { RandomSource } from "../../../runtimes/initialisers.ts";
import { type Arena, openFused } from "../../../runtimes/fused/arena.ts";
import { Columns } from "../../../runtimes/fused/columns.ts";
import { policyLoss, policyRows } from "../../../runtimes/fused/losses.ts";
import { Parameters } from "../../../runtimes/fused/parameters.ts";
import { type Program, rowsOf, type Table, Tape } from "../../../runtimes/fused/tape.ts";
import {
  type Engine,
  type EngineOptions,
  EPSILON,
  initialWeights,
  type Inputs,
  type LayerName,
  layerShapes,
  METRICS,
  type Samples,
} from "./engine.ts";
import { adamState, type NetworkState, networkState } from "./state.ts";

/** PPO in the fused CPU runtime: acting and a whole gradient step are one call each. */
export class FusedEngine implements Engine {
  readonly #arena: Arena;
  readonly #options: EngineOptions;
  readonly #parameters: Parameters<LayerName>;
  readonly #columns: Columns;
  readonly #inputs = new Map<number, ActingPrograms>();
  readonly #samples = new Map<number, LearningProgram>();
  readonly #sums = new Float64Array(METRICS.length);
  readonly #means = new Float64Array(METRICS.length);
  #updates = 0;
  #baseKnown = false;

  /** Opens the runtime and draws the initial weights. */
  static async open(options: EngineOptions, random: RandomSource): Promise<FusedEngine> {
    return new FusedEngine(await openFused(), options, random);
  }

  private constructor(arena: Arena, options: EngineOptions, random: RandomSource) {
    this.#arena = arena;
    this.#options = options;
    const shapes = layerShapes(Columns.rows(options.columns), options);
    this.#parameters = new Parameters(arena, shapes);
    const { learningRate, maxGradNorm } = options;
    this.#parameters.configure({ learningRate, epsilon: EPSILON, maxNorm: maxGradNorm });
    this.#parameters.write(initialWeights(shapes, random));
    this.#columns = new Columns(arena, options.columns, this.#parameters.layers.state);
    this.#columns.prepare();
  }

  inputs(size: number): Inputs {
    return this.#acting(size).inputs;
  }

  samples(size: number): Samples {
    return this.#learning(size).samples;
  }

  decide({ size }: Inputs): Float32Array {
    const { decide, rows } = this.#acting(size);
    decide.run(size);
    return rows;
  }

  values({ size }: Inputs): Float32Array {
    const { judge, values } = this.#acting(size);
    judge.run(size);
    return values;
  }

  update(samples: Samples, from: number, to: number): void {
    if (!this.#baseKnown) {
      this.#columns.learnBase(samples.columns, samples.columnsStride, samples.size);
      this.#baseKnown = true;
    }
    const { program, terms } = this.#learning(samples.size);
    program.run(to - from, samples.order, from);
    const sums = this.#sums;
    for (let m = 0; m < terms.length; m++) sums[m]! += terms[m]!;
    sums[terms.length]! += this.#parameters.slopesNorm;
    this.#updates++;
  }

  metrics(): ArrayLike<number> {
    for (let m = 0; m < METRICS.length; m++) this.#means[m] = this.#sums[m]! / this.#updates;
    this.#sums.fill(0);
    this.#updates = 0;
    return this.#means;
  }

  save(): NetworkState {
    const parameters = this.#parameters;
    const base = this.#baseKnown ? this.#columns.base : undefined;
    return networkState(parameters.read(), parameters.saveAdam(), base);
  }

  load(state: NetworkState): void {
    const { weights, base } = state;
    this.#parameters.write(weights);
    this.#parameters.loadAdam(adamState(state, this.#parameters.names));
    this.#baseKnown = base !== undefined;
    if (base) this.#columns.base = base;
    this.#columns.prepare();
  }

  dispose(): void {
    this.#inputs.clear();
    this.#samples.clear();
  }

  #acting(size: number): ActingPrograms {
    let acting = this.#inputs.get(size);
    if (!acting) this.#inputs.set(size, acting = this.#planActing(size));
    return acting;
  }

  #planActing(size: number): ActingPrograms {
    const inputs = this.#room(size);
    const deciding = new Tape(this.#arena, size);
    const rows = policyRows(deciding, this.#network(deciding, inputs), size);
    const judging = new Tape(this.#arena, size);
    const values = policyRows(
      judging,
      { values: this.#alone(judging, this.#see(judging, inputs)) },
      size,
    );
    return { inputs, decide: deciding.forward(), rows, judge: judging.forward(), values };
  }

  #learning(size: number): LearningProgram {
    let learning = this.#samples.get(size);
    if (!learning) this.#samples.set(size, learning = this.#planLearning(size));
    return learning;
  }

  #planLearning(size: number): LearningProgram {
    const arena = this.#arena;
    const samples: Samples = {
      ...this.#room(size),
      order: arena.integers(size),
      actions: arena.integers(size),
      logProbs: arena.floats(size),
      values: arena.floats(size),
      targets: arena.floats(size),
    };
    const tape = new Tape(arena, size, true);
    const heads = this.#network(tape, samples);
    const terms = policyLoss(tape, [heads], samples, { ...this.#options.loss, standardise: true });
    const program = tape.learn(this.#parameters, () => this.#columns.prepareIn(tape, "tail"));
    return { samples, program, terms };
  }

  #room(size: number): Inputs {
    const { data: columns, stride: columnsStride } = this.#columns.data(size);
    const guidance = rowsOf(this.#arena, size, this.#options.guidance);
    return {
      size,
      columns,
      columnsStride,
      guidance: guidance.data,
      guidanceStride: guidance.stride,
    };
  }

  #network(tape: Tape, inputs: Inputs) {
    const { guided, policy, q } = this.#parameters.layers;
    const seen = this.#see(tape, inputs);
    const told = tape.gather({
      data: inputs.guidance,
      stride: inputs.guidanceStride,
      width: this.#options.guidance,
    });
    const hidden = tape.dense([seen, told], guided, "tanh");
    return {
      logits: tape.dense([hidden], policy),
      qValues: tape.dense([hidden], q),
      values: this.#alone(tape, seen),
    };
  }

  #see(tape: Tape, { columns, columnsStride }: Inputs): Table {
    return this.#columns.embed(tape, columns, columnsStride);
  }

  #alone(tape: Tape, seen: Table): Table {
    const { alone, value } = this.#parameters.layers;
    return tape.dense([tape.dense([seen], alone, "tanh")], value);
  }
}

interface ActingPrograms {
  readonly inputs: Inputs;
  readonly decide: Program;
  readonly rows: Float32Array;
  readonly judge: Program;
  readonly values: Float32Array;
}

interface LearningProgram {
  readonly samples: Samples;
  readonly program: Program;
  readonly terms: Float64Array;
}
