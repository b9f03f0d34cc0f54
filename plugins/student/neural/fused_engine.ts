import type { RandomSource } from "../../../runtimes/weights/initialisers.ts";
import { type Arena, type Block, openFused } from "../../../runtimes/fused/arena.ts";
import { Columns } from "../../../runtimes/fused/columns.ts";
import { type PolicyHeads, policyLoss, policyRows } from "../../../runtimes/fused/losses.ts";
import { Parameters } from "../../../runtimes/fused/parameters.ts";
import { gru, keep } from "../../../runtimes/fused/recurrent.ts";
import { imitate, lean, type Leaning } from "../../../runtimes/fused/teacher.ts";
import { type Program, rowsOf, type Table, Tape } from "../../../runtimes/fused/tape.ts";
import {
  type Engine,
  type EngineOptions,
  EPSILON,
  type ExtraLayerName,
  extraShapes,
  initialWeights,
  type Inputs,
  type LayerName,
  type LayerShape,
  layerShapes,
  metricNames,
  type Samples,
} from "./engine.ts";
import { type InputBlocks, Room, type SampleBlocks, SamplesRoom } from "./fused_rooms.ts";
import { adamState, type NetworkState, networkState } from "./state.ts";

/** An actor-critic in the fused CPU runtime: acting and a whole gradient step are one call each. */
export class FusedEngine implements Engine {
  readonly #arena: Arena;
  readonly #options: EngineOptions;
  readonly #parameters: Parameters<LayerName | ExtraLayerName>;
  readonly #columns: Columns;
  readonly #inputs = new Map<number, Acting>();
  readonly #samples = new Map<string, Learning>();
  readonly #sums: Float64Array;
  readonly #means: Float64Array;
  #updates = 0;
  #baseKnown = false;

  /** Opens the runtime and draws the initial weights. */
  static async open(options: EngineOptions, random: RandomSource): Promise<FusedEngine> {
    return new FusedEngine(await openFused({ threads: options.threads }), options, random);
  }

  private constructor(arena: Arena, options: EngineOptions, random: RandomSource) {
    this.#arena = arena;
    this.#options = options;
    const metrics = metricNames(options).length;
    this.#sums = new Float64Array(metrics);
    this.#means = new Float64Array(metrics);
    const shapes = { ...layerShapes(options), ...extraShapes(options) } as Shapes;
    this.#parameters = new Parameters(arena, shapes);
    const { learningRate, maxGradNorm } = options;
    this.#parameters.configure({ learningRate, epsilon: EPSILON, maxNorm: maxGradNorm });
    this.#parameters.write(initialWeights(shapes, random, options.trust));
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

  samples(size: number, steps = 1): Samples {
    return this.#learning(size, steps).room;
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

  update({ size, steps }: Samples, from: number, to: number, imitation = 1): void {
    const { room, program, terms, weight } = this.#learning(size, steps);
    if (weight) weight.view[0] = imitation;
    if (!this.#baseKnown) {
      this.#columns.learnBase(room.data.columns, size);
      this.#baseKnown = true;
    }
    program.run(to - from, room.data.order, from);
    const sums = this.#sums;
    let m = 0;
    for (const { view } of terms) for (const term of view) sums[m++]! += term;
    sums[m]! += this.#parameters.gradNorm;
    this.#updates++;
  }

  metrics(): ArrayLike<number> {
    for (let m = 0; m < this.#means.length; m++) this.#means[m] = this.#sums[m]! / this.#updates;
    this.#sums.fill(0);
    this.#updates = 0;
    return this.#means;
  }

  setPace(pace: number): void {
    this.#parameters.learningRate = pace * this.#options.learningRate;
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
    this.#arena.dispose();
  }

  #acting(size: number): Acting {
    let acting = this.#inputs.get(size);
    if (!acting) this.#inputs.set(size, acting = this.#planActing(size));
    return acting;
  }

  #planActing(size: number): Acting {
    const room = new Room(this.#room(size));
    const deciding = new Tape(this.#arena, size);
    const network = this.#network(deciding, room.data);
    this.#lean(deciding, [network]);
    const rows = policyRows(deciding, network, size);
    if (room.data.memory) deciding.scatter(network.seen, room.data.memory);
    const judging = new Tape(this.#arena, size);
    const alone = this.#alone(judging, this.#see(judging, room.data));
    const values = policyRows(judging, { values: alone }, size);
    return { room, decide: deciding.forward(), rows, judge: judging.forward(), values };
  }

  #learning(size: number, steps: number): Learning {
    const key = `${size} / ${steps}`;
    let learning = this.#samples.get(key);
    if (!learning) this.#samples.set(key, learning = this.#planLearning(size, steps));
    return learning;
  }

  #planLearning(size: number, steps: number): Learning {
    const arena = this.#arena;
    const sequences = size / steps;
    const data: SampleBlocks = {
      ...this.#room(size, sequences),
      steps,
      order: arena.integers(sequences),
      firsts: arena.bytes(size),
      actions: arena.integers(size),
      logProbs: arena.floats(size),
      values: arena.floats(size),
      targets: arena.floats(size),
    };
    const { imitates } = this.#options.loss;
    const tape = new Tape(arena, sequences, true);
    const networks = this.#unroll(tape, data);
    const trust = this.#lean(tape, networks);
    const told = { rows: data.guidance, column: this.#options.actions };
    const logits = networks.map((network) => network.logits);
    const imitation = imitates ? imitate(tape, logits, told, () => loss, sequences) : undefined;
    const loss = policyLoss(tape, networks, data, this.#options.loss, sequences);
    const program = tape.learn(this.#parameters, () => this.#columns.prepareIn(tape, "tail"));
    const terms = [loss, imitation?.sums, trust].filter((sums) => sums !== undefined);
    return { room: new SamplesRoom(data), program, terms, weight: imitation?.weight };
  }

  /** @param sequences How many of them are remembered. */
  #room(size: number, sequences = size): InputBlocks {
    const columns = this.#columns.data(size);
    const { guidance, memory } = this.#options;
    return {
      ...{ size, columns, guidance: rowsOf(this.#arena, size, guidance) },
      memory: memory ? rowsOf(this.#arena, sequences, memory) : undefined,
    };
  }

  /** The network at each step of the sequences. */
  #unroll(tape: Tape, data: SampleBlocks): NetworkTables[] {
    const { size, steps, firsts } = data;
    const networks: NetworkTables[] = [];
    let memory = data.memory && tape.gather(data.memory);
    for (let t = 0; t < steps; t++) {
      const shift = t * size / steps;
      const network = this.#network(tape, data, shift, memory && keep(tape, memory, firsts, shift));
      networks.push(network);
      if (memory) memory = network.seen;
    }
    return networks;
  }

  #network(tape: Tape, data: InputBlocks, shift = 0, memory?: Table): NetworkTables {
    const { guided, policy, q, trust } = this.#parameters.layers;
    const { loss, trust: leans } = this.#options;
    const seen = this.#see(tape, data, shift, memory);
    const told = loss.imitates ? undefined : tape.gather(data.guidance, shift);
    const hidden = tape.dense(told ? [seen, told] : [seen], guided, "tanh");
    const logits = tape.dense([hidden], policy);
    return {
      logits,
      qValues: tape.dense([hidden], q),
      values: this.#alone(tape, seen),
      seen,
      leaning: leans && told ? { logits, z: tape.dense([seen], trust), told } : undefined,
    };
  }

  /** @returns [1] the mean trust of the last call, in networks that trust. */
  #lean(tape: Tape, networks: readonly NetworkTables[]): Block<Float64Array> | undefined {
    const steps = networks.flatMap(({ leaning }) => leaning ?? []);
    return steps.length > 0 ? lean(tape, steps, this.#options.actions) : undefined;
  }

  /** What is seen; or with memory, what is remembered of it and of all before. */
  #see(tape: Tape, { columns, memory }: InputBlocks, shift = 0, before?: Table): Table {
    const seen = this.#columns.embed(tape, columns, shift);
    return memory ? gru(tape, seen, before ?? tape.gather(memory), this.#parameters.layers) : seen;
  }

  #alone(tape: Tape, seen: Table): Table {
    const { alone, value } = this.#parameters.layers;
    return tape.dense([tape.dense([seen], alone, "tanh")], value);
  }
}

type Shapes = Record<LayerName | ExtraLayerName, LayerShape>;

/** What a step of the network says. */
interface NetworkTables extends Required<PolicyHeads> {
  /** What the heads read: what is seen or remembered. */
  readonly seen: Table;
  readonly leaning?: Leaning;
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
