import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { forwardKinematics, RobotData, rnea } from '../../dynamics/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { type Envelope, envelopeForRobot } from '../envelope.ts';
import type { Findings } from './report.ts';
import { ArmPlaces } from './space.ts';
import { checkTorque } from './torque.ts';

const ROBOT = loadRobot('panda');
const ENVELOPE = envelopeForRobot(ROBOT);

function check(envelope: Envelope): { hold: number[]; findings: Findings } {
  const findings: Findings = { errors: [], warnings: [] };
  const torques = checkTorque(envelope, ROBOT, new ArmPlaces(envelope, ROBOT, 500), findings);
  return { hold: torques.map(({ hold_torque_Nm }) => hold_torque_Nm), findings };
}

/** Greatest gravity torques of random positions the envelope allows. */
function sampled(envelope: Envelope, count: number): number[] {
  const rng = createRng(54);
  const places = new ArmPlaces(envelope, ROBOT, 500);
  const data = new RobotData(ROBOT.model);
  const tau = new Float64Array(ROBOT.model.nq);
  const q = ROBOT.home_q.slice();
  const greatest = envelope.joints.map(() => 0);
  for (let k = 0; k < count; k++) {
    envelope.joints.forEach((joint, i) => {
      q[i] = rng.range(joint.position_lower_rad, joint.position_upper_rad);
    });
    if (envelope.workspace !== null && !places.allows(q)) continue;
    forwardKinematics(ROBOT.model, data, q);
    rnea(ROBOT.model, data, null, null, tau);
    for (let i = 0; i < greatest.length; i++) greatest[i] = Math.max(greatest[i], Math.abs(tau[i]));
  }
  return greatest;
}

const withEffort = (envelope: Envelope, joint: number, effort_Nm: number): Envelope => ({
  ...envelope,
  joints: envelope.joints.map((limits, i) => (i === joint ? { ...limits, effort_Nm } : limits)),
});

describe('torque of an envelope', () => {
  it('to stand still is at least what random positions need, and enough is allowed', () => {
    const { hold, findings } = check({ ...ENVELOPE, workspace: null });
    const least = sampled({ ...ENVELOPE, workspace: null }, 30_000);
    hold.forEach((torque, i) => {
      expect(torque, `joint ${i}`).toBeGreaterThanOrEqual(least[i] - 1e-9);
      expect(torque, `joint ${i}`).toBeLessThan(1.15 * least[i] + 0.05);
    });
    expect(findings.errors).toEqual([]);
    expect(findings.warnings.map(({ place }) => place)).toEqual(['joints']);
  });

  it('that is a little short is an error which names where', () => {
    const { hold } = check(ENVELOPE);
    for (const i of [1, 2, 3, 4, 5]) {
      expect(check(withEffort(ENVELOPE, i, hold[i] * 1.001)).findings.errors).toEqual([]);
      const { errors } = check(withEffort({ ...ENVELOPE, workspace: null }, i, hold[i] * 0.99)).findings;
      expect(errors).toHaveLength(1);
      expect(errors[0].place).toBe(`joints.${i}.effort_Nm`);
      expect(errors[0].reason).toMatch(/no standstill exists at \[.*\], where gravity needs [\d.]+ Nm/);
    }
  });

  it('is not asked for outside the workspace', () => {
    const near: Envelope = { ...ENVELOPE, workspace: { lower_m: [0.2, -0.2, 0.3], upper_m: [0.4, 0.2, 0.7] } };
    const least = sampled(near, 60_000)[1];
    const far = check(near).hold[1];
    expect(least).toBeLessThan(0.85 * far);
    const decided = check(withEffort(near, 1, 0.9 * far));
    expect(decided.findings.errors).toEqual([]);
    expect(decided.hold[1]).toBeGreaterThan(0.95 * least);
    expect(check(withEffort(near, 1, 0.9 * least)).findings.errors).toHaveLength(1);
  });
});
