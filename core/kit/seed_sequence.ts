/**
 * NumPy's SeedSequence (numpy/random/bit_generator.pyx, after O'Neill's seed_seq): any entropy
 * becomes eight well mixed words.
 */

/** A seed: a non-negative integer of any size, or words of 32 bits as SeedSequence's entropy. */
export type Seed = number | bigint | readonly number[];

// The constants of SeedSequence (numpy/random/bit_generator.pyx).
const HASH_INIT = 0x43b0d7e5;
const HASH_MULTIPLIER = 0x931e8875;
const STATE_INIT = 0x8b51f9dd;
const STATE_MULTIPLIER = 0x58f38ded;
const MIX_LEFT = 0xca01f9dd;
const MIX_RIGHT = 0x4973f715;
const POOL = 4;

/**
 * Fills `words[0..7]` with `SeedSequence(seed).generate_state(4, uint64)`, ordered as PCG64 holds
 * its state and sequence: two numbers of 128 bits, least significant word first.
 *
 * @param seed A number takes no memory; a bigint or an array does.
 * @param pool Four words to work in.
 * @param words Eight words or more to fill.
 * @throws RangeError where the seed is negative, not whole, or a word exceeds 32 bits.
 */
export function generateState(seed: Seed, pool: Uint32Array, words: Uint32Array): void {
  if (typeof seed === "number" && seed >= 0 && Number.isSafeInteger(seed)) {
    pool[0] = seed;
    pool[1] = Math.floor(seed / 4294967296);
    pool[2] = pool[3] = 0;
    mixEntropy(pool, pool);
  } else {
    const entropy = entropyWords(seed);
    pool.fill(0);
    pool.set(entropy.slice(0, POOL));
    mixEntropy(pool, entropy);
  }
  let hash = STATE_INIT;
  for (let i = 0; i < 8; i++) {
    let value = pool[i % POOL]! ^ hash;
    hash = Math.imul(hash, STATE_MULTIPLIER);
    value = Math.imul(value, hash);
    // Words come as 64-bit pairs, of which PCG64 takes the first as the more significant.
    words[i ^ 2] = value ^ (value >>> 16);
  }
}

/**
 * The seed's words of 32 bits, least significant first.
 *
 * @throws RangeError where the seed is negative, not whole, or a word exceeds 32 bits.
 */
export function entropyWords(seed: Seed): number[] {
  if (typeof seed === "object") {
    if (seed.every((word) => Number.isInteger(word) && word >= 0 && word < 4294967296)) {
      return [...seed];
    }
    throw new RangeError(`The seed [${seed}] has a word outside 0 to 4294967295.`);
  }
  if (typeof seed === "number" && !Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`The seed "${seed}" is not a non-negative integer.`);
  }
  const words: number[] = [];
  let rest = BigInt(seed);
  do words.push(Number(rest & 0xffffffffn)); while ((rest >>= 32n) > 0n);
  return words;
}

function mixEntropy(pool: Uint32Array, entropy: ArrayLike<number>): void {
  let hash = HASH_INIT;
  for (let i = 0; i < POOL; i++, hash = Math.imul(hash, HASH_MULTIPLIER)) {
    pool[i] = hashed(pool[i]!, hash);
  }
  for (let source = 0; source < Math.max(POOL, entropy.length); source++) {
    for (let target = 0; target < POOL; target++) {
      if (source === target) continue;
      const value = source < POOL ? pool[source]! : entropy[source]!;
      pool[target] = mixed(pool[target]!, hashed(value, hash));
      hash = Math.imul(hash, HASH_MULTIPLIER);
    }
  }
}

function hashed(value: number, hash: number): number {
  const product = Math.imul(value ^ hash, Math.imul(hash, HASH_MULTIPLIER));
  return product ^ (product >>> 16);
}

function mixed(left: number, right: number): number {
  const result = (Math.imul(MIX_LEFT, left) - Math.imul(MIX_RIGHT, right)) | 0;
  return result ^ (result >>> 16);
}
