import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData, rnea } from '../../dynamics/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { climb, startPositions, wander } from './extreme.ts';

const ROBOT = loadRobot('panda');
const LOWER = ROBOT.limits.position_lower;
const UPPER = ROBOT.limits.position_upper;
const REVOLUTE = new Uint8Array(ROBOT.arm_joints);

describe('search for a greatest value over joint positions', () => {
  it('finds at least what 20,000 random positions find, of gravity and of distance', () => {
    const rng = createRng(51);
    const data = new RobotData(ROBOT.model);
    const tau = new Float64Array(ROBOT.model.nq);
    const pose = new Float64Array(12);
    const tool = frameIndex(ROBOT.model, ROBOT.tcp_frame);
    const values = Array.from({ length: ROBOT.arm_joints + 1 }, (_, i) => (q: Float64Array): number => {
      forwardKinematics(ROBOT.model, data, q);
      if (i < ROBOT.arm_joints) {
        rnea(ROBOT.model, data, null, null, tau);
        return tau[i];
      }
      framePose(ROBOT.model, data, tool, pose);
      return pose[9] ** 2 + pose[10] ** 2 + (pose[11] - 0.3) ** 2;
    });
    const random = startPositions(ROBOT.home_q, LOWER, UPPER, 20_000).slice(2);
    values.forEach((value, i) => {
      const sampled = Math.max(...random.map(value));
      const starts = startPositions(ROBOT.home_q, LOWER, UPPER, 12);
      const found = Math.max(
        ...starts.map((q) => climb({ lower: LOWER, upper: UPPER, prismatic: REVOLUTE, value }, q)),
      );
      expect(found, `value ${i}`).toBeGreaterThanOrEqual(sampled - 1e-9);
      for (const q of starts) {
        for (let j = 0; j < ROBOT.arm_joints; j++) {
          expect(q[j] >= LOWER[j] && q[j] <= UPPER[j], `value ${i}: joint ${j} at ${q[j]}`).toBe(true);
          // No joint alone improves a maximum.
          const at = value(q);
          const here = q[j];
          q[j] = rng.range(LOWER[j], UPPER[j]);
          expect(value(q), `value ${i}: joint ${j} from ${here} to ${q[j]}`).toBeLessThan(
            at + 1e-3 + 1e-3 * Math.abs(at),
          );
          q[j] = here;
        }
      }
    });
  });

  it('takes a sliding joint to an end', () => {
    const value = (q: Float64Array) => Math.cos(q[0] - 1) + q[1];
    const search = { lower: [-3, -1], upper: [3, 2], prismatic: [0, 1], value };
    const q = Float64Array.of(-2, 0);
    expect(climb(search, q)).toBe(value(q));
    expect(q[0]).toBeCloseTo(1, 6);
    expect(q[1]).toBe(2);
  });

  it('wanders up to the border of what counts', () => {
    const value = (q: Float64Array) => Math.cos(q[0] - 1) + q[1];
    const search = { lower: [-3, -1], upper: [3, 2], prismatic: [0, 1], value };
    const mend = (q: Float64Array): boolean => {
      q[1] = Math.min(q[1], 0.5);
      return q[0] < 0;
    };
    const q = Float64Array.of(-2, 0);
    expect(wander(search, q, mend, createRng(56))).toBe(value(q));
    expect(q[0]).toBeLessThan(0);
    expect(q[0]).toBeGreaterThan(-0.01);
    expect(q[1]).toBeCloseTo(0.5, 2);
  });
});
