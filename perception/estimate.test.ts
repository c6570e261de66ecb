import { describe, expect, it } from 'vitest';
import { createRng, type Detection } from '../contracts/index.ts';
import { type Block, blockPicture } from '../test/support/block_pictures.ts';
import { RegionsDescriber } from './describe_regions.ts';
import { toDetection } from './estimate.ts';
import { FrameViewer } from './frame_viewer.ts';
import type { ObjectEstimate } from './geometry/index.ts';
import { findRegions } from './regions.ts';

const WIDTH = 160;

/** The only thing in a picture from 0.7 m above: 1 mm a pixel. */
function seen(block: Pick<Block, 'u' | 'v'>, seed: number): { detection: Detection; estimate: ObjectEstimate } {
  const noise = { rng: createRng(seed).stream('estimate'), colour: 4, depth_m: 5e-4 };
  const blocks = [{ ...block, height_m: 0.04, rgb: [200, 30, 30] }];
  const { frame } = blockPicture({ width: WIDTH, height: 120, above_m: 0.7, focal_px: 700, noise }, blocks);
  const view = new FrameViewer().view(frame);
  const [{ region, estimate }] = new RegionsDescriber().describe(view, findRegions(view, null));
  return { detection: toDetection(0, view, region, estimate, 0, 1), estimate };
}

const yawSigma = ({ covariance }: Detection): number => (180 / Math.PI) * Math.sqrt(covariance[35]);

describe('the yaw of a box', () => {
  it('is stated with a quarter of a turn where the picture cuts off which side is the longer', () => {
    for (let seed = 0; seed < 5; seed++) {
      const { detection } = seen({ u: [WIDTH - 26, WIDTH], v: [40, 82] }, seed);
      expect(detection.class, `seed ${seed}`).toBe('box');
      expect(yawSigma(detection), `seed ${seed}`).toBeGreaterThan(40);
    }
  });

  it('is stated as it is measured where both sides are in view, and where the hidden one is the longer anyway', () => {
    for (let seed = 0; seed < 5; seed++) {
      expect(yawSigma(seen({ u: [40, 82], v: [40, 70] }, seed).detection), `seed ${seed}`).toBeLessThan(3);
      expect(yawSigma(seen({ u: [40, 80], v: [40, 80] }, seed).detection), `seed ${seed} square`).toBeLessThan(3);
      const cut = seen({ u: [WIDTH - 72, WIDTH], v: [40, 70] }, seed).detection;
      expect(yawSigma(cut), `seed ${seed} cut`).toBeLessThan(3);
    }
  });
});

describe('how sure a shape is', () => {
  it('is known of the one that is taken, and not asked of one that nobody takes', () => {
    const { detection, estimate } = seen({ u: [40, 82], v: [40, 70] }, 1);
    expect(estimate.log_odds_cylinder).toBeLessThan(-20);
    expect(detection.covariance.every(Number.isFinite)).toBe(true);
    expect(estimate.box.covariance.every(Number.isFinite)).toBe(true);
    expect(estimate.cylinder.covariance.every((value) => value === Number.POSITIVE_INFINITY)).toBe(true);
    expect(estimate.cylinder.visible).toBeGreaterThan(0.5);
  });
});
