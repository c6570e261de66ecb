import { createHash } from 'node:crypto';
import { type Capsule, radiusAbout } from './capsule_fit.ts';
import { FOUND_COVERS } from './found_covers_table.ts';

/** Of every capsule: both ends and the radius (m). */
export type CoverTable = Readonly<Record<string, readonly (readonly number[])[]>>;

/**
 * The cover that was found before for just these shapes, so that a process need not search at its start; null where there is
 * none. Each shape (balls, of which it is the hull) is checked to lie in one of the capsules: what does not is searched for.
 */
export function foundCover(shapes: readonly Float64Array[], table: CoverTable = FOUND_COVERS): Capsule[] | null {
  const key = keyOf(shapes);
  if (!Object.hasOwn(table, key)) return null;
  const cover = table[key].map((row) => ({ a: row.slice(0, 3), b: row.slice(3, 6), radius: row[6] }));
  const holds = ({ a, b, radius }: Capsule, balls: Float64Array) =>
    radiusAbout(balls, Float64Array.of(...a, ...b)) <= radius;
  return shapes.every((balls) => cover.some((capsule) => holds(capsule, balls))) ? cover : null;
}

/** Of every number of every shape. */
export function keyOf(shapes: readonly Float64Array[]): string {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of shapes)
    hash.update(`${byteLength} `).update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex').slice(0, 16);
}

/** One line of the table. */
export function rowOf(cover: readonly Capsule[]): number[][] {
  return cover.map(({ a, b, radius }) => [...a, ...b, radius]);
}
