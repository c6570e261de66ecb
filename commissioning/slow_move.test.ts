import { describe, expect, it } from 'vitest';
import { createRng, type JointTrajectory } from '../contracts/index.ts';
import { TrajectorySampler } from '../control/index.ts';
import { forwardKinematics, framePose, RobotData } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { slowMove } from './slow_move.ts';

const PANDA = loadRobot('panda', { visualMeshes: false });
const N = PANDA.arm_joints;

describe('slow move', () => {
  it('keeps the share of every limit and the tool speed, and ends at rest where it was to', () => {
    const rng = createRng(4, 'slow_move');
    const { position_lower, position_upper, velocity, acceleration } = PANDA.limits;
    for (let run = 0; run < 16; run++) {
      const draw = () => position_lower.slice(0, N).map((low, i) => rng.range(low, position_upper[i]));
      const [from, to] = [draw(), draw()];
      const share = rng.range(0.05, 1);
      const tool_speed_m_per_s = run % 2 === 0 ? 0.05 : Number.POSITIVE_INFINITY;
      const move = resampled(slowMove(PANDA, from, to, { share, tool_speed_m_per_s }));
      const points = move.time_s.length;
      let used = 0;
      for (let at = 0; at < points * N; at++) {
        const i = at % N;
        used = Math.max(
          used,
          Math.abs(move.velocity[at]) / velocity[i],
          Math.abs(move.acceleration[at]) / acceleration[i],
        );
      }
      expect(used, `run ${run}`).toBeLessThanOrEqual(share * 1.000001);
      expect(fastestTool(move.position, move.time_s)).toBeLessThanOrEqual(tool_speed_m_per_s * 1.02);
      for (let i = 0; i < N; i++) {
        expect(move.position[i]).toBe(from[i]);
        expect(move.position[(points - 1) * N + i]).toBeCloseTo(to[i], 12);
        expect(Math.abs(move.velocity[i]) + Math.abs(move.velocity[(points - 1) * N + i])).toBeLessThan(1e-12);
      }
    }
  });

  it('stands where there is no way to go', () => {
    const move = slowMove(PANDA, PANDA.home_q, PANDA.home_q, { share: 0.05, tool_speed_m_per_s: 0.05 });
    expect(move.time_s[move.time_s.length - 1]).toBeCloseTo(0.02, 12);
    expect(move.velocity.every((v) => v === 0)).toBe(true);
  });
});

/** As a controller follows it, every 20 ms. */
function resampled(move: JointTrajectory): JointTrajectory {
  const sampler = new TrajectorySampler(move.joint_names);
  sampler.load(move);
  const points = Math.ceil(sampler.duration_s / 0.02) + 1;
  const rows = () => new Float64Array(points * N);
  const out = { position: rows(), velocity: rows(), acceleration: rows() };
  const time_s = Float64Array.from({ length: points }, (_, k) => (sampler.duration_s * k) / (points - 1));
  const at = new Float64Array(3 * N);
  for (let k = 0; k < points; k++) {
    sampler.sample(time_s[k], at);
    out.position.set(at.subarray(0, N), k * N);
    out.velocity.set(at.subarray(N, 2 * N), k * N);
    out.acceleration.set(at.subarray(2 * N), k * N);
  }
  return { joint_names: move.joint_names, time_s, ...out };
}

/** Speed of the tool between samples, m/s. */
function fastestTool(position: Float64Array, time_s: Float64Array): number {
  const data = new RobotData(PANDA.model);
  const frame = PANDA.model.frames.findIndex(({ name }) => name === PANDA.tcp_frame);
  const pose = new Float64Array(12);
  const q = PANDA.home_q.slice();
  let most = 0;
  let last: number[] | null = null;
  for (let k = 0; k < time_s.length; k++) {
    q.set(position.subarray(k * N, (k + 1) * N));
    forwardKinematics(PANDA.model, data, q);
    framePose(PANDA.model, data, frame, pose);
    const here = [pose[9], pose[10], pose[11]];
    if (last !== null) {
      const [x, y, z] = last;
      most = Math.max(most, Math.hypot(here[0] - x, here[1] - y, here[2] - z) / (time_s[k] - time_s[k - 1]));
    }
    last = here;
  }
  return most;
}
