import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { type Envelope, envelopeForRobot } from '../envelope.ts';
import { JointGuard } from '../joint_guard.ts';
import { ToolGuard } from '../tool_guard.ts';
import type { Findings } from './report.ts';
import { checkToolMotion } from './tool.ts';

const ROBOT = loadRobot('panda');
const ENVELOPE = envelopeForRobot(ROBOT);
const HZ = 500;

function check(tool: Partial<Envelope['tool']>): { speed: number | null; places: string[] } {
  const findings: Findings = { errors: [], warnings: [] };
  const speed = checkToolMotion({ ...ENVELOPE, tool: { ...ENVELOPE.tool, ...tool } }, ROBOT, HZ, findings);
  expect(findings.errors).toEqual([]);
  return { speed, places: findings.warnings.map(({ place }) => place) };
}

describe('tool limits of an envelope', () => {
  it('without an acceleration limit leave every speed', () => {
    expect(check({ speed_m_per_s: 1 })).toEqual({ speed: null, places: [] });
    expect(check({ speed_m_per_s: 0.1 }).places).toEqual(['tool.reduced_speed_m_per_s']);
  });

  it('say which speed cannot be stopped from', () => {
    expect(check({ speed_m_per_s: 1.7, acceleration_m_per_s2: 100 }).places).toEqual([]);
    expect(check({ speed_m_per_s: 1.7, acceleration_m_per_s2: 13 }).places).toEqual(['tool.acceleration_m_per_s2']);
    expect(check({ speed_m_per_s: 1.7, acceleration_m_per_s2: 2 }).places).toEqual([
      'tool.speed_m_per_s',
      'tool.acceleration_m_per_s2',
    ]);
  });

  it('agree with the guard of the tool: no joint alone is let in faster, and some nearly as fast', () => {
    const rng = createRng(55);
    const joints = ENVELOPE.joints.map(
      (joint) =>
        new JointGuard(
          {
            position_lower: joint.position_lower_rad,
            position_upper: joint.position_upper_rad,
            velocity: joint.velocity_rad_per_s,
            acceleration: joint.acceleration_rad_per_s2,
            jerk: joint.jerk_rad_per_s3,
          },
          HZ,
        ),
    );
    const guard = new ToolGuard(ROBOT, ENVELOPE.tool.frame, joints, HZ);
    for (const limit of [1, 3, 6]) {
      const { speed } = check({ acceleration_m_per_s2: limit });
      guard.acceleration_limit = limit;
      let fastest = 0;
      for (let k = 0; k < 15_000; k++) {
        joints.forEach((joint) => {
          joint.reset(rng.range(joint.bounds.position_lower, joint.bounds.position_upper));
        });
        const joint = joints[k % 4];
        joint.v = joint.bounds.velocity * rng.range(0.3, 1);
        joint.p -= joint.v / HZ;
        joint.next_v = joint.v;
        joint.next_p = joint.p + joint.v / HZ;
        joint.tail.velocity = joint.v;
        joint.tail.acceleration = 0;
        joint.tail.solve();
        guard.speed_limit = Infinity;
        if (!guard.allows()) continue;
        guard.speed_limit = Math.max(fastest, 1e-3);
        while (!guard.allows()) guard.speed_limit *= 1.01;
        fastest = guard.speed_limit;
      }
      expect(fastest, `limit ${limit}`).toBeLessThanOrEqual(1.02 * (speed ?? 0));
      expect(fastest, `limit ${limit}`).toBeGreaterThan(0.8 * (speed ?? Infinity));
    }
  });
});
