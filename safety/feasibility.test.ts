import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError, PACKAGE_ROOT } from '../contracts/index.ts';
import { loadRobot, type Robot } from '../robots/index.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import { type Envelope, envelopeForRobot } from './envelope.ts';
import { assertFeasible, checkEnvelope, findingLine } from './feasibility.ts';

const ROBOT = loadRobot('panda');
const ENVELOPE = envelopeForRobot(ROBOT);
const HZ = 500;

type JointEnvelope = Envelope['joints'][number];
const joint = (i: number, changed: Partial<JointEnvelope>): Envelope => ({
  ...ENVELOPE,
  joints: ENVELOPE.joints.map((limits, k) => (k === i ? { ...limits, ...changed } : limits)),
});
const tool = (changed: Partial<Envelope['tool']>): Envelope => ({
  ...ENVELOPE,
  tool: { ...ENVELOPE.tool, ...changed },
});

describe('feasibility of an envelope', () => {
  it('holds for every robot’s own envelope', () => {
    const ur = loadRobot(join(PACKAGE_ROOT, 'robots', 'golden', 'ur_like.urdf'));
    for (const robot of [ROBOT, loadRobot('panda', { gripper: false }), plainArm(), ur]) {
      for (const hz of [250, 500, 1000]) {
        const report = checkEnvelope(envelopeForRobot(robot), robot, hz);
        expect(report.errors, robot.name).toEqual([]);
        expect(report.feasible).toBe(true);
        expect(report.joints.map(({ name }) => name)).toEqual(robot.model.joint_names.slice(0, robot.arm_joints));
        expect(report.stop_time_s).toBe(Math.max(...report.joints.map(({ stop_time_s }) => stop_time_s)));
      }
    }
  });

  it('is the same twice', () => {
    expect(checkEnvelope(ENVELOPE, ROBOT, HZ)).toEqual(checkEnvelope(ENVELOPE, loadRobot('panda'), HZ));
  });

  it('of the Panda’s own table without margins is only warned of', () => {
    const { limits } = ROBOT;
    const joints = ENVELOPE.joints.map((own, i) => ({
      ...own,
      position_lower_rad: limits.position_lower[i],
      position_upper_rad: limits.position_upper[i],
      velocity_rad_per_s: limits.velocity[i],
      acceleration_rad_per_s2: limits.acceleration[i],
      jerk_rad_per_s3: limits.jerk[i],
      effort_Nm: limits.effort[i],
    }));
    const { errors, warnings } = checkEnvelope({ ...ENVELOPE, joints }, ROBOT, HZ);
    expect(errors).toEqual([]);
    expect(warnings.filter(({ reason }) => reason.includes('no margin'))).toHaveLength(6 * 7);
  });

  it.each<[string, Envelope, RegExp]>([
    ['robot', { ...ENVELOPE, robot: 'ur10' }, /^robot ur10: made for another robot; allowed: only panda$/],
    ['joints', { ...ENVELOPE, joints: ENVELOPE.joints.slice(1) }, /^joints 6 joints: .*allowed: only 7$/],
    ['joints.3.name', joint(3, { name: 'panda_joint5' }), /^joints\.3\.name panda_joint5.*only panda_joint4$/],
    ['tool.frame', tool({ frame: 'nose' }), /^tool\.frame nose: no link of panda.*panda_hand_tcp/],
    ['tool.frame', tool({ frame: 'panda_link0' }), /^tool\.frame panda_link0: a link that does not move/],
    ['joints.1.velocity_rad_per_s', joint(1, { velocity_rad_per_s: 2.2 }), /beyond .* allowed: at most 2\.175$/],
    ['joints.0.position_lower_rad', joint(0, { position_lower_rad: -3 }), /beyond .* allowed: at least -2\.8973$/],
    ['joints.6.jerk_rad_per_s3', joint(6, { jerk_rad_per_s3: 10001 }), /beyond .* allowed: at most 10000$/],
    ['joints.4.effort_Nm', joint(4, { effort_Nm: 13 }), /beyond .* allowed: at most 12$/],
    ['joints.4.effort_rate_Nm_per_s', joint(4, { effort_rate_Nm_per_s: 1500 }), /beyond .* allowed: at most 1000$/],
    ['joints.2.jerk_rad_per_s3', joint(2, { jerk_rad_per_s3: 2 }), /rounding .* allowed: at least 5$/],
    ['joints.2.acceleration_rad_per_s2', joint(2, { acceleration_rad_per_s2: 0.005 }), /rounding/],
    ['joints.2.velocity_rad_per_s', joint(2, { velocity_rad_per_s: 1e-5 }), /rounding/],
    [
      'joints.0.position_upper_rad − position_lower_rad',
      joint(0, { position_lower_rad: 0, position_upper_rad: 1e-8 }),
      /no motion is possible in so small a range/,
    ],
    [
      'joints.0.jerk_rad_per_s3',
      joint(0, { acceleration_rad_per_s2: 0.1 }),
      /infeasible: no stop exists from .* longer than 10 s/,
    ],
    ['joints.1.effort_Nm', joint(1, { effort_Nm: 20 }), /infeasible: no standstill exists at/],
    ['tool.speed_m_per_s', tool({ speed_m_per_s: 1e-6 }), /rounding/],
    ['tool.reduced_speed_m_per_s', tool({ reduced_speed_m_per_s: 1e-6 }), /rounding/],
    ['tool.acceleration_m_per_s2', tool({ acceleration_m_per_s2: 1e-3 }), /rounding/],
    ['stale_s', { ...ENVELOPE, stale_s: 0.003 }, /^stale_s 0\.003: shorter than two cycles.*at least 0\.004$/],
    ['late_s', { ...ENVELOPE, late_s: 0.001 }, /^late_s 0\.001: shorter than two cycles/],
    ['lease_s', { ...ENVELOPE, lease_s: 0.015 }, /^lease_s 0\.015: shorter than two periods.*at least 0\.02$/],
    ['gripper.max_width_m', { ...ENVELOPE, gripper: { max_width_m: 0.2, max_force_N: 70 } }, /at most 0\.08$/],
    ['gripper.max_force_N', { ...ENVELOPE, gripper: { max_width_m: 0.08, max_force_N: 99 } }, /at most 70$/],
    ['workspace', { ...ENVELOPE, workspace: { lower_m: [2, 0, 0], upper_m: [3, 1, 1] } }, /infeasible: no position/],
  ])('fails at %s', (place, envelope, line) => {
    const report = checkEnvelope(envelope, ROBOT, HZ);
    expect(report.feasible).toBe(false);
    const found = report.errors.find((error) => error.place === place);
    expect(report.errors.map((error) => findingLine(error)).join('; ')).toContain(place);
    expect(findingLine(found!)).toMatch(line);
  });

  it.each<[string, Envelope, RegExp]>([
    ['joints.1.velocity_rad_per_s', joint(1, { velocity_rad_per_s: 2.17 }), /no margin .* at most 2\.1515$/],
    [
      'joints.1.velocity_rad_per_s',
      joint(1, { position_lower_rad: -0.9, position_upper_rad: -0.7 }),
      /cannot be reached and stopped from .* at most 1\.\d+$/,
    ],
    ['joints.0.jerk_rad_per_s3', joint(0, { acceleration_rad_per_s2: 1 }), /a stop takes 2\.1\d s/],
    ['tracking_error_rad', { ...ENVELOPE, tracking_error_rad: 0.004 }, /one cycle of delay is a fault/],
    ['tool.reduced_speed_m_per_s', tool({ speed_m_per_s: 0.2 }), /reduces nothing/],
  ])('warns of %s', (place, envelope, line) => {
    const { feasible, warnings } = checkEnvelope(envelope, ROBOT, HZ);
    expect(feasible).toBe(true);
    const lines = warnings.filter((warning) => warning.place === place).map((warning) => findingLine(warning));
    expect(
      lines.some((text) => line.test(text)),
      lines.join('; '),
    ).toBe(true);
  });

  it('tells limits that are known from those that are assumed', () => {
    const robot: Robot = { ...ROBOT, motion_limits: 'assumed' };
    const faster = joint(3, { acceleration_rad_per_s2: 20, jerk_rad_per_s3: 20_000 });
    expect(checkEnvelope(faster, ROBOT, HZ).errors.map(({ place }) => place)).toEqual([
      'joints.3.acceleration_rad_per_s2',
      'joints.3.jerk_rad_per_s3',
    ]);
    const { errors, warnings } = checkEnvelope(faster, robot, HZ);
    expect(errors).toEqual([]);
    expect(warnings.filter(({ reason }) => reason.includes('not known'))).toHaveLength(2);
  });

  it('refuses a gripper where there is none, and a rate that is none', () => {
    const bare = loadRobot('panda', { gripper: false });
    expect(checkEnvelope(ENVELOPE, bare, HZ).errors.map(({ place }) => place)).toEqual(['gripper']);
    for (const hz of [0, -1, Number.NaN, Infinity])
      expect(() => checkEnvelope(ENVELOPE, ROBOT, hz)).toThrow(InputError);
  });

  it('asserted, throws one line with the first error and the count', () => {
    expect(() => assertFeasible(ENVELOPE, ROBOT, HZ)).not.toThrow();
    expect(() => assertFeasible(ENVELOPE, ROBOT, HZ)).not.toThrow();
    const bad = { ...joint(1, { effort_Nm: 20 }), stale_s: 0.001 };
    expect(() => assertFeasible(bad, ROBOT, HZ)).toThrow(InputError);
    expect(() => assertFeasible(bad, ROBOT, HZ)).toThrow(
      /^envelope of panda: stale_s 0\.001: [^\n]*; 2 errors in all, see surepick safety check-envelope$/,
    );
    expect(() => assertFeasible(ENVELOPE, ROBOT, 10_000)).toThrow(/rounding/);
  });
});
