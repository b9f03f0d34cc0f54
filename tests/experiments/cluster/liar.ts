/** One who reaches the server and lies: about results, as a worker, and in messages of no form. */
import { systemClock } from "../../../core/kit/context.ts";
import { Pcg64 } from "../../../core/kit/random.ts";
import { readMessage } from "../../../experiments/cluster/messages.ts";
import type { TrialContent } from "../../../lab/store.ts";
import type { TrialRecord } from "../../../lab/trial.ts";
import { NO_SETTINGS } from "../../../runtimes/nats/settings.ts";
import { TrialQueue } from "../../../runtimes/nats/trial_queue.ts";
import { contentOfSeed, recordOf } from "./messages.ts";

/** Something that goes on until it is stopped. */
export interface Going {
  stop(): Promise<void>;
}

/** A stranger with all permissions. */
export class Liar implements AsyncDisposable {
  readonly #going = new Set<Going>();
  #lie = 0;
  #left = 0;

  private constructor(private readonly queue: TrialQueue) {}

  static async open(address: string): Promise<Liar> {
    return new Liar(await TrialQueue.open(address, NO_SETTINGS, "stranger"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#going].map((each) => each.stop()));
    await this.queue.close();
  }

  /** Publishes a lie as the result of each trial on the queue; gives how many there are. */
  async forgeAll(): Promise<number> {
    const keys = [...await this.queue.waiting()];
    for (const key of keys) await this.#publish(key, this.#lieAbout(key));
    return keys.length;
  }

  /** Does so again and again. */
  forgeOn(milliseconds: number): Going {
    return this.#goOn(async () => {
      await this.forgeAll();
      await systemClock.sleep(milliseconds);
    });
  }

  /** Takes trials off the queue and publishes lies about them. */
  stealOn(fit: string): Going {
    return this.#goOn(async () => {
      const held = await this.queue.take(fit, 1000);
      if (!held) return;
      await this.#publish(held.key, this.#lieAbout(held.key));
      await held.done();
    });
  }

  /** Works as a worker of the fit does, and publishes a record of its own making. */
  workOn(fit: string, record: (content: TrialContent) => TrialRecord): Going {
    return this.#goOn(async () => {
      const held = await this.queue.take(fit, 1000);
      if (!held) return;
      const { content, notBy } = readMessage("trial", held.bytes);
      if (notBy === "liar") return held.giveBack(500);
      const outcome = { record: record(content) };
      await this.#publish(held.key, { key: held.key, fit, worker: "liar", tries: 1, outcome });
      await held.done();
    });
  }

  /** Things that it has left. */
  get left(): number {
    return this.#left;
  }

  /** Leaves something of no form, or of the wrong one, somewhere at random, again and again. */
  litterOn(random: Pcg64, fit: string, milliseconds: number): Going {
    return this.#goOn(async () => {
      await systemClock.sleep(milliseconds);
      await this.#litter(random, fit);
      this.#left++;
    });
  }

  async #litter(random: Pcg64, fit: string): Promise<void> {
    const body = LITTER[random.integers(0, LITTER.length)];
    const keys = [...await this.queue.waiting()];
    const key = keys[random.integers(0, Math.max(1, keys.length))] ?? "0".repeat(64);
    const places: (() => Promise<void>)[] = [
      () => this.#publish(key, this.#lieAbout(key)),
      () => this.queue.tellPlan(`stranger-${random.integers(0, 5)}`, body),
      () => this.queue.tellWorker(`stranger-${random.integers(0, 5)}`, body),
      () => this.queue.put(fit, key, body, `-${random.integers(0, 1e9)}`),
      () => this.queue.put("nobody", key, body, `-${random.integers(0, 1e9)}`),
      () => this.queue.bury(key, body, new AbortController().signal),
      () => this.queue.keep(`result.${key}`, new Uint8Array(100)),
      () => this.queue.keep(`checkpoint.${key}`, new Uint8Array(100)),
    ];
    await places[random.integers(0, places.length)]!();
  }

  async #publish(key: string, body: unknown): Promise<void> {
    await this.queue.publishResult(key, body, AbortSignal.timeout(5000));
  }

  #lieAbout(key: string): unknown {
    const content = contentOfSeed(123_456);
    const outcome = { record: recordOf(content) };
    const honest = { key, fit: "another", worker: "liar", tries: 1, outcome };
    const lies = [
      ...LITTER,
      honest, // from a machine that does not fit
      { ...honest, key: "0".repeat(64) },
      { object: "nothing-here" },
      { object: `result.${key}` },
      { outcome: { error: { code: null, message: "<img src=x>\x1b[2J" } } },
    ];
    return lies[this.#lie++ % lies.length];
  }

  #goOn(work: () => Promise<void>): Going {
    let stopped = false;
    const done = (async () => {
      while (!stopped) await work().catch(() => systemClock.sleep(200)); // the server is away
    })();
    const going = {
      stop: async () => {
        stopped = true;
        await done;
      },
    };
    this.#going.add(going);
    return going;
  }
}

const LITTER: readonly unknown[] = [
  {},
  null,
  7,
  "text",
  [[[[]]]],
  { outcome: {} },
  { outcome: { record: {} } },
  { outcome: { record: { summary: { wallSeconds: 1 } } } },
  { plan: "p", name: "\x1b]0;title\x07", content: contentOfSeed(1) },
];
