import type { Evidence } from './evidence.ts';
import { armJoints, columnOf } from './motion.ts';
import { interpolate } from './statistics.ts';

/** What near-duplicates are known by. */
export interface Fingerprint {
  readonly id: string;
  readonly sha256: string;
  readonly duration_s: number;
  /** Of each camera, its difference hashes at 8 even shares of the episode. */
  readonly pictures: ReadonlyMap<string, readonly string[]>;
  /** Positions of the arm's joints at 32 even shares, rad, joint by joint; null without joint states. */
  readonly way: Float64Array | null;
}

const PICTURES = 8;
const POINTS = 32;
/** Near-duplicates differ less: duration (share), joints (rms, rad), bits of 64 a picture. */
export const NEAR = { duration: 0.03, way_rad: 0.02, bits: 6 } as const;

export function fingerprintOf(id: string, sha256: string, { series, cameras }: Evidence): Fingerprint {
  const { joints, duration_s } = series;
  const shares = Array.from({ length: POINTS }, (_, k) => (duration_s * (k + 0.5)) / POINTS);
  const way =
    joints === null
      ? null
      : Float64Array.from(
          armJoints(joints).flatMap((i) => {
            const column = columnOf(joints, joints.position, i);
            return shares.map((at) => interpolate(joints.time_s, column, at));
          }),
        );
  const pictures = cameras.flatMap(({ topic, hash }) =>
    hash.length === 0
      ? []
      : [
          [
            topic,
            Array.from({ length: PICTURES }, (_, k) => hash[Math.floor(((k + 0.5) * hash.length) / PICTURES)]),
          ] as const,
        ],
  );
  return { id, sha256, duration_s, pictures: new Map(pictures), way };
}

/** How two episodes are alike; null where they are not near enough to be called so. */
export function likeness(a: Fingerprint, b: Fingerprint): { readonly way_rad: number; readonly bits: number } | null {
  const longer = Math.max(a.duration_s, b.duration_s);
  if (Math.abs(a.duration_s - b.duration_s) > NEAR.duration * longer + 0.05) return null;
  const way_rad = a.way !== null && b.way !== null && a.way.length === b.way.length ? distance(a.way, b.way) : null;
  if (way_rad !== null && way_rad > NEAR.way_rad) return null;
  const shared = [...a.pictures].flatMap(([topic, hashes]) => {
    const others = b.pictures.get(topic);
    return others === undefined ? [] : hashes.map((hash, k) => hamming(hash, others[k]));
  });
  if (way_rad === null && shared.length === 0) return null;
  const bits = shared.length === 0 ? 0 : shared.reduce((x, y) => x + y, 0) / shared.length;
  return bits > NEAR.bits ? null : { way_rad: way_rad ?? 0, bits };
}

function distance(a: Float64Array, b: Float64Array): number {
  let square = 0;
  for (let i = 0; i < a.length; i++) square += (a[i] - b[i]) ** 2;
  return Math.sqrt(square / Math.max(1, a.length));
}

/** Bits in which two numbers in hex differ. */
export function hamming(a: string, b: string): number {
  let bits = 0;
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    let off = Number.parseInt(a[i], 16) ^ Number.parseInt(b[i], 16);
    for (; off > 0; off &= off - 1) bits++;
  }
  return bits + 4 * Math.abs(a.length - b.length);
}
