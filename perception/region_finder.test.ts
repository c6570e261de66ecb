import { expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { type Block, blockPicture } from '../test/support/block_pictures.ts';
import { FrameViewer } from './frame_viewer.ts';
import { RegionFinder } from './region_finder.ts';

const PAINTS = [
  [200, 30, 30],
  [40, 150, 50],
  [30, 50, 180],
];

test('finds the same whatever it found before, in pictures of any size, and with the gate as a list', () => {
  const seed = 21;
  const rng = createRng(seed).stream('finder');
  const used = new RegionFinder();
  let found = 0;
  for (let trial = 0; trial < 30; trial++) {
    const [width, height] = [48 + 16 * rng.int(4), 40 + 8 * rng.int(3)];
    const blocks = Array.from({ length: 1 + rng.int(4) }, (): Block => {
      const [u, v] = [rng.int(width - 12), rng.int(height - 12)];
      return { u: [u, u + 6 + rng.int(7)], v: [v, v + 6 + rng.int(7)], height_m: 0.04, rgb: PAINTS[rng.int(3)] };
    });
    const view = new FrameViewer().view(blockPicture({ width, height, above_m: 1, focal_px: 300 }, blocks).frame);
    const gate = Uint8Array.from({ length: width * height }, (_, i) => (i % width < 0.7 * width ? 1 : 0));
    const within = Int32Array.from(gate.keys()).filter((i) => gate[i] === 1);
    for (const where of [null, gate]) {
      const fresh = new RegionFinder().find(view, where);
      expect(used.find(view, where), `seed ${seed} trial ${trial}`).toEqual(fresh);
      found += fresh.length;
    }
    expect(used.find(view, gate, within, within.length), `seed ${seed} trial ${trial}`).toEqual(used.find(view, gate));
  }
  expect(found).toBeGreaterThan(60);
});
