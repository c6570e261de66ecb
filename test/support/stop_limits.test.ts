import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadRobot } from '../../robots/index.ts';
import { type CycleRow, MotionLog, RecordedMotion } from '../../runtime/index.ts';
import { envelopeForRobot } from '../../safety/index.ts';
import { limitShares } from './stop_limits.ts';

const HZ = 500;
const robot = loadRobot('panda', { visualMeshes: false });
const { joints } = envelopeForRobot(robot);
const N = robot.arm_joints;

/** A log in which joint 2 is slowed down by this much of its acceleration limit in every cycle. */
function slowedBy(part: number): RecordedMotion {
  const folder = mkdtempSync(join(tmpdir(), 'limits-'));
  const log = new MotionLog(N);
  const step = (part * joints[1].acceleration_rad_per_s2) / HZ;
  for (let k = 0; k < 10; k++) {
    const v = new Float64Array(N);
    v[1] = 1 - k * step;
    log.add(k / HZ, k, 'following', robot.home_q.slice(0, N), v);
  }
  try {
    log.write(join(folder, 'motion'));
    return new RecordedMotion(join(folder, 'motion'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function sent(velocities: readonly number[]): CycleRow[] {
  return velocities.map((v, cycle) => ({
    ...{ cycle, t_s: cycle / HZ, lateness_s: 0, lease_valid: true, mode: 'automatic', sequence: cycle, stop_time_s: 0 },
    velocity: Array.from({ length: N }, (_, i) => (i === 1 ? v : 0)),
  }));
}

it.each([0.5, 1, 2])('finds %f of the acceleration limit in a log', (part) => {
  expect(limitShares(robot, slowedBy(part), 2, 9, HZ, []).acceleration).toBeCloseTo(part, 9);
});

it('finds more torque the harder the arm is slowed down, over the limit where it must be', () => {
  const shares = [0, 1, 4, 20].map((part) => limitShares(robot, slowedBy(part), 2, 9, HZ, []).torque);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares[0]).toBeLessThan(1);
  expect(shares[3]).toBeGreaterThan(1);
});

it('finds acceleration and jerk of what was sent, over the limits too', () => {
  const { acceleration_rad_per_s2: a, jerk_rad_per_s3: j } = joints[1];
  const motion = slowedBy(0);
  const step = (2 * a) / HZ;
  const found = limitShares(robot, motion, 2, 9, HZ, sent([1, 1, 1 - step, 1 - 2 * step]));
  expect(found.sent_acceleration).toBeCloseTo(2, 9);
  expect(found.sent_jerk).toBeCloseTo((2 * a * HZ) / j, 9);
  expect(limitShares(robot, motion, 2, 9, HZ, []).sent_jerk).toBeNull();
});
