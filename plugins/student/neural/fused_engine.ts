import type { RandomSource } from "../../../runtimes/initialisers.ts";
import { type Arena, type Block, openFused } from "../../../runtimes/fused/arena.ts";
import { Columns } from "../../../runtimes/fused/columns.ts";
import {
  type PolicyData,
  type PolicyHeads,
  policyLoss,
  policyRows,
} from "../../../runtimes/fused/losses.ts";
import { Parameters } from "../../../runtimes/fused/parameters.ts";
import { imitate, lean } from "../../../runtimes/fused/teacher.ts";
import { type Program, type Rows, rowsOf, type Table, Tape } from "../../../runtimes/fused/tape.ts";
import {
  type Engine,
  type EngineOptions,
  EPSILON,
  extraShapes,
  initialWeights,
  type Inputs,
  type LayerName,
  type LayerShape,
  layerShapes,
  metricNames,
  type Samples,
} from "./engine.ts";
import { adamState, type NetworkState, networkState } from "./state.ts";

/** An actor-critic in the fused CPU runtime: acting and a whole gradient step are one call each. */
export class FusedEngine implements Engine {
  readonly #arena: Arena;
  readonly #options: EngineOptions;
  readonly #parameters: Parameters<LayerName | "trust">;
  readonly #columns: Columns;
  readonly #inputs = new Map<number, Acting>();
  readonly #samples = new Map<number, Learning>();
  readonly #sums: Float64Array;
  readonly #means: Float64Array;
  #updates = 0;
  #baseKnown = false;

  /** Opens the runtime and draws the initial weights. */
  static async open(options: EngineOptions, random: RandomSource): Promise<FusedEngine> {
    return new FusedEngine(await openFused(), options, random);
  }

  private constructor(arena: Arena, options: EngineOptions, random: RandomSource) {
    this.#arena = arena;
    this.#options = options;
    const metrics = metricNames(options).length;
    this.#sums = new Float64Array(metrics);
    this.#means = new Float64Array(metrics);
    const shapes = { ...layerShapes(options), ...extraShapes(options) as { trust: LayerShape } };
    this.#parameters = new Parameters(arena, shapes);
    const { learningRate, maxGradNorm } = options;
    this.#parameters.configure({ learningRate, epsilon: EPSILON, maxNorm: maxGradNorm });
    this.#parameters.write(initialWeights(shapes, random));
    this.#columns = new Columns(
      arena,
      [options.entries, options.words],
      this.#parameters.layers.state,
    );
    this.#columns.prepare();
  }

  inputs(size: number): Inputs {
    return this.#acting(size).room;
  }

  samples(size: number): Samples {
    return this.#learning(size).room;
  }

  decide({ size }: Inputs): Float32Array {
    const { decide, rows } = this.#acting(size);
    decide.run(size);
    return rows.view;
  }

  values({ size }: Inputs): Float32Array {
    const { judge, values } = this.#acting(size);
    judge.run(size);
    return values.view;
  }

  update({ size }: Samples, from: number, to: number, imitation = 1): void {
    const { room, program, terms, weight } = this.#learning(size);
    if (weight) weight.view[0] = imitation;
    if (!this.#baseKnown) {
      this.#columns.learnBase(room.data.columns, size);
      this.#baseKnown = true;
    }
    program.run(to - from, room.data.order, from);
    const sums = this.#sums;
    let m = 0;
    for (const { view } of terms) for (const term of view) sums[m++]! += term;
    sums[m]! += this.#parameters.slopesNorm;
    this.#updates++;
  }

  metrics(): ArrayLike<number> {
    for (let m = 0; m < this.#means.length; m++) this.#means[m] = this.#sums[m]! / this.#updates;
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

  #acting(size: number): Acting {
    let acting = this.#inputs.get(size);
    if (!acting) this.#inputs.set(size, acting = this.#planActing(size));
    return acting;
  }

  #planActing(size: number): Acting {
    const room = new Room(this.#room(size));
    const deciding = new Tape(this.#arena, size);
    const rows = policyRows(deciding, this.#network(deciding, room.data), size);
    const judging = new Tape(this.#arena, size);
    const alone = this.#alone(judging, this.#see(judging, room.data));
    const values = policyRows(judging, { values: alone }, size);
    return { room, decide: deciding.forward(), rows, judge: judging.forward(), values };
  }

  #learning(size: number): Learning {
    let learning = this.#samples.get(size);
    if (!learning) this.#samples.set(size, learning = this.#planLearning(size));
    return learning;
  }

  #planLearning(size: number): Learning {
    const arena = this.#arena;
    const data = {
      ...this.#room(size),
      order: arena.integers(size),
      actions: arena.integers(size),
      logProbs: arena.floats(size),
      values: arena.floats(size),
      targets: arena.floats(size),
    };
    const tape = new Tape(arena, size, true);
    const { trust, ...heads } = this.#network(tape, data);
    const { imitates } = this.#options.loss;
    let loss: Block<Float64Array>;
    const told = { rows: data.guidance, column: this.#options.actions };
    const imitation = imitates ? imitate(tape, [heads.logits], told, () => loss) : undefined;
    loss = policyLoss(tape, [heads], data, this.#options.loss);
    const program = tape.learn(this.#parameters, () => this.#columns.prepareIn(tape, "tail"));
    const terms = [loss, imitation?.sums, trust].filter((sums) => sums !== undefined);
    return { room: new SamplesRoom(data), program, terms, weight: imitation?.weight };
  }

  #room(size: number): InputBlocks {
    const columns = this.#columns.data(size);
    return { size, columns, guidance: rowsOf(this.#arena, size, this.#options.guidance) };
  }

  #network(
    tape: Tape,
    data: InputBlocks,
  ): Required<PolicyHeads> & { trust?: Block<Float64Array> } {
    const { guided, policy, q, trust } = this.#parameters.layers;
    const { loss, trusts, actions } = this.#options;
    const seen = this.#see(tape, data);
    const told = loss.imitates ? undefined : tape.gather(data.guidance);
    const hidden = tape.dense(told ? [seen, told] : [seen], guided, "tanh");
    const logits = tape.dense([hidden], policy);
    return {
      logits,
      qValues: tape.dense([hidden], q),
      values: this.#alone(tape, seen),
      trust: trusts && told
        ? lean(tape, [{ logits, z: tape.dense([seen], trust), told }], actions)
        : undefined,
    };
  }

  #see(tape: Tape, { columns }: InputBlocks): Table {
    return this.#columns.embed(tape, columns);
  }

  #alone(tape: Tape, seen: Table): Table {
    const { alone, value } = this.#parameters.layers;
    return tape.dense([tape.dense([seen], alone, "tanh")], value);
  }
}

interface Acting {
  readonly room: Room<InputBlocks>;
  readonly decide: Program;
  readonly rows: Block<Float32Array>;
  readonly judge: Program;
  readonly values: Block<Float32Array>;
}

interface Learning {
  readonly room: SamplesRoom;
  readonly program: Program;
  /** What is reported of an update, but for the gradient's norm. */
  readonly terms: readonly Block<Float64Array>[];
  /** [1] of the cross-entropy to the teacher, where the loss has it. */
  readonly weight?: Block<Float32Array>;
}

interface InputBlocks {
  readonly size: number;
  /** Observations and words. */
  readonly columns: readonly Block<Uint8Array>[];
  readonly guidance: Rows;
}

interface SampleBlocks extends InputBlocks, PolicyData {
  readonly order: Block<Int32Array>;
}

/** Inputs in the runtime's memory, where the features write them. */
class Room<T extends InputBlocks> implements Inputs {
  readonly size: number;
  readonly missions: string[];
  readonly guidanceStride: number;

  constructor(readonly data: T) {
    this.size = data.size;
    this.missions = new Array<string>(data.size).fill("");
    this.guidanceStride = data.guidance.stride;
  }

  get entries(): Uint8Array {
    return this.data.columns[0]!.view;
  }

  get words(): Uint8Array {
    return this.data.columns[1]!.view;
  }

  get guidance(): Float32Array {
    return this.data.guidance.data.view;
  }
}

class SamplesRoom extends Room<SampleBlocks> implements Samples {
  get order(): Int32Array {
    return this.data.order.view;
  }

  get actions(): Int32Array {
    return this.data.actions.view;
  }

  get logProbs(): Float32Array {
    return this.data.logProbs.view;
  }

  get values(): Float32Array {
    return this.data.values.view;
  }

  get targets(): Float32Array {
    return this.data.targets.view;
  }
}
