import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { type Block, blockPicture } from '../test/support/block_pictures.ts';
import { RegionsDescriber } from './describe_regions.ts';
import type { RgbdFrame } from './detector.ts';
import { FrameViewer } from './frame_viewer.ts';
import { partRegion } from './part_region.ts';
import { findRegions } from './regions.ts';

const RED = [200, 30, 30];
const ORANGE = [205, 110, 30];

/** From 0.7 m above by a camera of 700 pixels of focal length: 1 mm a pixel. */
function frameOf(blocks: readonly Block[], seed: number): RgbdFrame {
  const noise = { rng: createRng(seed).stream('blocks'), colour: 4, depth_m: 5e-4 };
  return blockPicture({ width: 160, height: 120, above_m: 0.7, focal_px: 700, noise }, blocks).frame;
}

const block = (u: readonly [number, number], v: readonly [number, number], rgb = RED, height_m = 0.04): Block => ({
  u,
  v,
  rgb,
  height_m,
});

/** Numbers of pixels of what a picture's only region falls into. */
function partsOf(blocks: readonly Block[]): number[] {
  const view = new FrameViewer().view(frameOf(blocks, 1));
  const [largest] = findRegions(view, null).sort((a, b) => b.pixels.length - a.pixels.length);
  return partRegion(view, largest.pixels).map((pixels) => pixels.length);
}

describe('things that touch', () => {
  it('are parted where one shape does not explain them: beside each other, at two heights', () => {
    const seen = (blocks: readonly Block[]): number => {
      const view = new FrameViewer().view(frameOf(blocks, 2));
      return new RegionsDescriber().describe(view, findRegions(view, null)).length;
    };
    expect(seen([block([20, 60], [20, 60]), block([60, 95], [40, 75])])).toBe(2);
    expect(seen([block([20, 60], [20, 60]), block([60, 95], [20, 60], RED, 0.05)])).toBe(2);
    expect(seen([block([20, 60], [20, 60]), block([60, 100], [60, 100]), block([100, 140], [30, 62])])).toBe(3);
  });

  it('and a single one is not, however it lies', () => {
    const seed = 5;
    const rng = createRng(seed).stream('single');
    for (let trial = 0; trial < 12; trial++) {
      const [u, v] = [20 + rng.int(30), 20 + rng.int(20)];
      const one = { ...block([u, u + 30 + rng.int(25)], [v, v + 30 + rng.int(25)]), slant: 0 };
      const view = new FrameViewer().view(frameOf([one], trial));
      const found = new RegionsDescriber().describe(view, findRegions(view, null));
      expect(found.length, `seed ${seed} trial ${trial} ${JSON.stringify(one)}`).toBe(1);
      const { box, log_odds_cylinder } = found[0].estimate;
      expect(log_odds_cylinder, `trial ${trial}`).toBeLessThan(0);
      const scale = (0.7 - 0.04) / 700;
      const sides = [box.a, box.b].sort();
      const truth = [(one.u[1] - one.u[0]) * scale, (one.v[1] - one.v[0]) * scale].sort();
      for (const k of [0, 1]) expect(Math.abs(sides[k] - truth[k]), `trial ${trial} side ${k}`).toBeLessThan(0.002);
    }
  });

  it('go to the part of their colour, and no pixel is lost or counted twice', () => {
    const blocks = [block([20, 60], [20, 60]), block([60, 100], [20, 60], ORANGE)];
    const view = new FrameViewer().view(frameOf(blocks, 3));
    const all = Int32Array.from(findRegions(view, null).flatMap(({ pixels }) => [...pixels])).sort();
    const parts = partRegion(view, all);
    expect(parts.map((part) => part.length).sort()).toEqual([1600, 1600]);
    expect([...new Set(parts.flatMap((part) => [...part]))]).toHaveLength(all.length);
  });

  it('are parted into the same pixels as there were', () => {
    expect(
      partsOf([block([20, 60], [20, 60]), block([60, 100], [60, 100]), block([60, 95], [30, 60])]).reduce(
        (a, b) => a + b,
      ),
    ).toBe(1600 + 1600 + 35 * 30);
  });
});
