/** Renders Jinja templates that come from outside: what they may compute is counted and bounded. */
import { importOptional } from "@tandem/core/internal";

type Jinja = typeof import("@huggingface/jinja");

/** A template that was read, and renders with given variables. */
export type Render = (variables: Readonly<Record<string, unknown>>) => string;

/** Most characters of a template. */
export const MOST_TEMPLATE = 2 ** 18;
/** Most characters of any text that a template makes. */
const MOST_TEXT = 2 ** 18;
/** Most of what a rendering may compute, in nodes of the template that are evaluated. */
const MOST_WORK = 50_000;
/** What a character and an entry of a list cost beside them. */
const PER_CHARACTER = 1 / 64;
const PER_ENTRY = 1 / 16;
/** Most numbers of a range. */
const MOST_RANGE = 10_000;

/** Why a template is refused. */
export class TemplateError extends Error {}

/**
 * Reads a template. What it renders depends on its variables alone: it knows no day but one.
 *
 * @throws TemplateError where it is too large or no template; so does what it gives, where the
 * template raises an error or computes too much.
 */
export async function meteredTemplate(source: string): Promise<Render> {
  if (source.length > MOST_TEMPLATE) {
    throw new TemplateError(`it has more than ${MOST_TEMPLATE} characters`);
  }
  const jinja = await importOptional<Jinja>(
    "@huggingface/jinja",
    "reads chat templates",
    (name) => import(name),
  );
  const program = told(() => new jinja.Template(source).parsed);
  return (variables) =>
    told(() => {
      const environment = new jinja.Environment();
      const globals = { ...CONSTANTS, ...FUNCTIONS, ...variables };
      for (const [name, value] of Object.entries(globals)) environment.set(name, value);
      return String(meteredInterpreter(jinja, environment).run(program).value);
    });
}

/** As setupGlobals of the package has them, which it does not export. */
const CONSTANTS = { true: true, false: false, none: null, True: true, False: false, None: null };

const FUNCTIONS = {
  raise_exception(reason: unknown): never {
    throw new TemplateError(String(reason).slice(0, 300));
  },
  range(from: number, to?: number, by = 1): number[] {
    const [first, end] = to === undefined ? [0, from] : [from, to];
    const count = Math.max(0, Math.ceil((end - first) / by));
    if (!(count <= MOST_RANGE)) throw new TemplateError("it asks for a range that is too long");
    return Array.from({ length: count }, (_, i) => first + i * by);
  },
  /** The same on every day: a run says tomorrow what it says today. */
  strftime_now(format: string): string {
    return format.replace(/%[a-zA-Z%]/g, (code) => DAY[code] ?? code);
  },
} as const;

/** The day that Llama's templates name where they know none, at noon. */
const DAY: Readonly<Record<string, string>> = {
  ...{ "%Y": "2024", "%y": "24", "%m": "07", "%b": "Jul", "%B": "July", "%d": "26", "%%": "%" },
  ...{ "%a": "Fri", "%A": "Friday", "%H": "12", "%I": "12", "%M": "00", "%S": "00", "%p": "PM" },
};

/** What a part of a template came to. */
interface Value {
  readonly value: unknown;
}

/** An interpreter that counts what it evaluates, and the sizes of what that comes to. */
function meteredInterpreter(
  { Interpreter }: Jinja,
  environment: InstanceType<Jinja["Environment"]>,
): InstanceType<Jinja["Interpreter"]> {
  let left = MOST_WORK;
  const spend = (work: number) => {
    left -= work;
    if (left < 0) throw new TemplateError("it computes without an end in sight");
  };
  /** Entries count as often as they would be written. */
  const measure = ({ value }: Value): void => {
    spend(PER_ENTRY);
    if (typeof value === "string") {
      if (value.length > MOST_TEXT) throw new TemplateError("it makes a text that is too long");
      spend(PER_CHARACTER * value.length);
    } else if (Array.isArray(value)) {
      for (const entry of value) measure(entry);
    } else if (value instanceof Map) {
      for (const entry of value.values()) measure(entry);
    }
  };
  const Metered = class extends Interpreter {
    override evaluate(...args: Parameters<InstanceType<Jinja["Interpreter"]>["evaluate"]>) {
      spend(1);
      const made = super.evaluate(...args);
      measure(made);
      return made;
    }
  };
  return new Metered(environment);
}

/** Whatever goes wrong in a template is said as the template's own fault. */
function told<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof TemplateError) throw cause;
    const reason = cause instanceof RangeError
      ? "it is deeper, or makes more, than can be worked on"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new TemplateError(reason, { cause });
  }
}
