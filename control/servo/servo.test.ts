import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { frameIndex, poseFrom12 } from '../../dynamics/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../../test/support/heap.ts';
import {
  createRig,
  HOME,
  judgeRandomArm,
  judgeRandomCommands,
  LIMITS,
  N,
  PANDA,
  toolPose,
} from '../../test/support/servo_sweeps.ts';

const HZ = 500;

/** Where the tool's origin went, along axes of `R` (row-major): m. */
function wayIn(R: ArrayLike<number>, from: Float64Array, to: Float64Array): number[] {
  const way = [0, 1, 2].map((k) => to[9 + k] - from[9 + k]);
  return [0, 1, 2].map((axis) => [0, 1, 2].reduce((sum, k) => sum + R[3 * k + axis] * way[k], 0));
}

describe('servo: twists', () => {
  it.each([500, 1000])('moves the tool straight at the speed asked for, at %i Hz', (hz) => {
    const rig = createRig(hz);
    const start = toolPose(rig.q);
    rig.run(hz / 2, () => rig.servo.setTwist([0, 0.2, -0.1, 0, 0, 0]));
    const between = toolPose(rig.q);
    rig.run(hz / 2, () => rig.servo.setTwist([0, 0.2, -0.1, 0, 0, 0]));
    const end = toolPose(rig.q);
    expect(rig.servo.status.state).toBe('following');
    expect((end[10] - between[10]) / 0.5).toBeCloseTo(0.2, 3);
    expect((end[11] - between[11]) / 0.5).toBeCloseTo(-0.1, 3);
    expect(Math.abs(end[9] - start[9])).toBeLessThan(1e-3);
    for (let k = 0; k < 9; k++) expect(Math.abs(end[k] - start[k])).toBeLessThan(2e-3);
  });

  it('takes a twist along the axes of the base, the tool or a camera, about the origin of the tool', () => {
    const frames = [PANDA.model.root_link, PANDA.tcp_frame, 'wrist_camera_optical_frame'];
    for (const frame of frames) {
      const rig = createRig();
      const start = toolPose(rig.q);
      const axes = toolPose(rig.q, frameIndex(PANDA.model, frame));
      rig.run(200, () => rig.servo.setTwist([0, 0, 0.1, 0, 0, 0], frame));
      const way = wayIn(axes, start, toolPose(rig.q));
      expect(way[2], frame).toBeGreaterThan(0.03);
      expect(Math.hypot(way[0], way[1]), frame).toBeLessThan(1e-3);
      const turning = createRig();
      turning.run(200, () => turning.servo.setTwist([0, 0, 0, 0, 0, 0.4], frame));
      expect(Math.hypot(...wayIn(axes, start, toolPose(turning.q))), frame).toBeLessThan(1e-3);
    }
  });

  it('leaves out dimensions that are not commanded, and lets others drift', () => {
    const rig = createRig();
    const all = [true, true, true, true, true, true];
    rig.servo.setDimensions(
      [true, false, true, true, true, true],
      all.map(() => false),
    );
    const start = toolPose(rig.q);
    rig.run(200, () => rig.servo.setTwist([0.1, 0.2, 0, 0, 0, 0]));
    expect(toolPose(rig.q)[9] - start[9]).toBeGreaterThan(0.02);
    expect(Math.abs(toolPose(rig.q)[10] - start[10])).toBeLessThan(1e-3);

    const drifting = createRig();
    drifting.servo.setDimensions(all, [false, false, false, true, true, true]);
    drifting.run(400, () => drifting.servo.setTwist([0, 0, -0.2, 0, 0, 0]));
    const way = wayIn([1, 0, 0, 0, 1, 0, 0, 0, 1], start, toolPose(drifting.q));
    expect(way[2]).toBeLessThan(-0.1);
    expect(Math.hypot(way[0], way[1])).toBeLessThan(2e-3);
    const turned = toolPose(drifting.q)
      .subarray(0, 9)
      .some((value, k) => Math.abs(value - start[k]) > 0.02);
    expect(turned, 'the hand may turn').toBe(true);
  });

  it('slows a twist that is too fast for the tool and says so', () => {
    const rig = createRig();
    const start = toolPose(rig.q);
    rig.run(100, () => rig.servo.setTwist([0, 3, 0, 0, 0, 0]));
    const from = toolPose(rig.q);
    expect(rig.servo.status.reason).toBe('velocity_limit');
    expect(rig.servo.status.share).toBeCloseTo(1 / 6, 3);
    rig.run(20, () => rig.servo.setTwist([0, 3, 0, 0, 0, 0]));
    expect(wayIn([1, 0, 0, 0, 1, 0, 0, 0, 1], from, toolPose(rig.q))[1] * 25).toBeCloseTo(0.5, 2);
    expect(Math.abs(toolPose(rig.q)[9] - start[9])).toBeLessThan(1e-3);
  });
});

describe('servo: targets', () => {
  it('brings the tool straight to poses, and joints to positions, for random ones near home', () => {
    for (let seed = 0; seed < 6; seed++) {
      const rng = createRng(seed, 'servo target');
      const q = HOME.map((value) => value + rng.range(-0.25, 0.25));
      const rig = createRig();
      const target = poseFrom12(toolPose(q));
      rig.run(1500, () => rig.servo.setPose(target));
      const reached = toolPose(rig.q);
      const wanted = toolPose(q);
      for (let k = 0; k < 12; k++) expect(Math.abs(reached[k] - wanted[k]), `seed ${seed}`).toBeLessThan(1e-5);
      expect(rig.worst_velocity, `seed ${seed}`).toBeLessThanOrEqual(1 + 1e-9);

      const joints = createRig();
      joints.run(1500, () => joints.servo.setJoints(q));
      for (let i = 0; i < N; i++) expect(Math.abs(joints.q[i] - q[i]), `seed ${seed}`).toBeLessThan(1e-5);
    }
  });

  it('places what a moving camera saw by where the camera was then, and expects nothing beyond it', () => {
    const frame = 'wrist_camera_optical_frame';
    const index = frameIndex(PANDA.model, frame);
    const rig = createRig();
    const goal = toolPose(HOME.map((value, i) => value + (i === 0 ? 0.2 : 0)));
    rig.run(100, () => rig.servo.setTwist([0, 0.2, 0, 0, 0, 0]));
    // Pictures at 20 Hz, each told 60 ms after it was taken.
    const late = 30;
    let seen: { pose: ReturnType<typeof poseFrom12>; cycle: number } | null = null;
    rig.run(1500, (k) => {
      if (k % 25 === 0) seen = { pose: inFrame(toolPose(rig.q, index), goal), cycle: k };
      if (seen !== null && k === seen.cycle + late - 25 * Math.floor(late / 25)) {
        rig.servo.setCameraPose(frame, seen.pose, (k - seen.cycle + 1) / HZ);
      }
    });
    const reached = toolPose(rig.q);
    for (let k = 0; k < 12; k++) expect(Math.abs(reached[k] - goal[k])).toBeLessThan(1e-4);
    rig.run(200);
    expect(rig.servo.status.reason).toBe('stale');
    expect(() => rig.servo.setCameraPose(frame, poseFrom12(goal), 5)).toThrow(InputError);
  });
});

/** A pose (12) seen in a frame (12). */
function inFrame(frame: Float64Array, pose: Float64Array) {
  const out = new Float64Array(12);
  for (let r = 0; r < 3; r++) {
    for (let c = 0; c < 3; c++) for (let k = 0; k < 3; k++) out[3 * r + c] += frame[3 * k + r] * pose[3 * k + c];
    for (let k = 0; k < 3; k++) out[9 + r] += frame[3 * k + r] * (pose[9 + k] - frame[9 + k]);
  }
  return poseFrom12(out);
}

describe('servo: limits', () => {
  it('keeps velocity, acceleration, jerk and positions under random commands', () => {
    for (let seed = 0; seed < 2; seed++) judgeRandomCommands(seed);
  });

  it('slows towards the limit of a joint, names it, and leaves it at full speed', () => {
    const rig = createRig();
    const towards = new Float64Array(N);
    towards[5] = 1;
    rig.run(2000, () => rig.servo.setJointVelocity(towards));
    expect(rig.servo.status.reason).toBe('joint_limit');
    expect(rig.servo.status.describe()).toContain('panda_joint6');
    expect(LIMITS.position_upper[5] - rig.q[5]).toBeLessThan(1e-3);
    rig.run(100, () => rig.servo.setJointVelocity(towards.map((v) => -v)));
    expect(rig.servo.status.state).toBe('following');
    expect(rig.gate.lastCommand.velocity[5]).toBeCloseTo(-1, 6);
  });

  it('goes on past the limit of one joint where the others can make up for it', () => {
    const start = PANDA.home_q.slice();
    start[0] = LIMITS.position_upper[0] - 0.03;
    const rig = createRig(HZ, start);
    // Along the circle about the first joint, in the sense in which it is at its limit.
    const [x, y] = toolPose(start).subarray(9, 11);
    const radius = Math.hypot(x, y);
    const twist = [(-0.12 * y) / radius, (0.12 * x) / radius, 0, 0, 0, 0];
    rig.run(150, () => rig.servo.setTwist(twist));
    const from = toolPose(rig.q);
    rig.run(250, () => rig.servo.setTwist(twist));
    expect(rig.servo.status.state, rig.servo.status.describe()).toBe('following');
    const way = wayIn([1, 0, 0, 0, 1, 0, 0, 0, 1], from, toolPose(rig.q));
    expect(way[0]).toBeCloseTo(0.5 * twist[0], 3);
    expect(way[1]).toBeCloseTo(0.5 * twist[1], 3);
    expect(LIMITS.position_upper[0] - rig.q[0]).toBeLessThan(0.02);
    expect(rig.worst_position).toBeLessThanOrEqual(0);
  });

  it('keeps the limits of arms of any number and kind of joints', () => {
    for (let seed = 0; seed < 7; seed++) judgeRandomArm(seed);
  });

  it('slows towards a stretched arm, and leaves it at full speed', () => {
    const rig = createRig();
    const out = [0.1, 0, 0.05, 0, 0, 0];
    let slow = 0;
    rig.run(3000, () => {
      rig.servo.setTwist(out);
      if (rig.servo.status.reason === 'singularity') slow++;
    });
    expect(slow).toBeGreaterThan(100);
    expect(rig.servo.status.singular_value).toBeGreaterThan(0.005);
    expect(rig.moving).toBe(false);
    const from = toolPose(rig.q);
    rig.run(150, () => rig.servo.setTwist(out.map((v) => -v)));
    expect(rig.servo.status.state, rig.servo.status.describe()).toBe('following');
    const before = toolPose(rig.q);
    rig.run(50, () => rig.servo.setTwist(out.map((v) => -v)));
    expect((toolPose(rig.q)[9] - before[9]) * 10).toBeCloseTo(-0.1, 2);
    expect(toolPose(rig.q)[9]).toBeLessThan(from[9]);
  });
});

describe('servo: halts', () => {
  it('comes to rest within the limits on a stale command, says so, and goes on with the next', () => {
    const rig = createRig();
    rig.run(300, () => rig.servo.setTwist([0, 0.4, 0, 0, 0, 0]));
    rig.run(49);
    expect(rig.servo.status.state).toBe('following');
    rig.run(5);
    expect(rig.servo.status).toMatchObject({ state: 'halted', reason: 'stale' });
    expect(rig.servo.status.describe()).toMatch(/no command for 0\.10\d s/);
    rig.run(150);
    expect(rig.moving).toBe(false);
    expect(rig.request.kind).toBe('none');
    expect(rig.worst_acceleration).toBeLessThanOrEqual(1 + 1e-7);
    rig.run(100, () => rig.servo.setTwist([0, 0.4, 0, 0, 0, 0]));
    expect(rig.servo.status.state).toBe('following');
    expect(rig.moving).toBe(true);
  });

  it('counts the age a command had when it came', () => {
    const rig = createRig();
    rig.run(10, (k) => {
      if (k === 0) rig.servo.setTwist([0, 0.4, 0, 0, 0, 0], PANDA.model.root_link, 0.095);
    });
    expect(rig.servo.status.reason).toBe('stale');
  });

  it('drops the command when the gate stops, and does not go on by itself', () => {
    const rig = createRig();
    rig.run(100, () => rig.servo.setTwist([0, 0.2, 0, 0, 0, 0]));
    rig.gate.mode = 'protective_stop';
    rig.gate.lastCommand.velocity.fill(0);
    rig.gate.lastCommand.acceleration.fill(0);
    rig.run(10);
    expect(rig.servo.status.reason).toBe('gate');
    rig.gate.mode = 'automatic';
    rig.run(10);
    expect(rig.moving).toBe(false);
    expect(rig.request.kind).toBe('none');
  });

  it('gives way where something holds the arm, and halts on request', () => {
    const rig = createRig();
    rig.run(100, () => {
      rig.servo.setTwist([0, 0.3, 0, 0, 0, 0]);
      rig.state.position[0] = HOME[0] - 0.05;
    });
    expect(rig.servo.status.reason).toBe('held');
    const other = createRig();
    other.run(100, () => other.servo.setTwist([0, 0.3, 0, 0, 0, 0]));
    other.servo.halt();
    other.run(150);
    expect(other.moving).toBe(false);
    expect(other.servo.status.describe()).toBe('halted on request');
  });

  it('refuses what it cannot use, and keeps the command in force', () => {
    const { servo } = createRig();
    expect(() => servo.setTwist([0, 0, Number.NaN, 0, 0, 0])).toThrow('twist[2] = NaN');
    expect(() => servo.setTwist([0, 0, 0])).toThrow('must have 6');
    expect(() => servo.setTwist([0, 0, 0, 0, 0, 0], 'nowhere')).toThrow('servo frame nowhere');
    expect(() => servo.setTwist([0, 0, 0, 0, 0, 0], PANDA.tcp_frame, -1)).toThrow('age_s');
    expect(() => servo.setPose({ position: [0, 0, 0], orientation: [0, 0, 0, 0] })).toThrow('unit quaternion');
    expect(() => servo.setJoints([1, 2])).toThrow('must have 7');
    expect(() => servo.setDimensions([], [])).toThrow(InputError);
    expect(servo.commanded).toBe(false);
  });
});

it('a cycle of the servo allocates nothing', () => {
  const rig = createRig();
  const twist = [0, 0.1, 0, 0, 0, 0.1];
  const growth = heapGrowthPerCall(
    () => {
      rig.servo.setTwist(twist);
      twist[1] = rig.cycle++ % 400 < 200 ? 0.1 : -0.1;
      rig.request.kind = 'none';
      rig.servo.update(0, rig.state, rig.gate, rig.request);
      rig.gate.lastCommand.position.set(rig.request.values);
      rig.state.position.set(rig.request.values);
    },
    2000,
    BOXED_NUMBER,
  );
  expect(rig.servo.commanded).toBe(true);
  expect(growth).toBeLessThan(BOXED_NUMBER + 1);
});
