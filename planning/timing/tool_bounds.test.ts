import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { forwardKinematics, frameIndex, frameJacobian, RobotData } from '../../dynamics/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { blendCorners } from './corners.ts';
import type { MotionSamples } from './spline_motion.ts';
import { timePath } from './time_path.ts';
import type { ToolBounds, ToolLimits } from './tool_bounds.ts';

const robot = loadRobot('panda');
const { model } = robot;
const n = robot.arm_joints;
const data = new RobotData(model);
const frame = frameIndex(model, robot.tcp_frame);
const full = robot.home_q.slice();
const J = new Float64Array(6 * model.nq);

function twist(q: Float64Array, dq: Float64Array, out: Float64Array): void {
  full.set(q.subarray(0, n));
  forwardKinematics(model, data, full);
  frameJacobian(model, data, frame, J);
  for (let r = 0; r < 6; r++) out[r] = dq.reduce((sum, v, j) => sum + J[r * model.nq + j] * v, 0);
}

/** Largest tool speed, turn rate and their rates of change over the samples. */
function toolPeaks({ rows, dt_s, position, velocity }: MotionSamples): Required<ToolLimits> {
  const peaks = [0, 0, 0, 0];
  const last = new Float64Array(6);
  const now = new Float64Array(6);
  for (let k = 0; k < rows; k++) {
    twist(position.subarray(k * n, k * n + n), velocity.subarray(k * n, k * n + n), now);
    for (const part of [0, 1]) {
      const v = now.subarray(3 * part, 3 * part + 3);
      const change = v.map((x, i) => x - last[3 * part + i]);
      peaks[part] = Math.max(peaks[part], Math.hypot(...v));
      peaks[2 + part] = Math.max(peaks[2 + part], Math.hypot(...change) / dt_s);
    }
    last.set(now);
  }
  const [speed_m_s, turn_rad_s, acceleration_m_s2, turn_rad_s2] = peaks;
  return { speed_m_s, turn_rad_s, acceleration_m_s2, turn_rad_s2 };
}

const KEYS = ['speed_m_s', 'turn_rad_s', 'acceleration_m_s2', 'turn_rad_s2'] as const;

describe('bounds on the tool', () => {
  test('each alone and all together hold, cost time, and are reached', () => {
    for (let seed = 0; seed < 6; seed++) {
      const rng = createRng(seed, 'tool');
      const path = Array.from({ length: 2 + (seed % 3) }, () =>
        Float64Array.from({ length: n }, (_, j) => robot.home_q[j] + rng.range(-0.8, 0.8)),
      );
      const rounded = blendCorners(path, n, () => true);
      const timed = (limits: ToolLimits) => {
        const tool: ToolBounds = { limits, twist };
        return timePath(rounded, robot.limits, { tool });
      };
      const free = timed({});
      const peaks = toolPeaks(free.samples());
      const half: Required<ToolLimits> = {
        speed_m_s: peaks.speed_m_s / 2,
        turn_rad_s: peaks.turn_rad_s / 2,
        acceleration_m_s2: peaks.acceleration_m_s2 / 2,
        turn_rad_s2: peaks.turn_rad_s2 / 2,
      };
      for (const key of KEYS) {
        const motion = timed({ [key]: half[key] });
        const share = toolPeaks(motion.samples())[key] / half[key];
        expect(share, `seed ${seed}, ${key}`).toBeLessThan(1 + 1e-3);
        expect(share, `seed ${seed}, ${key}`).toBeGreaterThan(0.85);
        expect(motion.duration_s, `seed ${seed}, ${key}`).toBeGreaterThan(free.duration_s);
      }
      const together = toolPeaks(timed(half).samples());
      for (const key of KEYS) expect(together[key] / half[key], `seed ${seed}, ${key}`).toBeLessThan(1 + 1e-3);
    }
  });
});
