import { describe, expect, it } from 'vitest';
import { DEFAULT_BOARD, parseCalibration } from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { type CellCalibrationOptions, calibrateCell } from './calibrate_cell.ts';
import { calibrationTrial } from './calibration_trial.ts';

const robot = loadRobot('panda');
const DEGREE = Math.PI / 180;

describe('calibration of a simulated cell that is far from what its robot believes', () => {
  const cases = [
    ['wrist', 'motion'],
    ['overview', 'target'],
    ['overview', 'motion'],
    ['wrist', 'target'],
  ] as const;
  it.each(cases.slice(0, sweep(2, 4)))(
    'finds the %s camera by %s to a millimetre and a tenth of a degree',
    (camera, method) => {
      const trial = calibrationTrial(robot, { camera, method, seed: 0, level: 'hard', views: 20 });
      expect(trial.position_error_before_m).toBeGreaterThan(0.0015);
      expect(trial.position_error_to_arm_m).toBeLessThan(0.001);
      expect(trial.rotation_error_to_arm_rad).toBeLessThan(0.1 * DEGREE);
      // Six degrees of freedom: 22.5 is exceeded once in a thousand.
      expect(trial.pose_chi2).toBeLessThan(22.5);
      const { intrinsics } = trial.session.estimate;
      expect(Math.abs(intrinsics[0] / trial.truth.intrinsics[0] - 1)).toBeLessThan(0.002);
    },
    120_000,
  );

  it('gives the same file again, which can be read', () => {
    const options: CellCalibrationOptions = {
      cameras: ['wrist'],
      method: 'motion',
      level: 'train',
      seed: 3,
      views: 8,
      board: DEFAULT_BOARD,
      date: '2026-05-01T10:00:00Z',
    };
    const text = JSON.stringify(calibrateCell(robot, options).file);
    expect(JSON.stringify(calibrateCell(robot, options).file)).toBe(text);
    expect(parseCalibration(text, 'f.json').cameras[0].pictures.taken).toBe(8);
  }, 120_000);
});
