import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { forwardKinematics, RobotData, rnea } from '../dynamics/index.ts';
import { loadRobot, type Robot, withPayload } from '../robots/index.ts';
import type { StateSample } from './arm_on_bus.ts';
import { judgeSpeed } from './stages/speed.ts';
import { torqueResidual } from './torque_residual.ts';

const PANDA = loadRobot('panda', { visualMeshes: false });
const N = PANDA.arm_joints;
const NAMES = PANDA.model.joint_names.slice(0, N);

/** Joint states of an arm that swings all its joints, torques by recursive Newton-Euler of what it truly is. */
function swing(truly: Robot, friction_Nm = 0, noise_Nm = 0, hz = 200): StateSample[] {
  const rng = createRng(2, 'torque_residual');
  const data = new RobotData(truly.model);
  const { nq } = truly.model;
  const [q, v, a, tau] = Array.from({ length: 4 }, () => new Float64Array(nq));
  return Array.from({ length: 2 * hz }, (_, k) => {
    const t = k / hz;
    for (let i = 0; i < nq; i++) {
      const w = i < N ? 2 + 0.3 * i : 0;
      q[i] = PANDA.home_q[i] + 0.2 * Math.sin(w * t);
      v[i] = 0.2 * w * Math.cos(w * t);
      a[i] = -0.2 * w * w * Math.sin(w * t);
    }
    forwardKinematics(truly.model, data, q);
    rnea(truly.model, data, v, a, tau);
    const effort = tau
      .slice(0, N)
      .map((x, i) => x + (i === 1 ? friction_Nm * Math.sign(v[1]) : 0) + noise_Nm * rng.normal());
    return { stamp_s: t, arrived_s: t, names: NAMES, position: q.slice(0, N), velocity: v.slice(0, N), effort };
  });
}

const most = (residual: Float64Array | null) => Math.max(...(residual ?? [Number.NaN]));

describe('torque residual', () => {
  it('is next to nothing for an arm as described, and as large as the noise', () => {
    expect(most(torqueResidual(swing(PANDA), PANDA))).toBeLessThan(0.05);
    const noisy = torqueResidual(swing(PANDA, 0, 0.3), PANDA);
    for (const residual of noisy ?? []) expect(Math.abs(residual - 0.3)).toBeLessThan(0.05);
  });

  it('shows friction at its joint, and a load in the joints that carry it', () => {
    const rubbed = torqueResidual(swing(PANDA, 5), PANDA) ?? new Float64Array(N);
    expect(rubbed[1]).toBeCloseTo(5, 1);
    expect(Math.max(...rubbed.filter((_, i) => i !== 1))).toBeLessThan(0.05);
    const loaded = withPayload(PANDA, { mass_kg: 2 });
    expect(torqueResidual(swing(loaded), PANDA)?.[1]).toBeGreaterThan(5);
    expect(most(torqueResidual(swing(loaded), loaded))).toBeLessThan(0.05);
  });

  it('is unknown without torques, and without a motion', () => {
    const silent = swing(PANDA).map((sample) => ({ ...sample, effort: new Float64Array(N).fill(Number.NaN) }));
    expect(torqueResidual(silent, PANDA)).toBeNull();
    expect(torqueResidual(swing(PANDA).slice(0, 3), PANDA)).toBeNull();
  });
});

describe('speed stage', () => {
  it('passes an arm that keeps to its path, and warns of the joint that drags', () => {
    const good = judgeSpeed(
      [0.0001, 0.0005, 0.001],
      0.25,
      PANDA,
      Float64Array.from(NAMES, () => 0.3),
    );
    expect(good).toMatchObject({ verdict: 'passed', findings: [{ severity: 'note' }] });
    const drags = judgeSpeed(
      [0.001],
      0.25,
      PANDA,
      Float64Array.from(NAMES, (_, i) => (i === 3 ? 20 : 0.3)),
    );
    expect(drags.verdict).toBe('passed');
    expect(drags.findings[1].what).toMatch(/^panda_joint4 needs 20\.0 Nm/);
  });

  it('fails one that leaves it, and one of which nothing is known', () => {
    expect(judgeSpeed([0.001, 0.02], 1, PANDA, null).verdict).toBe('failed');
    expect(judgeSpeed([], 1, PANDA, null).verdict).toBe('failed');
  });
});
