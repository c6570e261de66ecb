import { describe, expect, it } from 'vitest';
import { TOPICS } from '../../contracts/index.ts';
import {
  composePoses,
  forwardKinematics,
  frameIndex,
  framePose,
  invertPose,
  poseFrom12,
  RobotData,
} from '../../dynamics/index.ts';
import { restToRest } from '../../test/support/rest_to_rest.ts';
import { STATION_LIMITS, STATION_ROBOT, startServoStation } from '../../test/support/servo_station.ts';

const ROBOT = STATION_ROBOT;
const LIMITS = STATION_LIMITS;
const N = ROBOT.arm_joints;
const HZ = 500;

const sideways = { frame_id: '', linear: [0, 0.25, 0], angular: [0, 0, 0] } as const;

describe('servo on the bus', () => {
  it('moves by twists at 50 Hz through the gate, stops before a wall, and halts when they end', async () => {
    const { gate, driver, run, statuses } = await startServoStation();
    await run(200, sideways);
    expect(Math.max(...driver.state.velocity.map(Math.abs))).toBeGreaterThan(0.1);
    expect(gate.limited).toBe(0);
    await run(1000, sideways);
    expect(statuses.map(({ state, reason }) => `${state}: ${reason}`)).toContain('slowed: collision');
    expect(statuses.find(({ reason }) => reason === 'collision')?.detail).toMatch(/ mm from wall$/);
    expect(gate.atRest || Math.abs(gate.lastCommand.velocity[0]) < 1e-3).toBe(true);
    expect(gate.limited).toBe(0);
    await run(100);
    expect(statuses.at(-1)).toMatchObject({ state: 'halted', reason: 'stale', share: 0 });
    expect(gate.atRest).toBe(true);
    expect(gate.interventions.count).toBe(0);
  });

  it('moves single joints by name, and refuses one that the arm has not', async () => {
    const { bus, clock, driver, node, run, gate, servo } = await startServoStation();
    const jog = async (names: readonly string[]) => {
      bus.publish(TOPICS.servo_jog, { stamp_ns: clock.now_ns(), names, velocity: Float64Array.of(0.2) });
      await Promise.resolve();
      await run(10);
    };
    const start = driver.state.position.slice();
    for (let k = 0; k < 20; k++) await jog([ROBOT.model.joint_names[2]]);
    const moved = driver.state.position.map((q, i) => q - start[i]);
    expect(moved[2]).toBeGreaterThan(0.02);
    expect(Math.max(...moved.map((q, i) => (i === 2 ? 0 : Math.abs(q))))).toBeLessThan(1e-6);
    expect(gate.interventions.count).toBe(0);
    expect(node.refused).toBe(0);
    await jog(['elbow']);
    expect(node.refused).toBe(1);
    expect(servo.status.state).not.toBe('idle');
  });

  it('refuses what comes late, twice, from the future, in an unknown frame or during a trajectory', async () => {
    const { bus, clock, loop, node, servo, run, gate } = await startServoStation();
    const send = async (stamp_ns: bigint, frame_id = '') => {
      bus.publish(TOPICS.servo_twist, { ...sideways, frame_id, stamp_ns });
      await Promise.resolve();
    };
    await run(50);
    const now = clock.now_ns();
    await send(now);
    expect(servo.commanded).toBe(true);
    await send(now);
    await send(now - 1n);
    await send(now + 1_000_000_000n);
    await send(now + 1n, 'nowhere');
    expect(node.refused).toBe(4);
    await run(200);
    expect(gate.atRest).toBe(true);
    const from = [...gate.lastCommand.position];
    const to = from.map((q, i) => q + (i === 0 ? 0.2 : 0));
    loop.startTrajectory(restToRest(from, to, LIMITS, 0.5, 1 / HZ, ROBOT.model.joint_names.slice(0, N)));
    await run(100, sideways);
    expect(node.refused).toBe(14);
    expect(loop.follower.outcome).toBe('none');
    await run(600);
    expect(loop.follower.outcome).toBe('done');
    for (let i = 0; i < N; i++) expect(gate.lastCommand.position[i]).toBeCloseTo(to[i], 9);
    // Older than it may be when it comes.
    await send(clock.now_ns() - 150_000_000n + 1n);
    await run(50);
    expect(servo.status.reason).toBe('stale');
    expect(gate.atRest).toBe(true);
  });

  it('goes to poses of the root frame, and to what the wrist camera saw a while ago', async () => {
    const { bus, clock, run, gate, servo, node } = await startServoStation();
    const data = new RobotData(ROBOT.model);
    const seenAt = (frame: string) => {
      forwardKinematics(ROBOT.model, data, Float64Array.from([...gate.lastCommand.position, 0.04]));
      const pose = new Float64Array(12);
      framePose(ROBOT.model, data, frameIndex(ROBOT.model, frame), pose);
      return poseFrom12(pose);
    };
    const start = seenAt(ROBOT.tcp_frame);
    const goal = {
      ...start,
      position: [start.position[0] + 0.03, start.position[1] - 0.05, start.position[2]],
    } as const;
    for (let k = 0; k < 80; k++) {
      bus.publish(TOPICS.servo_pose, { stamp_ns: clock.now_ns(), frame_id: '', pose: goal });
      await Promise.resolve();
      await run(10);
    }
    for (let k = 0; k < 3; k++) expect(seenAt(ROBOT.tcp_frame).position[k]).toBeCloseTo(goal.position[k], 4);
    // The first place again, as the camera sees it while the arm moves there; told 60 ms late.
    const camera = 'wrist_camera_optical_frame';
    for (let k = 0; k < 60; k++) {
      const stamp_ns = clock.now_ns();
      const pose = composePoses(invertPose(seenAt(camera)), start);
      await run(30);
      bus.publish(TOPICS.servo_pose, { stamp_ns, frame_id: camera, pose });
      await Promise.resolve();
    }
    for (let k = 0; k < 3; k++) expect(seenAt(ROBOT.tcp_frame).position[k]).toBeCloseTo(start.position[k], 4);
    expect(node.refused).toBe(0);
    expect(gate.limited).toBe(0);
    await run(250);
    expect(servo.status.reason).toBe('stale');
  });

  it('halts when it is deactivated, and gives the loop back', async () => {
    const { loop, node, servo, run, gate } = await startServoStation();
    await run(100, sideways);
    node.deactivate();
    await run(150, sideways);
    expect(servo.status.reason).toBe('requested');
    expect(gate.atRest).toBe(true);
    await node.cleanup();
    expect(loop.source).toBeNull();
  });
});
