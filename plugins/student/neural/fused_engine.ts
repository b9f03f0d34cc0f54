import {
  type Arena,
  type Block,
  Columns,
  gru,
  imitate,
  keep,
  lean,
  type Leaning,
  Maps,
  mask,
  openFused,
  Parameters,
  type PolicyData,
  type PolicyHeads,
  policyLoss,
  policyRows,
  type Program,
  type ReplayData,
  replayLoss,
  type Rows,
  rowsOf,
  type Table,
  Tape,
} from "@tandem/runtimes/fused";
import type { RandomSource } from "@tandem/runtimes/weights";
import {
  columnsBeside,
  type Engine,
  type EngineOptions,
  EPSILON,
  initialWeights,
  type Inputs,
  isTaught,
  type Layer,
  type LayerName,
  type Replayed,
  type Samples,
  type StepOptions,
} from "./engine.ts";
import { adamState, type NetworkState, networkState } from "./state.ts";

/** An actor-critic in the fused CPU runtime: acting and a whole gradient step are one call each. */
export class FusedEngine implements Engine {
  readonly #arena: Arena;
  readonly #options: EngineOptions;
  readonly #parameters: Parameters<LayerName>;
  readonly #columns: Columns;
  readonly #maps: Maps | undefined;
  readonly #inputs = new Map<number, Acting>();
  readonly #samples = new Map<string, Learning>();
  readonly #replayed = new Map<number, Replaying>();
  readonly #step: Program;
  /** Sums of what is reported over the steps since it was asked for, and the last gradients' part. */
  #sums: number[] = [];
  #terms: Learning["terms"] = [];
  #steps = 0;
  #baseKnown = false;

  /** Opens the runtime and draws the initial weights. @param relaxed As in openFused. */
  static async open(
    options: EngineOptions,
    random: RandomSource,
    relaxed?: boolean,
  ): Promise<FusedEngine> {
    const arena = await openFused({ threads: options.threads, relaxed });
    return new FusedEngine(arena, options, random);
  }

  private constructor(arena: Arena, options: EngineOptions, random: RandomSource) {
    this.#arena = arena;
    this.#options = options;
    const { entries, words, maps } = options;
    const layers = options.layers as Readonly<Record<LayerName, Layer>>;
    this.#parameters = new Parameters(arena, layers);
    this.#parameters.configure({ epsilon: EPSILON });
    this.#parameters.write(initialWeights(options, random));
    const beside = columnsBeside(options);
    this.#columns = new Columns(
      arena,
      [beside, words],
      this.#parameters.layers.state,
      entries.length - beside.length,
    );
    const shape = maps && { ...maps, bytes: entries.length };
    this.#maps = shape && new Maps(arena, shape, this.#parameters.layers, words);
    this.#prepare();
    this.#step = this.#planStep();
  }

  inputs(size: number): Inputs {
    return this.#acting(size).inputs;
  }

  samples(size: number, steps = 1): Samples {
    return this.#learning(size, steps).samples;
  }

  replayed(size: number): Replayed {
    return this.#replaying(size).replayed;
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

  backward(
    { size, steps }: Samples,
    from: number,
    to: number,
    imitation = 1,
    replayed?: Replayed,
  ): void {
    const { data, program, terms, weight } = this.#learning(size, steps);
    if (weight) weight.view[0] = imitation;
    if (!this.#baseKnown) {
      this.#columns.learnBase(data.columns, size);
      this.#baseKnown = true;
    }
    program.run(to - from, data.order, from);
    this.#terms = terms;
    if (replayed) this.#replay(replayed);
  }

  /** Adds the gradients and the loss of past steps. */
  #replay({ size }: Replayed): void {
    const { program, loss } = this.#replaying(size);
    program.run(size);
    this.#terms[0]!.view[0]! += this.#replayWeight * loss.view[0]!;
    this.#terms = [...this.#terms, loss];
  }

  get #replayWeight(): number {
    return this.#options.loss.replayLoss ?? 1;
  }

  step({ learningRate, maxGradNorm }: StepOptions): void {
    this.#parameters.learningRate = learningRate;
    this.#parameters.maxNorm = maxGradNorm;
    this.#step.run(0);
    const reported = [...this.#terms.flatMap(({ view }) => [...view]), this.#parameters.gradNorm];
    for (const [m, number] of reported.entries()) this.#sums[m] = (this.#sums[m] ?? 0) + number;
    this.#steps++;
  }

  metrics(): ArrayLike<number> {
    const means = this.#sums.map((sum) => sum / this.#steps);
    this.#sums = [];
    this.#steps = 0;
    return means;
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
    this.#prepare();
  }

  #prepare(): void {
    this.#columns.prepare();
    this.#maps?.prepare();
  }

  dispose(): void {
    this.#inputs.clear();
    this.#samples.clear();
    this.#replayed.clear();
    this.#arena.dispose();
  }

  #acting(size: number): Acting {
    let acting = this.#inputs.get(size);
    if (!acting) this.#inputs.set(size, acting = this.#planActing(size));
    return acting;
  }

  #planActing(size: number): Acting {
    const data = this.#room(size);
    const deciding = new Tape(this.#arena, size);
    const network = this.#network(deciding, data);
    this.#lean(deciding, [network]);
    if (data.legal) mask(deciding, network.logits, data.legal);
    const rows = policyRows(deciding, network, size);
    if (data.memory) deciding.scatter(network.seen, data.memory);
    const judging = new Tape(this.#arena, size);
    const alone = this.#alone(judging, this.#see(judging, data));
    const values = policyRows(judging, { values: alone }, size);
    const inputs = this.#views(data, {});
    return { inputs, decide: deciding.forward(), rows, judge: judging.forward(), values };
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
    const room = this.#room(size, sequences);
    const { loss: weights, actions } = this.#options;
    const taught = rowsOf(arena, size, isTaught(weights) ? actions : 0);
    const columns = {
      order: arena.integers(sequences),
      firsts: arena.bytes(size),
      actions: arena.integers(size),
      logProbs: arena.floats(size),
      values: arena.floats(size),
      targets: arena.floats(size),
      taught: taught.data,
    };
    const data: SampleBlocks = { ...room, ...columns, steps };
    const tape = new Tape(arena, sequences, true);
    const networks = this.#unroll(tape, data);
    const trust = this.#lean(tape, networks);
    const { legal } = data;
    const within = (logits: readonly Table[]) => {
      if (legal) logits.forEach((table, t) => mask(tape, table, legal, t * sequences));
      return logits;
    };
    const logits = within(networks.map((network) => network.logits));
    const silent = weights.distils && within(networks.map(({ seen }) => this.#silent(tape, seen)));
    const imitation = isTaught(weights)
      ? imitate(tape, silent || logits, { rows: taught, column: 0 }, () => loss, sequences)
      : undefined;
    // Notes are played backwards: nothing else has gradients for what is said in silence.
    if (silent) tape.note(() => silent.forEach((table) => tape.clearGrads(table)));
    const loss = policyLoss(tape, networks, data, weights, sequences);
    const program = tape.backward();
    const terms = [loss, imitation?.sums, trust].filter((sums) => sums !== undefined);
    const samples = Object.assign(this.#views(room, columns), {
      steps,
      taughtStride: taught.stride,
    });
    return { samples, data, program, terms, weight: imitation?.weight };
  }

  #replaying(size: number): Replaying {
    let replaying = this.#replayed.get(size);
    if (!replaying) this.#replayed.set(size, replaying = this.#planReplaying(size));
    return replaying;
  }

  /** Past steps are under no guidance, so the policy leans on nobody. Nothing is learned of Q. */
  #planReplaying(size: number): Replaying {
    const arena = this.#arena;
    const room = this.#room(size);
    const data: ReplayData = { actions: arena.integers(size), returns: arena.floats(size) };
    const tape = new Tape(arena, size, true);
    const { seen, logits } = this.#policy(tape, room);
    const values = this.#alone(tape, seen);
    if (room.legal) mask(tape, logits, room.legal);
    const loss = replayLoss(tape, { logits, values }, data, this.#replayWeight);
    return { replayed: this.#views(room, { ...data }), program: tape.backward(), loss };
  }

  #planStep(): Program {
    const tape = new Tape(this.#arena, 1, true);
    tape.step(this.#parameters);
    this.#columns.prepareIn(tape, "tail");
    this.#maps?.prepareIn(tape, "tail");
    return tape.forward();
  }

  /** Inputs and more as arrays, which are asked for anew each time: memory that grows replaces them. */
  #views<T extends Blocks>(data: InputBlocks, more: T) {
    const { size, columns, guidance, floats } = data;
    const [entries, words] = columns as [Block<Uint8Array>, Block<Uint8Array>];
    const none = this.#arena.floats(0);
    const blocks = {
      ...{ entries, words, guidance: guidance.data, noise: none },
      slots: data.slots ?? this.#arena.bytes(0),
      floats: floats?.data ?? none,
      legal: data.legal ?? this.#arena.bytes(0),
      memory: data.memory?.data ?? none,
      ...more,
    };
    const views = Object.defineProperties(
      {},
      Object.fromEntries(
        Object.entries<Blocks[string]>(blocks).map(([name, block]) => [
          name,
          { get: () => block.view, enumerable: true },
        ]),
      ),
    ) as { readonly [K in keyof typeof blocks]: typeof blocks[K]["view"] };
    const missions = new Array<string>(size).fill("");
    const strides = { guidanceStride: guidance.stride, floatStride: floats?.stride ?? 0 };
    return Object.assign(views, { size, missions, ...strides });
  }

  /** @param sequences How many of them are remembered. */
  #room(size: number, sequences = size): InputBlocks {
    const columns = this.#columns.data(size);
    const { guidance, memory, floats, legal, maps } = this.#options;
    return {
      ...{ size, columns, guidance: rowsOf(this.#arena, size, guidance) },
      floats: floats > 0 ? rowsOf(this.#arena, size, floats) : undefined,
      legal: legal > 0 ? this.#arena.bytes(size * legal) : undefined,
      slots: maps && this.#arena.bytes(size * maps.slots),
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
    const { q, trust } = this.#parameters.layers;
    const { trust: leans } = this.#options;
    const { seen, told, hidden, logits } = this.#policy(tape, data, shift, memory);
    return {
      logits,
      qValues: tape.dense([hidden], q),
      values: this.#alone(tape, seen),
      seen,
      leaning: leans && told ? { logits, z: tape.dense([seen], trust), told } : undefined,
    };
  }

  /** What is seen and told, and the policy's own logits. */
  #policy(tape: Tape, data: InputBlocks, shift = 0, memory?: Table) {
    const { guided, policy } = this.#parameters.layers;
    const seen = this.#see(tape, data, shift, memory);
    const { loss, activation = "tanh" } = this.#options;
    const told = loss.imitates ? undefined : tape.gather(data.guidance, shift);
    const hidden = tape.dense(told ? [seen, told] : [seen], guided, activation);
    return { seen, told, hidden, logits: tape.dense([hidden], policy) };
  }

  /** The policy's own logits under no guidance: an input of zeros adds nothing. */
  #silent(tape: Tape, seen: Table): Table {
    const { guided, policy } = this.#parameters.layers;
    return tape.dense([tape.dense([seen], guided, this.#options.activation ?? "tanh")], policy);
  }

  /** @returns [1] the mean trust of the last call, in networks that trust. */
  #lean(tape: Tape, networks: readonly NetworkTables[]): Block<Float64Array> | undefined {
    const steps = networks.flatMap(({ leaning }) => leaning ?? []);
    return steps.length > 0 ? lean(tape, steps, this.#options.actions) : undefined;
  }

  /** What is seen; or with memory, what is remembered of it and of all before. */
  #see(tape: Tape, data: InputBlocks, shift = 0, before?: Table): Table {
    const { columns, floats, memory, slots } = data;
    const [entries, words] = columns as [Block<Uint8Array>, Block<Uint8Array>];
    const maps = slots && this.#maps?.embed(tape, { entries, words, slots, floats }, shift);
    const { activation } = this.#options;
    const seen = this.#columns.embed(tape, columns, shift, { floats, maps, activation });
    return memory ? gru(tape, seen, before ?? tape.gather(memory), this.#parameters.layers) : seen;
  }

  #alone(tape: Tape, seen: Table): Table {
    const { alone, value } = this.#parameters.layers;
    return tape.dense([tape.dense([seen], alone, this.#options.activation ?? "tanh")], value);
  }
}

type Blocks = Readonly<
  Record<string, Block<Float32Array> | Block<Int32Array> | Block<Uint8Array>>
>;

/** Where inputs of `size` states stand in the runtime's memory. */
interface InputBlocks {
  readonly size: number;
  /** Observations and words. */
  readonly columns: readonly Block<Uint8Array>[];
  readonly guidance: Rows;
  /** The observations' floats, and which actions are legal, where there are such. */
  readonly floats?: Rows;
  readonly legal?: Block<Uint8Array>;
  /** The missions' words by their places, where there are maps. */
  readonly slots?: Block<Uint8Array>;
  /** What is remembered, where anything is. */
  readonly memory?: Rows;
}

/** A rollout's samples in sequences of `steps`. */
interface SampleBlocks extends InputBlocks, PolicyData {
  readonly steps: number;
  readonly order: Block<Int32Array>;
  readonly firsts: Block<Uint8Array>;
}

/** What a step of the network says. */
interface NetworkTables extends Required<PolicyHeads> {
  /** What the heads read: what is seen or remembered. */
  readonly seen: Table;
  readonly leaning?: Leaning;
}

interface Acting {
  readonly inputs: Inputs;
  readonly decide: Program;
  readonly rows: Block<Float32Array>;
  readonly judge: Program;
  readonly values: Block<Float32Array>;
}

interface Learning {
  readonly samples: Samples;
  readonly data: SampleBlocks;
  readonly program: Program;
  /** What is reported of an update, but for the gradients' norm. */
  readonly terms: readonly Block<Float64Array>[];
  /** [1] of the cross-entropy to the teacher, where the loss has it. */
  readonly weight?: Block<Float32Array>;
}

interface Replaying {
  readonly replayed: Replayed;
  readonly program: Program;
  /** [1] the loss of the last call. */
  readonly loss: Block<Float64Array>;
}
