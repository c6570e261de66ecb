import type { Rng } from '../../contracts/index.ts';
import type { Effects } from './effects.ts';

/**
 * Takes the depth (to 0) of discs of a picture, in place, as dark and shining surfaces do. So many discs that `area_share`
 * of the picture is covered, were they apart.
 */
export function punchHoles(
  depth: Float32Array,
  width: number,
  { area_share, radius_share }: Effects['depth_holes'],
  rng: Rng,
): void {
  const height = depth.length / width;
  const radius = Math.max(1, radius_share * width);
  const wanted = (area_share * depth.length) / (Math.PI * radius * radius);
  const count = Math.floor(wanted) + (rng.uniform() < wanted % 1 ? 1 : 0);
  for (let hole = 0; hole < count; hole++) {
    const [x, y] = [rng.range(0, width), rng.range(0, height)];
    const [top, bottom] = [Math.max(0, Math.ceil(y - radius)), Math.min(height - 1, Math.floor(y + radius))];
    for (let row = top; row <= bottom; row++) {
      const half = Math.sqrt(Math.max(0, radius * radius - (row - y) * (row - y)));
      const [from, to] = [Math.max(0, Math.ceil(x - half)), Math.min(width - 1, Math.floor(x + half))];
      depth.fill(0, row * width + from, row * width + to + 1);
    }
  }
}
