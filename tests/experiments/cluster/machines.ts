/** A NATS server, workers and coordinators as processes that can be killed. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync } from "node:zlib";
import { ROOT, withFolder } from "../../cli/command.ts";
import { inProcess } from "../../cli/in_process.ts";

/** Why cluster tests are skipped, or undefined. */
export function missingServer(): string | undefined {
  try {
    const { success } = new Deno.Command("nats-server", { args: ["--version"] }).outputSync();
    return success ? undefined : "nats-server does not start";
  } catch {
    return "nats-server is not installed";
  }
}

/** Registers a test that needs a server; where there is none it is skipped, and the name says so. */
export function clusterTest(name: string, work: () => Promise<void>): void {
  const missing = missingServer();
  Deno.test({
    name: missing ? `${name} (skipped: ${missing})` : name,
    ignore: !!missing,
    fn: work,
  });
}

/** A server in a folder of its own, with the arguments that lead to it; all that runs ends with the test. */
export async function withServer(
  work: (server: Server, at: string[], folder: string) => Promise<void>,
  more = "",
  jetstream = true,
): Promise<void> {
  await withFolder(async (folder) => {
    const server = new Server(folder, more, jetstream);
    await server.start();
    try {
      await work(server, ["--cluster", server.address], folder);
    } finally {
      await endAll();
    }
  });
}

/** A worker with one lane on the processor. */
export function worker(at: readonly string[], ...more: string[]): Process {
  return command("worker", ...at, "--jobs", "1", "--device", "cpu", ...more);
}

/** Waits until the status says something: a worker tells what it is at a moment after it is so. */
export async function untilStatus(at: readonly string[], pattern: RegExp): Promise<void> {
  let said = "";
  const isSaid = async () => {
    const { stdout, stderr } = await inProcess("cluster", "status", ...at);
    said = stderr + stdout;
    return pattern.test(said);
  };
  await until(isSaid, `the status says ${pattern}`).catch((error) => {
    throw new Error(`${error.message} It said:\n${said}`);
  });
}

const living = new Set<Process>();

/** Kills all that a test has left behind. */
export async function endAll(): Promise<void> {
  await Promise.all([...living].map((process) => process.end()));
}

/** A process with what it said. */
export class Process {
  readonly #child: Deno.ChildProcess;
  readonly #output: Promise<Deno.CommandOutput>;

  constructor(command: string, args: readonly string[]) {
    this.#child = new Deno.Command(command, {
      args: [...args],
      cwd: ROOT,
      env: { NO_COLOR: "1", XDG_RUNTIME_DIR: "/tmp" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#output = this.#child.output();
    living.add(this);
    this.#output.then(() => living.delete(this));
  }

  /** Sends a signal, unless it has ended; gives how it ended. */
  async end(signal: Deno.Signal = "SIGKILL"): Promise<{ code: number; said: string }> {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended.
    }
    return await this.ended;
  }

  get ended(): Promise<{ code: number; said: string }> {
    const text = new TextDecoder();
    return this.#output.then(({ code, stdout, stderr }) => ({
      code,
      said: text.decode(stderr) + text.decode(stdout),
    }));
  }
}

/** A server that can be killed and started again where it was. */
export class Server {
  readonly port: number = freePort();
  #process: Process | undefined;

  /** @param more Further lines of its configuration. @param jetstream Whether it keeps anything. */
  constructor(
    private readonly folder: string,
    private readonly more = "",
    private readonly jetstream = true,
  ) {}

  get address(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Starts it and waits until it listens. */
  async start(): Promise<void> {
    const config = join(this.folder, "nats.conf");
    const store = this.jetstream ? `jetstream { store_dir: "${this.#store}" }` : "";
    await Deno.writeTextFile(
      config,
      `listen: "127.0.0.1:${this.port}"\n${store}\n${this.more}\n`,
    );
    this.#process = new Process("nats-server", ["-c", config]);
    await until(async () => {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
      connection.close();
      return true;
    }, "the server listens");
  }

  async kill(): Promise<void> {
    await this.#process?.end();
    this.#process = undefined;
  }

  /** Takes away all that it kept, while it is down. */
  async loseStore(): Promise<void> {
    await Deno.remove(this.#store, { recursive: true });
  }

  get #store(): string {
    return join(this.folder, "jetstream");
  }
}

/** A line to a server that can be cut: what is under way is lost, and no new connection is made. */
export class Line implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #ends = new Set<Deno.Conn>();
  readonly #serving: Promise<void>;
  #isCut = false;

  constructor(private readonly port: number) {
    this.#serving = this.#serve();
  }

  get address(): string {
    return `nats://127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  cut(): void {
    this.#isCut = true;
    for (const end of this.#ends) close(end);
    this.#ends.clear();
  }

  mend(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#listener.close();
    await this.#serving;
  }

  async #serve(): Promise<void> {
    for await (const near of this.#listener) {
      if (this.#isCut) {
        near.close();
        continue;
      }
      const far = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
      this.#ends.add(near).add(far);
      const nothing = () => {};
      near.readable.pipeTo(far.writable).catch(nothing);
      far.readable.pipeTo(near.writable).catch(nothing);
    }
  }
}

function close(end: Deno.Conn): void {
  try {
    end.close();
  } catch {
    // The other side has closed it.
  }
}

/** A task's own command without its shell, so that a signal reaches it. */
export function command(
  name: "worker" | "compare" | "tune" | "cluster",
  ...args: string[]
): Process {
  const { tasks } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  const words: string[] = tasks[name].command.replace(/^.*?deno run /, "run ").split(" ");
  return new Process(Deno.execPath(), [...words.filter((word) => !word.includes("$")), ...args]);
}

/** The digests in a comparison's store by the trials' keys, or the errors. */
export function digestsIn(folder: string): Record<string, string> {
  using database = new DatabaseSync(join(folder, "trials.sqlite"), { readOnly: true });
  const rows = database.prepare("select key, record, error from trials order by key").all();
  return Object.fromEntries(rows.map(({ key, record, error }) => [
    key,
    record === null
      ? String(error)
      : JSON.parse(new TextDecoder().decode(gunzipSync(record as Uint8Array))).summary.digest,
  ]));
}

/** Waits until something is so. */
export async function until(
  isSo: () => Promise<boolean>,
  what: string,
  seconds = 300,
): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end) {
    if (await isSo().catch(() => false)) return;
    await sleep(50);
  }
  throw new Error(`It did not come about in ${seconds} seconds that ${what}.`);
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}
