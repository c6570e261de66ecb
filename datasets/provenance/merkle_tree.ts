import { createHash } from 'node:crypto';

/** Bytes before what is hashed, so that no leaf can pass for a node (RFC 9162, section 2.1.1). */
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Hash of a leaf's content, 32 bytes. */
export function leafHash(content: Uint8Array | string): Buffer {
  return createHash('sha256').update(LEAF).update(content).digest();
}

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(NODE).update(left).update(right).digest();
}

/** Root of the Merkle tree over leaf hashes (RFC 9162, section 2.1.1); of none, the hash of nothing. */
export function merkleRoot(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return createHash('sha256').digest();
  return rootWithin(leaves, 0, leaves.length);
}

/** Hashes from the leaf upwards that lead from leaf `index` to the root (RFC 9162, section 2.1.3.1). */
export function merklePath(leaves: readonly Uint8Array[], index: number): Buffer[] {
  const path: Buffer[] = [];
  let [low, high] = [0, leaves.length];
  while (high - low > 1) {
    const middle = low + largestPowerBelow(high - low);
    if (index < middle) {
      path.unshift(rootWithin(leaves, middle, high));
      high = middle;
    } else {
      path.unshift(rootWithin(leaves, low, middle));
      low = middle;
    }
  }
  return path;
}

/** The root that a proof leads to (RFC 9162, section 2.1.3.2); null for a proof that cannot be one of this place. */
export function rootOfProof(leaf: Uint8Array, index: number, size: number, path: readonly Uint8Array[]): Buffer | null {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return null;
  let [place, last] = [index, size - 1];
  let hash: Buffer = Buffer.from(leaf);
  for (const other of path) {
    if (last === 0) return null;
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(other, hash);
      while (place % 2 === 0 && place !== 0) [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
    } else hash = nodeHash(hash, other);
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 ? hash : null;
}

function rootWithin(leaves: readonly Uint8Array[], low: number, high: number): Buffer {
  if (high - low === 1) return Buffer.from(leaves[low]);
  const middle = low + largestPowerBelow(high - low);
  return nodeHash(rootWithin(leaves, low, middle), rootWithin(leaves, middle, high));
}

/** The largest power of two below `size`, which is at least 2. */
function largestPowerBelow(size: number): number {
  return 2 ** (31 - Math.clz32(size - 1));
}
