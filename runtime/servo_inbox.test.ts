import { afterEach, describe, expect, it } from 'vitest';
import { OPERATING_MODES } from '../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, poseFrom12, RobotData } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { LockStep } from '../test/support/lock_step.ts';
import { FLAGS } from './control_memory.ts';
import { RemoteServo } from './remote_servo.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const HZ = 500;
const N = robot.arm_joints;

let rig: LockStep;
let servo: RemoteServo;
/** Cycles in which the gate sent nothing while it waited for its first grant. */
let stopped = 0;
afterEach(() => rig.close());

/** The core in lock-step, and who commands its servo from the other side. */
function start(): void {
  rig = new LockStep();
  servo = new RemoteServo(robot, rig.memory, { now_s: () => rig.state.t_s });
  ({ stopped } = rig.state);
}

function run(cycles: number, command: () => void = () => {}, every = 10): void {
  for (let k = 0; k < cycles; k++) {
    if (k % every === 0) command();
    rig.cycle();
    servo.read();
  }
}

function toolPose(q: Float64Array = rig.state.reference) {
  const data = new RobotData(robot.model);
  const pose = new Float64Array(12);
  forwardKinematics(robot.model, data, Float64Array.of(...q, 0.04));
  framePose(robot.model, data, frameIndex(robot.model, robot.tcp_frame), pose);
  return poseFrom12(pose);
}

/** Speed of the tool over the next cycles (m/s). */
function toolSpeed(cycles: number, command: () => void): number {
  const from = toolPose().position;
  run(cycles, command);
  const to = toolPose().position;
  return Math.hypot(...to.map((x, k) => x - from[k])) / (cycles / HZ);
}

const account = () => `${servo.account.state}: ${servo.account.reason}`;

describe('a servo in the control thread', () => {
  it('moves the tool by the twists that come, and halts by itself when none comes any more', () => {
    start();
    const twist = [0, 0.1, -0.05, 0, 0, 0];
    const sideways = () => servo.setTwist(twist);
    run(200, sideways);
    const from = toolPose();
    run(250, sideways);
    const to = toolPose();
    for (let k = 0; k < 3; k++) expect((to.position[k] - from.position[k]) / 0.5).toBeCloseTo(twist[k], 3);
    for (let k = 0; k < 4; k++) expect(to.orientation[k]).toBeCloseTo(from.orientation[k], 4);
    expect(account()).toBe('following: none');
    // Whoever commands is gone, and with the last command 0.1 s old the arm slows down.
    const speeds: number[] = [];
    for (let k = 0; k < 200; k++) speeds.push(toolSpeed(1, () => {}));
    const slower = speeds.findIndex((speed) => speed < 0.98 * Math.hypot(...twist));
    expect(slower / HZ).toBeGreaterThan(0.07);
    expect(slower / HZ).toBeLessThan(0.1 + 2 / HZ);
    expect(rig.state).toMatchObject({ mode: 'automatic', limited: 0, stopped, at_rest: true });
    expect(account()).toBe('halted: stale');
    expect(servo.account.detail).toMatch(/^no command for 0\.10\d s$/);
  });

  it('counts from when a command was made, whenever it comes', () => {
    start();
    run(100, () => servo.setTwist([0, 0.1, 0, 0, 0, 0], robot.model.root_link, 0.15));
    expect(account()).toBe('halted: stale');
    expect(toolSpeed(1, () => {})).toBe(0);
    run(100, () => servo.setTwist([0, 0.1, 0, 0, 0, 0], robot.model.root_link, 0.05));
    expect(account()).toBe('following: none');
  });

  it('moves single joints, goes to poses, and to what a camera sees', () => {
    start();
    const before = rig.state.reference.slice();
    const jog = Float64Array.from({ length: N }, (_, j) => (j === 2 ? 0.2 : 0));
    run(300, () => servo.setJointVelocity(jog));
    rig.state.reference.forEach((q, j) => {
      if (j === 2) expect(q - before[j]).toBeGreaterThan(0.08);
      else expect(Math.abs(q - before[j])).toBeLessThan(1e-9);
    });
    const start_pose = toolPose();
    const [x, y, z] = start_pose.position;
    const goal = { ...start_pose, position: [x + 0.03, y - 0.04, z + 0.02] } as const;
    run(800, () => servo.setPose(goal));
    goal.position.forEach((value, k) => {
      expect(toolPose().position[k]).toBeCloseTo(value, 4);
    });
    // The tool's own frame as a camera: it sees where it is to go 20 mm along its own axis.
    const ahead = { position: [0, 0, -0.02], orientation: [0, 0, 0, 1] } as const;
    servo.setCameraPose(robot.tcp_frame, ahead, 0);
    run(140);
    const gone_m = Math.hypot(...toolPose().position.map((value, k) => value - goal.position[k]));
    expect(Math.abs(gone_m - 0.02)).toBeLessThan(1e-3);
    expect(servo.account.refused).toBe(0);
    expect(rig.state).toMatchObject({ mode: 'automatic', limited: 0, stopped });
  });

  it('gives way to a trajectory, and refuses commands until it is over', () => {
    start();
    const sideways = () => servo.setTwist([0, 0.1, 0, 0, 0, 0]);
    run(50, sideways);
    servo.halt();
    run(150);
    expect(account()).toBe('halted: requested');
    expect(rig.move(50)).toBe('');
    run(100, sideways);
    expect(servo.account).toMatchObject({ refused: 10, refusal: 'servo command: a trajectory is being followed' });
    run(800);
    expect(rig.state.follower_outcome).toBe('done');
    run(100, sideways);
    expect(account()).toBe('following: none');
    // One that starts while the servo has a command ends that command.
    servo.setTwist([0, 0, 0, 0, 0, 0]);
    run(150, () => servo.setTwist([0, 0, 0, 0, 0, 0]));
    expect(rig.state.at_rest).toBe(true);
    expect(rig.move(50)).toBe('');
    run(20);
    expect(account()).toBe('halted: requested');
    run(900);
    expect(rig.state).toMatchObject({ follower_outcome: 'done', limited: 0, stopped });
  });

  it('refuses what it cannot be told with its own words, and goes on', () => {
    start();
    run(20);
    for (const [wrong, words] of [
      [() => servo.setTwist([0, Number.NaN, 0, 0, 0, 0]), /^twist\[1\] = NaN: must be finite$/],
      [() => servo.setTwist([0, 0, 0, 0, 0, 0], 'nowhere'), /^servo frame nowhere: /],
      [() => servo.setPose({ position: [0, 0, 0], orientation: [0, 0, 0, 2] }), /^orientation of length 2: /],
      [() => servo.setCameraPose(robot.tcp_frame, toolPose(), 5), /^age_s 5\.\d* of what /],
    ] as const) {
      wrong();
      run(20);
      expect(servo.account.refusal).toMatch(words);
    }
    expect(servo.account.refused).toBe(4);
    expect(rig.state).toMatchObject({ mode: 'automatic', at_rest: true });
  });

  it('is stopped with the arm, and moves it again only when it is commanded after the reset', () => {
    start();
    const sideways = () => servo.setTwist([0, 0.1, 0, 0, 0, 0]);
    run(100, sideways);
    rig.supervisor_alive = false;
    run(60, sideways);
    rig.rest();
    expect(rig.state.mode).toBe('protective_stop');
    run(20, sideways);
    expect(account()).toBe('halted: gate');
    rig.supervisor_alive = true;
    expect(rig.ask('reset')).toBe('');
    const q = rig.state.reference.slice();
    run(200);
    expect(rig.state).toMatchObject({ mode: 'automatic', at_rest: true });
    expect(rig.state.reference).toEqual(q);
    run(100, sideways);
    expect(account()).toBe('following: none');
  });

  it('keeps the speed of the operating mode, so that the gate has nothing to cut', () => {
    start();
    const fast = () => servo.setTwist([0, 0.4, 0, 0, 0, 0]);
    run(150, fast);
    expect(toolSpeed(50, fast)).toBeGreaterThan(0.38);
    run(250);
    run(150, () => servo.setTwist([0, -0.4, 0, 0, 0, 0]));
    run(250);
    const reduced = (body: Float64Array) => {
      body[0] = OPERATING_MODES.indexOf('reduced');
    };
    Atomics.store(new Int32Array(rig.memory.flags), FLAGS.enabled, 1);
    expect(rig.ask('mode', reduced)).toBe('');
    const { limited } = rig.state;
    run(150, fast);
    const speed = toolSpeed(50, fast);
    // The surface of the hand is faster than the tool in its middle.
    expect(speed).toBeGreaterThan(0.17);
    expect(speed).toBeLessThan(0.25);
    expect(rig.state.limited).toBe(limited);
  });
});

describe('targets of a learned policy', () => {
  const targets = (changes: Readonly<Record<number, number>>, width_m = 0.05) =>
    Float64Array.from({ length: N + 2 }, (_, j) => {
      if (j >= N) return j === N ? width_m : 30;
      return robot.home_q[j] + (changes[j] ?? 0);
    });

  it('bring the arm and the fingers there as commands of a policy, and no farther when none comes any more', () => {
    start();
    run(500, () => servo.setTargets(targets({ 0: 0.1, 3: -0.05 }), 0));
    expect(rig.core.loop.gate.source).toBe('policy');
    expect(rig.state.reference[0]).toBeCloseTo(robot.home_q[0] + 0.1, 6);
    expect(rig.state.reference[3]).toBeCloseTo(robot.home_q[3] - 0.05, 6);
    expect(rig.state.gripper_width_m).toBeCloseTo(0.05, 3);
    expect(servo.account).toMatchObject({ state: 'following', reason: 'none', share: 1 });
    servo.setTargets(targets({ 0: 0.6 }), 0.1);
    run(49);
    expect(Math.abs(rig.state.velocity[0])).toBeGreaterThan(0.02);
    run(300);
    expect(rig.state).toMatchObject({ mode: 'automatic', at_rest: true, limited: 0, stopped });
    expect(rig.state.reference[0]).toBeLessThan(robot.home_q[0] + 0.3);
    expect(account()).toBe('halted: stale');
    servo.setTargets(targets({}), 0.3);
    run(10);
    expect(servo.account.refusal).toMatch(/^targets of a policy, 0\.30\d s old: under 0\.2 s$/);
  });

  it('wait at a speed of 0 and say so, and go on at the next', () => {
    start();
    const away = () => servo.setTargets(targets({ 0: 0.6 }), 0);
    run(60, away);
    expect(rig.ask('speed', (body) => body.fill(0, 0, 1))).toBe('');
    run(300, away);
    expect(rig.state.at_rest).toBe(true);
    expect(servo.account).toMatchObject({ state: 'halted', reason: 'requested', share: 0 });
    expect(rig.ask('speed', (body) => body.fill(0.5, 0, 1))).toBe('');
    run(60, away);
    expect(rig.state.at_rest).toBe(false);
    expect(servo.account).toMatchObject({ state: 'following', share: 0.5 });
  });

  it('give way to a trajectory, to a person who steers and to a stop, and to nothing that was before it', () => {
    start();
    const away = () => servo.setTargets(targets({ 0: 0.6 }), 0);
    run(60, away);
    servo.setTwist([0, 0, 0.05, 0, 0, 0]);
    run(20);
    expect(rig.core.loop.gate.source).toBe('servo');
    run(300);
    run(60, away);
    run(300);
    expect(rig.state.at_rest).toBe(true);
    expect(account()).toBe('halted: stale');
    expect(rig.move(50)).toBe('');
    run(100, away);
    expect(servo.account.refusal).toBe('servo command: a trajectory is being followed');
    run(800);
    expect(rig.state.follower_outcome).toBe('done');
    run(60, away);
    rig.supervisor_alive = false;
    run(60, away);
    rig.rest();
    expect(rig.state.mode).toBe('protective_stop');
    rig.supervisor_alive = true;
    expect(rig.ask('reset')).toBe('');
    const q = rig.state.reference.slice();
    run(200);
    expect(rig.state.reference).toEqual(q);
  });
});
