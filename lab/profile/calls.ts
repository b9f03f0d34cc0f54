/** A tree of calls from the samples of V8's profiler, with the work they belong to at its top. */
import { MARKED, WORK, type Work } from "./spans.ts";

/** A function in a profile of V8, with the functions that it called. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
  };
  readonly children?: readonly number[];
}

/** What V8's `Profiler.stop` gives, as far as it is used: times in microseconds of V8's clock. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly startTime: number;
  /** The node that ran at each sample, and the time since the sample before. */
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}

/** A function, or a kind of work, with the time in it and in all that it called. */
export interface Call {
  readonly name: string;
  /** Where it stands, "core/run/parts/judge.ts:58"; empty where that is not known. */
  readonly place: string;
  milliseconds: number;
  readonly calls: Map<string, Call>;
}

/** What tells where a sample belongs. */
export interface Attribution {
  /** What was being done at a moment, in milliseconds since the profile's start. */
  workAt(milliseconds: number): Work | undefined;
  /** A module's name in the chart. */
  nameOf(url: string): string;
}

/** The module whose functions stand between the scheduler and a stage. */
const WATCH = import.meta.resolve("./spans.ts");

const NAMES: Readonly<Record<string, string>> = {
  "(idle)": "waiting for workers and timers",
  "(program)": "engine",
  "(garbage collector)": "garbage collector",
};

/** One call tree of all samples. A sample of which nobody knows the work is left out. */
export function callTree(profile: CpuProfile, { workAt, nameOf }: Attribution): Call {
  const root = call("all", "");
  const stacks = stacksOf(profile.nodes);
  let time = 0;
  profile.samples?.forEach((id, k) => {
    const delta = (profile.timeDeltas?.[k] ?? 0) / 1000;
    time += delta;
    const stack = stacks.get(id) ?? [];
    const at = stack.findIndex(({ callFrame }) => MARKED.has(callFrame.functionName));
    const now = workAt(time);
    if (now === undefined || delta <= 0) return;
    const marked = at < 0 ? undefined : MARKED.get(stack[at]!.callFrame.functionName);
    let node = entered(root, WORK[now === "measuring" ? now : marked ?? now], "", delta);
    root.milliseconds += delta;
    for (const { callFrame } of stack.slice(at + 1)) {
      const { functionName, url, lineNumber } = callFrame;
      if (functionName === "(root)" || url === WATCH || /^(ext|node):/.test(url)) continue;
      const place = url ? `${nameOf(url)}:${lineNumber + 1}` : "";
      node = entered(node, NAMES[functionName] ?? (functionName || "(anonymous)"), place, delta);
    }
  });
  return root;
}

function call(name: string, place: string): Call {
  return { name, place, milliseconds: 0, calls: new Map() };
}

function entered(parent: Call, name: string, place: string, milliseconds: number): Call {
  const key = `${name} ${place}`;
  let child = parent.calls.get(key);
  if (!child) parent.calls.set(key, child = call(name, place));
  child.milliseconds += milliseconds;
  return child;
}

/** The nodes from the root to each node, by its id. */
function stacksOf(nodes: readonly ProfileNode[]): Map<number, ProfileNode[]> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const stacks = new Map<number, ProfileNode[]>();
  const open: ProfileNode[][] = nodes[0] ? [[nodes[0]]] : [];
  for (let stack = open.pop(); stack; stack = open.pop()) {
    const node = stack.at(-1)!;
    stacks.set(node.id, stack);
    for (const id of node.children ?? []) open.push([...stack, byId.get(id)!]);
  }
  return stacks;
}
