/** Room in the fused runtime's memory, where the features write a network's inputs. */
import type { Block } from "../../../runtimes/fused/arena.ts";
import type { PolicyData } from "../../../runtimes/fused/losses.ts";
import type { Rows } from "../../../runtimes/fused/tape.ts";
import type { Inputs, Samples } from "./engine.ts";

const NOTHING = new Float32Array(0);

/** Inputs of `size` states. */
export interface InputBlocks {
  readonly size: number;
  /** Observations and words. */
  readonly columns: readonly Block<Uint8Array>[];
  readonly guidance: Rows;
  /** What is remembered, where anything is. */
  readonly memory?: Rows;
}

/** A rollout's samples in sequences of `steps`. */
export interface SampleBlocks extends InputBlocks, PolicyData {
  readonly steps: number;
  readonly order: Block<Int32Array>;
  readonly firsts: Block<Uint8Array>;
}

/** Inputs in the runtime's memory, where the features write them. */
export class Room<T extends InputBlocks> implements Inputs {
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

  get memory(): Float32Array {
    return this.data.memory?.data.view ?? NOTHING;
  }
}

/** A rollout's samples in the runtime's memory. */
export class SamplesRoom extends Room<SampleBlocks> implements Samples {
  get steps(): number {
    return this.data.steps;
  }

  get firsts(): Uint8Array {
    return this.data.firsts.view;
  }

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
