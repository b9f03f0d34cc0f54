import {
  type Guidance,
  type Mode,
  type Observations,
  TandemError,
  type Teacher,
} from "@tandem/core";
import { stateDict, suggestionOf, tokensOf } from "@tandem/core/kit";
import { andThen, outsideReason, outsideText } from "@tandem/core/internal";
import { openForRecording } from "./recording_file.ts";
import { type Answer, Askings, contentOf, type Header } from "./tape.ts";

/**
 * The teacher with everything it answers written down. An answer takes a line where it differs
 * from the one before to the same content: teachers that answer alike make short recordings.
 *
 * @throws {TandemError} E_FILE where the file cannot be made or holds something else, later E_DISK where it cannot be written.
 */
export function record(
  teacher: Teacher,
  file: string,
  header: Pick<Header, "env" | "oracle">,
): Teacher {
  const { grain, candidates } = teacher;
  const askings = new Askings();
  const last = new Map<string, string>();
  const complete: Header = {
    tandem: "cassette",
    version: 1,
    ...header,
    grain,
    candidates: [...candidates],
  };
  const writer = new LineWriter(file, JSON.stringify(complete));
  const note = (observations: Observations, guidance: Guidance, mode: Mode): Guidance => {
    const lines: string[] = [];
    for (let i = 0; i < guidance.envs; i++) {
      const content = contentOf(observations, i, mode);
      const n = askings.next(content);
      const answer = answerOf(guidance, i);
      const text = JSON.stringify(answer);
      if (last.get(content) === text) continue;
      last.set(content, text);
      lines.push(JSON.stringify({ content, n, ...answer }));
    }
    writer.write(lines);
    return guidance;
  };
  return {
    ...stateDict({ teacher, askings }),
    cache: teacher.cache,
    grain,
    candidates,
    learnsBy: teacher.learnsBy,
    advise: (observations, mode, oracle) =>
      andThen(
        teacher.advise(observations, mode, oracle),
        (guidance) => note(observations, guidance, mode),
      ),
    receive: (feedback) => teacher.receive(feedback),
    usage: () => teacher.usage(),
    async dispose() {
      writer.close();
      await teacher.dispose?.();
    },
  };
}

function answerOf(guidance: Guidance, i: number): Omit<Answer, "content" | "n"> {
  const { choices, distribution, logProbs, candidates } = guidance;
  const count = candidates.length;
  const logProb = logProbs[i]!;
  return {
    choice: choices[i]!,
    p: Array.from(distribution.subarray(i * count, (i + 1) * count)),
    logProb: Number.isFinite(logProb) ? logProb : null,
    text: suggestionOf(guidance, i),
    tokens: [...tokensOf(guidance, i)],
    author: guidance.authors?.[i],
  };
}

/** Writes whole lines to a new file, or in place of another cassette. */
class LineWriter {
  readonly #handle: Deno.FsFile;
  readonly #encoder = new TextEncoder();

  /** @param first The first line, without which a file is no cassette. */
  constructor(private readonly file: string, first: string) {
    this.#handle = this.#try("E_FILE", () => openForRecording(file));
    try {
      this.write([first]);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  write(lines: readonly string[]): void {
    if (lines.length === 0) return;
    let bytes = this.#encoder.encode(`${lines.join("\n")}\n`);
    this.#try("E_DISK", () => {
      while (bytes.length > 0) bytes = bytes.subarray(this.#handle.writeSync(bytes));
    });
  }

  close(): void {
    this.#handle.close();
  }

  #try<T>(code: "E_FILE" | "E_DISK", work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (cause instanceof TandemError) throw cause;
      const [file, reason] = [outsideText(this.file), outsideReason(cause)];
      throw new TandemError(code, `The cassette "${file}" cannot be written: ${reason}`, { cause });
    }
  }
}
