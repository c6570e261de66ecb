import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { drawnPose, moved } from '../../test/support/random_pose.ts';
import { poseError } from './pose_error.ts';
import { FREE_YAW, type PoseRegion, regionError, samplePoseRegion } from './pose_region.ts';

const EXACT: PoseRegion = { ...FREE_YAW, yaw_lower_rad: 0, yaw_upper_rad: 0 };
const BOX: PoseRegion = {
  position_lower_m: [-0.1, 0, -0.02],
  position_upper_m: [0.1, 0, 0.05],
  yaw_lower_rad: -0.5,
  yaw_upper_rad: 1,
  tilt_rad: 0.2,
};

const error = new Float64Array(6);
const free = new Float64Array(18);
const size = (e: Float64Array): number => Math.hypot(...e);

describe('pose regions', () => {
  test('without freedom a region is its pose', () => {
    const rng = createRng(2);
    const plain = new Float64Array(6);
    for (let trial = 0; trial < 200; trial++) {
      const target = drawnPose(rng);
      const tool = moved(
        target,
        Float64Array.from({ length: 6 }, () => rng.range(-1e-4, 1e-4)),
      );
      regionError(target, EXACT, tool, error, free);
      poseError(target, tool, plain);
      for (let k = 0; k < 6; k++) expect(error[k], `trial ${trial}`).toBeCloseTo(plain[k], 7);
      for (let k = 0; k < 18; k++) expect(free[k], `trial ${trial}`).toBeCloseTo((k % 9) % 4 === 0 ? 1 : 0, 12);
    }
  });

  test('drawn poses of a region are inside it, wherever its target is', () => {
    const rng = createRng(3);
    const tool = new Float64Array(12);
    for (let trial = 0; trial < 1000; trial++) {
      const target = drawnPose(rng);
      const region = trial % 2 === 0 ? BOX : FREE_YAW;
      samplePoseRegion(target, region, rng, tool);
      regionError(target, region, tool, error, free);
      expect(size(error), `trial ${trial}`).toBeLessThan(1e-7);
    }
  });

  test('following the error of a pose outside leads into the region', () => {
    const rng = createRng(4);
    for (let trial = 0; trial < 300; trial++) {
      const target = drawnPose(rng);
      const region = [BOX, FREE_YAW, EXACT][trial % 3];
      let tool = drawnPose(rng);
      for (let k = 0; k < 60; k++) {
        regionError(target, region, tool, error, free);
        tool = moved(tool, error);
      }
      regionError(target, region, tool, error, free);
      expect(size(error), `trial ${trial}`).toBeLessThan(1e-7);
    }
  });
});
