import type { Rng, Shape } from '../../contracts/index.ts';

/** A box, cylinder or sphere, its sides or diameter between two lengths (m). */
export function randomShape(rng: Rng, least_m: number, most_m: number): Shape {
  const size = (): number => rng.range(least_m, most_m);
  const kind = rng.int(3);
  if (kind === 0) return { type: 'box', size: [size(), size(), size()] };
  if (kind === 1) return { type: 'cylinder', radius: size() / 2, length: size() };
  return { type: 'sphere', radius: size() / 2 };
}
