import { describe, expect, it } from 'vitest';
import { loadRobot } from '../../robots/index.ts';
import { calibrationTrial } from './calibration_trial.ts';

const robot = loadRobot('panda');
const CELLS = 50;
const DEGREE = Math.PI / 180;

const share = (values: readonly number[], limit: number) =>
  values.filter((value) => value < limit).length / values.length;

describe('calibration over fifty drawn cells, hard', () => {
  it.each([
    ['overview', 'motion'],
    ['wrist', 'motion'],
    ['overview', 'target'],
    ['wrist', 'target'],
  ] as const)(
    '%s by %s',
    (camera, method) => {
      const trials = Array.from({ length: CELLS }, (_, seed) =>
        calibrationTrial(robot, { camera, method, seed, level: 'hard' }),
      );
      const position = trials.map((trial) => trial.position_error_to_arm_m);
      const rotation = trials.map((trial) => trial.rotation_error_to_arm_rad);
      expect(share(position, 0.001), position.join(' ')).toBeGreaterThanOrEqual(0.9);
      expect(share(rotation, 0.1 * DEGREE), rotation.join(' ')).toBeGreaterThanOrEqual(0.9);
      // Chi-square of six degrees of freedom: 12.6 at 95 %.
      expect(
        share(
          trials.map((trial) => trial.pose_chi2),
          12.6,
        ),
      ).toBeGreaterThanOrEqual(0.84);
    },
    3_600_000,
  );
});
