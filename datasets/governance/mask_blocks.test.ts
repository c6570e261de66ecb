import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { BLOCK_PX, MaskBlocks } from './mask_blocks.ts';

describe('MaskBlocks', () => {
  it('covers every pixel of random polygons, and no block that is far from them', () => {
    const rng = createRng(11, 'polygons');
    for (let trial = 0; trial < 200; trial++) {
      const [width, height] = [33 + rng.int(200), 33 + rng.int(150)];
      const corners = Array.from(
        { length: 3 + rng.int(5) },
        () => [rng.range(-20, width), rng.range(-20, height)] as const,
      );
      const blocks = new MaskBlocks(width, height);
      blocks.coverPolygon(corners);
      for (let k = 0; k < 300; k++) {
        const [u, v] = [rng.range(0, width - 1), rng.range(0, height - 1)];
        if (windingParity(corners, u, v)) expect(blocks.isMasked(u, v), `trial ${trial}: ${u}, ${v}`).toBe(true);
        const away = Math.min(...corners.map((corner, i) => distance(corner, corners[(i + 1) % corners.length], u, v)));
        if (!windingParity(corners, u, v) && away > BLOCK_PX * Math.SQRT2)
          expect(blocks.isMasked(u, v), `trial ${trial}: ${u}, ${v} is ${away} away`).toBe(false);
      }
    }
  });

  it('carries over to a picture of another size, outwards', () => {
    const small = new MaskBlocks(80, 60);
    small.coverBox(20, 20, 10, 10);
    const large = new MaskBlocks(160, 120);
    large.coverSame(small);
    for (let v = 32; v < 64; v++) for (let u = 32; u < 64; u++) expect(large.isMasked(u, v)).toBe(true);
    expect(large.isMasked(31, 40)).toBe(false);
  });
});

/** Angle sum, another way than the crossings of the product; true for an odd number of turns. */
function windingParity(corners: readonly (readonly [number, number])[], x: number, y: number): boolean {
  let turned = 0;
  corners.forEach(([x1, y1], k) => {
    const [x2, y2] = corners[(k + 1) % corners.length];
    const angle = Math.atan2(y2 - y, x2 - x) - Math.atan2(y1 - y, x1 - x);
    turned += angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
  });
  return Math.abs(Math.round(turned / (2 * Math.PI))) % 2 === 1;
}

function distance(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  x: number,
  y: number,
): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const share = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - x1 - share * dx, y - y1 - share * dy);
}
