import { Lora, type LoraOptions, readT5, type T5, type T5Config } from "@tandem/runtimes/t5";
import type { Tensors, Variable } from "@tandem/runtimes/tfjs";
import type { RandomSource } from "@tandem/runtimes/weights";

/** Where the models come from. */
export interface ModelSource {
  readonly tensors: Tensors;
  /** A T5's folder. */
  readonly dir: string;
  /** Draws adapters. */
  readonly random: RandomSource;
}

/** A T5 with the adapters that make it one of the three. */
interface Adapted {
  readonly t5: T5;
  readonly lora?: Lora;
}

/**
 * The same T5 three times: as it was read (the reference), as it is trained, and as it answers, which
 * is the running average of the trained weights. With adapters they share all weights but those.
 */
export class Models {
  readonly #tensors: Tensors;
  readonly #reference: Adapted;
  readonly #trained: Adapted;
  readonly #average: Adapted;

  /** @throws {TandemError} E_MODEL where the folder holds no T5; E_OPTION for an unknown target. */
  static async open(
    { tensors, dir, random }: ModelSource,
    { train, ...options }: LoraOptions & { readonly train: "lora" | "all" },
  ): Promise<Models> {
    const t5 = await readT5(tensors, dir);
    if (train === "all") {
      const [trained, average] = [await readT5(tensors, dir), await readT5(tensors, dir)];
      return new Models(tensors, { t5 }, { t5: trained }, { t5: average });
    }
    const lora = new Lora(tensors, t5.config, random, options);
    const average = new Lora(tensors, t5.config, random, options);
    const models = new Models(tensors, { t5 }, { t5, lora }, { t5, lora: average });
    models.follow(1);
    return models;
  }

  private constructor(tensors: Tensors, reference: Adapted, trained: Adapted, average: Adapted) {
    this.#tensors = tensors;
    this.#reference = reference;
    this.#trained = trained;
    this.#average = average;
  }

  get config(): T5Config {
    return this.#reference.t5.config;
  }

  /** What training changes, by name. */
  get trained(): ReadonlyMap<string, Variable> {
    return variablesOf(this.#trained);
  }

  /** The averages of what training changes, by the same names. */
  get average(): ReadonlyMap<string, Variable> {
    return variablesOf(this.#average);
  }

  /** Calls with the model as it was read. */
  referring<T>(use: (t5: T5) => T): T {
    return withAdapters(this.#reference, use);
  }

  /** Calls with the model that is trained. */
  training<T>(use: (t5: T5) => T): T {
    return withAdapters(this.#trained, use);
  }

  /** Calls with the model that answers. */
  answering<T>(use: (t5: T5) => T): T {
    return withAdapters(this.#average, use);
  }

  /** Moves the average by this share of the way towards the trained weights. */
  follow(share: number): void {
    const { tf } = this.#tensors;
    const averages = this.average;
    for (const [name, variable] of this.trained) {
      const average = averages.get(name)!;
      tf.tidy(() =>
        average.assign(
          share === 1
            ? tf.clone(variable)
            : tf.add(average, tf.mul(tf.sub(variable, average), share)),
        )
      );
    }
  }

  /** The adapters that answer, as a file; undefined where there are none. */
  async adapters(): Promise<Uint8Array | undefined> {
    return await this.#average.lora?.save();
  }

  dispose(): void {
    const all = [this.#reference, this.#trained, this.#average];
    for (const { lora } of all) lora?.dispose();
    for (const t5 of new Set(all.map(({ t5 }) => t5))) t5.dispose();
  }
}

function variablesOf({ t5, lora }: Adapted): ReadonlyMap<string, Variable> {
  return (lora ?? t5).variables;
}

/** The adapters are the model's for as long as the call takes, or what it promises. */
function withAdapters<T>({ t5, lora }: Adapted, use: (t5: T5) => T): T {
  const before = t5.lora;
  t5.lora = lora;
  const result = use(t5);
  if (!(result instanceof Promise)) {
    t5.lora = before;
    return result;
  }
  return result.finally(() => t5.lora = before) as T;
}
