import { describe, expect, it } from 'vitest';
import type { Quaternion, Vector3 } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { type Envelope, envelopeForRobot } from '../envelope.ts';
import type { ObstacleShape } from '../obstacle.ts';
import type { Findings } from './report.ts';
import { ArmPlaces, checkSpace } from './space.ts';

const ROBOT = loadRobot('panda');
const ENVELOPE = envelopeForRobot(ROBOT);

function check(envelope: Envelope): { errors: string[]; warnings: string[] } {
  const findings: Findings = { errors: [], warnings: [] };
  checkSpace(envelope, ROBOT, new ArmPlaces(envelope, ROBOT, 500), findings);
  const lines = (list: Findings['errors']) => list.map(({ place, reason }) => `${place}: ${reason}`);
  return { errors: lines(findings.errors), warnings: lines(findings.warnings) };
}

function keepOut(shape: ObstacleShape, position: Vector3, orientation: Quaternion = [0, 0, 0, 1]): Envelope {
  return {
    ...ENVELOPE,
    keep_out: [{ id: 'machine', shape, pose: { position, orientation }, velocity_m_per_s: [0, 0, 0] }],
  };
}

const within = (lower_m: Vector3, upper_m: Vector3): Envelope => ({ ...ENVELOPE, workspace: { lower_m, upper_m } });

describe('place of an envelope', () => {
  it('of the Panda has room, a table below the base too', () => {
    expect(check(ENVELOPE)).toEqual({ errors: [], warnings: [] });
    expect(check(keepOut({ type: 'box', size: [2, 2, 1] }, [0, 0, -0.5]))).toEqual({ errors: [], warnings: [] });
  });

  it('is found in workspaces no random position would hit, and missed out of reach', () => {
    const corners: Vector3[] = [
      [0.5, 0.3, 0.2],
      [-0.4, 0.5, 0.6],
      [0.1, -0.1, 1.1],
      [0.7, 0, 0.05],
    ];
    for (const [x, y, z] of corners) {
      const { errors } = check(within([x, y, z], [x + 1e-4, y + 1e-4, z + 1e-4]));
      expect(errors, `${x} ${y} ${z}`).toEqual([]);
    }
    const [line] = check(within([1, 0.5, 0], [2, 1, 1])).errors;
    expect(line).toMatch(/^workspace: infeasible: no position within the joint limits .* nearer than 0\.\d+ m/);
    const distance = Number(/nearer than ([\d.]+) m/.exec(line)?.[1]);
    // Shoulder at 0.333 m; the tool within 0.95 m of it, which is 1.12 m from the nearest point of the box.
    expect(distance).toBeGreaterThan(Math.hypot(1, 0.5) - 0.96);
    expect(distance).toBeLessThan(Math.hypot(1, 0.5) - 0.8);
  });

  it('is missing where the joint limits keep the arm away', () => {
    const far = within([0.5, 0.3, 0.2], [0.7, 0.5, 0.4]);
    expect(check(far).errors).toEqual([]);
    const joints = ENVELOPE.joints.map((joint, i) => ({
      ...joint,
      position_lower_rad: ROBOT.home_q[i] - 0.05,
      position_upper_rad: ROBOT.home_q[i] + 0.05,
    }));
    expect(check({ ...far, joints }).errors).toEqual([expect.stringMatching(/^workspace: infeasible: no position/)]);
    expect(check({ ...ENVELOPE, joints })).toEqual({ errors: [], warnings: [] });
  });

  it.each<[string, ObstacleShape, Vector3, RegExp]>([
    ['base', { type: 'sphere', radius: 0.2 }, [0, 0, 0], /^keep_out\.0: infeasible: holds a link/],
    ['whole arm', { type: 'cylinder', radius: 2, length: 4 }, [0, 0, 0], /^keep_out: infeasible: at all positions/],
    ['shoulder', { type: 'capsule', radius: 0.3, length: 0.1 }, [0, 0, 0.4], /^keep_out: infeasible: at all positions/],
  ])('is missing when the %s is inside a keep-out volume', (_name, shape, at, line) => {
    expect(check(keepOut(shape, at)).errors.some((error) => line.test(error))).toBe(true);
  });

  it('is narrow when the arm cannot be as far from itself as it should', () => {
    const wide = (self_m: number): Envelope => ({ ...ENVELOPE, clearance: { self_m, obstacle_m: 0.01 } });
    expect(check(wide(0.2)).warnings).toEqual([
      expect.stringMatching(/^clearance\.self_m: \d+ pairs of links are nearer .* not watched/),
    ]);
    expect(check(wide(2)).errors[0]).toMatch(/^clearance\.self_m: wider than an arm/);
  });

  it('turns keep-out volumes with their pose', () => {
    const plank: ObstacleShape = { type: 'box', size: [4, 0.02, 4] };
    expect(check(keepOut(plank, [0, 1, 0])).errors).toEqual([]);
    // By a quarter turn about x it lies flat, 0.08 m above the ground, through the base.
    const s = Math.SQRT1_2;
    expect(check(keepOut({ ...plank, size: [4, 0.2, 4] }, [0, 0, 0.08], [s, 0, 0, s])).errors).not.toEqual([]);
  });

  it('warns when the home pose is not one of it', () => {
    const joints = ENVELOPE.joints.map((joint, i) => (i === 1 ? { ...joint, position_lower_rad: -0.5 } : joint));
    expect(check({ ...ENVELOPE, joints })).toEqual({
      errors: [],
      warnings: [expect.stringMatching(/^joints\.1\.position_lower_rad: excludes the home pose/)],
    });
    expect(check(within([0.4, -0.3, 0], [0.7, 0.3, 0.8]))).toEqual({
      errors: [],
      warnings: [expect.stringMatching(/^workspace: excludes the tool at the home pose by 0\.\d+ m/)],
    });
    expect(check(keepOut({ type: 'sphere', radius: 0.15 }, [0.3, 0, 0.6]))).toEqual({
      errors: [],
      warnings: [expect.stringMatching(/^clearance: nearer to itself or to a keep-out volume/)],
    });
  });

  it('reaches as far as the stretched arm', () => {
    const reach = new ArmPlaces(ENVELOPE, ROBOT, 500).toolReach(ROBOT.home_q);
    // From the base's origin to the shoulder, up the arm without its elbow offset, and along hand and fingers.
    expect(reach).toBeGreaterThan(1.25);
    expect(reach).toBeLessThan(0.333 + 0.316 + 0.384 + 0.088 + 0.2104);
  });
});
