import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData, rnea } from '../dynamics/index.ts';
import { loadRobot } from './index.ts';
import { PANDA_URDF } from './load.ts';

const GOLDEN = join(PACKAGE_ROOT, 'robots', 'golden');

describe('the Panda', () => {
  const robot = loadRobot('panda');
  const { model, limits } = robot;
  const data = new RobotData(model);

  const place = (name: string, q: ArrayLike<number>) => {
    const pose = new Float64Array(12);
    forwardKinematics(model, data, Float64Array.from(q));
    framePose(model, data, frameIndex(model, name), pose);
    return pose;
  };

  test('has seven joints and one finger coordinate on nine bodies', () => {
    expect([model.nq, model.nb, robot.arm_joints]).toEqual([8, 9, 7]);
    expect(model.joint_names).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((i) => `panda_joint${i}`).concat('panda_finger_joint1'),
    );
    expect(robot.gripper).toEqual({ coordinate: 7, max_width_m: 0.08, max_force_N: 70, max_speed_m_s: 0.05 });
    expect(robot.tcp_frame).toBe('panda_hand_tcp');
  });

  test('has the published limits', () => {
    expect([...limits.position_lower]).toEqual([-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973]);
    expect([...limits.position_upper]).toEqual([2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973]);
    expect([...limits.velocity]).toEqual([2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61]);
    expect([...limits.acceleration]).toEqual([15, 7.5, 10, 12.5, 15, 20, 20]);
    expect([...limits.jerk]).toEqual([7500, 3750, 5000, 6250, 7500, 10000, 10000]);
    expect([...limits.effort]).toEqual([87, 87, 87, 87, 12, 12, 12]);
  });

  test('reaches as far as its data sheet says: 0.855 m from the shoulder to the wrist centre', () => {
    const outstretched = [0, Math.PI / 2, 0, 0, 0, 0, 0, 0];
    const wrist = place('panda_link6', outstretched);
    expect(wrist[9]).toBeCloseTo(0.316 + 0.384, 12);
    expect(wrist[11]).toBeCloseTo(0.333, 12);
    expect(0.316 + 0.384 + 0.088 + 0.067).toBeCloseTo(0.855, 12);
  });

  test('holds its tool straight down at home, clear of the table and within limits', () => {
    const tool = place('panda_hand_tcp', robot.home_q);
    expect(tool[8]).toBeLessThan(-0.9999);
    expect(tool[11]).toBeGreaterThan(0.3);
    expect(Math.abs(tool[10])).toBeLessThan(0.001);
    robot.home_q.forEach((q, i) => {
      expect(q).toBeGreaterThanOrEqual(model.position_lower[i]);
      expect(q).toBeLessThanOrEqual(model.position_upper[i]);
    });
  });

  test('opens its fingers along the hand, y to either side of the tool', () => {
    const q = [...robot.home_q.slice(0, 7), 0.03];
    const hand = place('panda_hand', q);
    const left = place('panda_leftfinger', q);
    const right = place('panda_rightfinger', q);
    for (let k = 0; k < 3; k++) {
      expect(left[9 + k] - right[9 + k]).toBeCloseTo(0.06 * hand[3 * k + 1], 12);
      expect((left[9 + k] + right[9 + k]) / 2 - hand[9 + k]).toBeCloseTo(0.0584 * hand[3 * k + 2], 12);
    }
  });

  test('looks along the tool with its wrist camera, the fingers at the lower edge of the picture', () => {
    const hand = place('panda_hand', robot.home_q);
    const camera = place('wrist_camera_optical_frame', robot.home_q);
    for (let k = 0; k < 3; k++) {
      expect(camera[3 * k + 2]).toBeCloseTo(hand[3 * k + 2], 12);
      expect(camera[3 * k]).toBeCloseTo(hand[3 * k + 1], 12);
      expect(camera[3 * k + 1]).toBeCloseTo(-hand[3 * k], 12);
    }
  });

  test('can hold itself up anywhere within its torque limits', () => {
    const tau = new Float64Array(8);
    let worst = 0;
    for (let a = -1.7; a <= 1.7; a += 0.2) {
      for (let b = -3; b <= -0.1; b += 0.2) {
        for (let c = 0; c <= 3.7; c += 0.4) {
          forwardKinematics(model, data, Float64Array.of(0, a, 0, b, 0, c, 0, 0.04));
          rnea(model, data, null, null, tau);
          for (let i = 0; i < 7; i++) worst = Math.max(worst, Math.abs(tau[i]) / limits.effort[i]);
        }
      }
    }
    expect(worst).toBeLessThan(0.7);
  });

  test('without gripper is the same arm and hand, lighter by two fingers', () => {
    const bare = loadRobot('panda', { gripper: false });
    expect([bare.model.nq, bare.model.nb, bare.gripper]).toEqual([7, 7, null]);
    expect(bare.home_q).toHaveLength(7);
    expect(bare.model.frames.some(({ name }) => /finger/.test(name))).toBe(false);
    expect(bare.tcp_frame).toBe('panda_hand_tcp');
    const total = (masses: Float64Array) => masses.reduce((sum, m) => sum + m, 0);
    expect(total(model.mass) - total(bare.model.mass)).toBeCloseTo(0.03, 12);
    expect(bare.model.mass[6]).toBeCloseTo(0.735522 + 0.73, 12);
  });

  test('every body has shapes to see and to collide with', () => {
    for (let b = -1; b < model.nb; b++) {
      expect(model.collision.filter(({ body }) => body === b).length).toBeGreaterThan(0);
      expect(model.visual.filter(({ body }) => body === b).length).toBeGreaterThan(0);
    }
  });
});

describe('any robot', () => {
  test('gets finite limits, a home within them, and the tip of its longest chain as tool', () => {
    for (const file of ['ur_like.urdf', 'tree_0.urdf', 'tree_1.urdf', 'tree_2.urdf', 'tree_3.urdf']) {
      const robot = loadRobot(join(GOLDEN, file));
      const { limits, model } = robot;
      expect(robot.gripper).toBeNull();
      expect(frameIndex(model, robot.tcp_frame)).toBeGreaterThanOrEqual(0);
      for (const values of [limits.velocity, limits.acceleration, limits.jerk]) {
        expect(values).toHaveLength(robot.arm_joints);
        expect(values.every((x) => x > 0 && Number.isFinite(x))).toBe(true);
      }
      robot.home_q.forEach((q, i) => {
        expect(q >= model.position_lower[i] && q <= model.position_upper[i]).toBe(true);
      });
    }
    expect(loadRobot(join(GOLDEN, 'ur_like.urdf'))).toMatchObject({ tcp_frame: 'tool0', arm_joints: 6 });
  });

  test('a Panda from any URDF moves as its manufacturer allows, at most as fast as the file says; others as assumed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'surepick-urdf-'));
    const own = loadRobot('panda').limits;
    const text = readFileSync(PANDA_URDF, 'utf8');
    const load = (name: string, edited: string) => {
      writeFileSync(join(folder, name), edited);
      return loadRobot(join(folder, name));
    };
    const hasty = load('hasty.urdf', text.replaceAll('velocity="2.61"', 'velocity="9"'));
    expect(hasty).toMatchObject({ motion_limits: 'manufacturer', limits: own });
    const slow = load('slow.urdf', text.replaceAll('velocity="2.61"', 'velocity="1"'));
    expect([...slow.limits.velocity]).toEqual([2.175, 2.175, 2.175, 2.175, 1, 1, 1]);
    expect(slow.limits.acceleration).toEqual(own.acceleration);
    expect(load('other.urdf', text.replaceAll('panda_joint3', 'elbow')).motion_limits).toBe('assumed');
    rmSync(folder, { recursive: true });
  });

  test('loaded twice is the same robot, and shares nothing that can be written', () => {
    const [a, b] = [loadRobot('panda'), loadRobot('panda')];
    expect(a).toEqual(b);
    a.home_q[0] = 1;
    a.model.mass[0] = 9;
    expect(b.home_q[0]).toBe(0);
    expect(b.model.mass[0]).not.toBe(9);
  });
});
