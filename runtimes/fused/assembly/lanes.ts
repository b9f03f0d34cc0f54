// @ts-nocheck AssemblyScript: its own compiler checks the types.
/**
 * Lanes: threads that run one program together on a shared memory, each with its own instance of this
 * module. What a lane computes never depends on how many there are.
 *
 * They meet at nine words: the calls begun, the lanes arrived, the meetings held, the lanes asleep,
 * whether all is over, the program called with its order and its length, and the milliseconds after
 * which a lane that does not come is given up.
 */

const CALLS = 0, ARRIVED = 4, MEETINGS = 8, ASLEEP = 12, ENDED = 16;
const PROGRAM = 20, ORDER = 24, LENGTH = 28, PATIENCE = 32;

/** Looks at a word, a tenth of a millisecond, before a lane goes to sleep: waking takes about as long. */
const LOOKS = 200_000;

/** This lane, from 0, and their number. */
export let lane: i32 = 0;
export let lanes: i32 = 1;
/** Address of the words. */
let words: usize = 0;

/** Takes a place among the lanes. */
export function join(at: usize, place: i32, number: i32): void {
  words = at;
  lane = place;
  lanes = number;
}

/** The first of `units` things that are this lane's; those of the next lane begin where its own end. */
export function firstOf(units: i32): i32 {
  return units * lane / lanes;
}

/** Where this lane's share of `units` things ends. */
export function endOf(units: i32): i32 {
  return units * (lane + 1) / lanes;
}

/**
 * Waits until all lanes are here; what they wrote before is there for all. Traps where a lane broke or
 * does not come.
 */
export function meet(): void {
  if (!ASC_FEATURE_THREADS) return;
  if (lanes == 1) return;
  const held = atomic.load<i32>(words, MEETINGS);
  if (atomic.load<i32>(words, ENDED)) unreachable();
  if (atomic.add<i32>(words, 1, ARRIVED) == lanes - 1) {
    atomic.store<i32>(words, 0, ARRIVED);
    advance(MEETINGS);
    return;
  }
  const patience = <i64> load<i32>(words, PATIENCE) * 1_000_000;
  const came = watch(MEETINGS, held, patience);
  if (!came || atomic.load<i32>(words, ENDED)) unreachable();
}

/** Tells the other lanes of a call. */
export function call(program: usize, order: usize, length: i32): void {
  if (!ASC_FEATURE_THREADS) return;
  store<i32>(words, <i32> program, PROGRAM);
  store<i32>(words, <i32> order, ORDER);
  store<i32>(words, length, LENGTH);
  advance(CALLS);
}

/** Waits for the call after `known` of them; whether there is one. */
export function hear(known: i32): bool {
  if (!ASC_FEATURE_THREADS) return false;
  watch(CALLS, known, -1);
  return atomic.load<i32>(words, ENDED) == 0;
}

/** What was called last. */
export function calledProgram(): usize {
  return load<i32>(words, PROGRAM);
}

/** As {@linkcode calledProgram}. */
export function calledOrder(): usize {
  return load<i32>(words, ORDER);
}

/** As {@linkcode calledProgram}. */
export function calledLength(): i32 {
  return load<i32>(words, LENGTH);
}

/** Adds 1 to a word and wakes those who sleep at it. */
function advance(word: usize): void {
  atomic.add<i32>(words + word, 1);
  if (atomic.load<i32>(words, ASLEEP) > 0) atomic.notify(words + word, -1);
}

/** Waits until a word is no longer what it was; false where that takes longer than `patience`. */
function watch(word: usize, was: i32, patience: i64): bool {
  for (let k = 0; k < LOOKS; k++) {
    if (atomic.load<i32>(words + word) != was) return true;
  }
  atomic.add<i32>(words, 1, ASLEEP);
  const answer = atomic.wait<i32>(words + word, was, patience);
  atomic.sub<i32>(words, 1, ASLEEP);
  return answer != 2;
}
