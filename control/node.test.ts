import { describe, expect, it } from 'vitest';
import {
  ACTIONS,
  type GripperResult,
  InProcessBus,
  type JointState,
  type JointTrajectory,
  type SafetyState,
  SERVICES,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
  TOPICS,
  type TrajectoryResult,
  type TrajectoryTolerances,
} from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { envelopeForRobot, envelopeLimits, SafetyGate, SafetyNode, Supervisor } from '../safety/index.ts';
import { restToRest } from '../test/support/rest_to_rest.ts';
import { SimpleDriver } from '../test/support/simple_driver.ts';
import { ControlLoop } from './loop.ts';
import { ControlNode } from './node.ts';

const ROBOT = loadRobot('panda');
const HZ = 500;
const N = ROBOT.arm_joints;
const HOME = ROBOT.home_q.slice(0, N);
const LIMITS = envelopeLimits(envelopeForRobot(ROBOT));

/** Loop and both nodes on a bus and a simulated clock. */
class Station {
  readonly bus = new InProcessBus({ validate: true });
  readonly clock = new SimClock();
  readonly driver = new SimpleDriver(ROBOT);
  readonly gate = new SafetyGate(envelopeForRobot(ROBOT), ROBOT, HZ);
  readonly supervisor = new Supervisor();
  readonly control: ControlNode;
  readonly safety: SafetyNode;
  readonly states: SafetyState[] = [];
  readonly joint_states: JointState[] = [];
  cycle = 0;
  private readonly loop: ControlLoop;

  constructor() {
    const { driver, gate, supervisor } = this;
    this.loop = new ControlLoop({ robot: ROBOT, driver, gate, supervisor });
    this.control = new ControlNode(this.loop);
    this.safety = new SafetyNode(gate, supervisor);
  }

  static async start(): Promise<Station> {
    const station = new Station();
    const { bus, clock, states, joint_states } = station;
    for (const node of [station.control, station.safety]) await node.configure({ bus, clock, log: SILENT_LOG });
    bus.subscribe(TOPICS.safety_state, 'test', (state) => {
      states.push(state);
    });
    bus.subscribe(TOPICS.joint_states, 'test', (state) => {
      joint_states.push(state);
    });
    station.control.activate();
    station.safety.activate();
    station.run(5);
    return station;
  }

  run(cycles: number): void {
    for (let i = 0; i < cycles; i++) {
      this.cycle++;
      this.clock.advance(secondsToStamp(this.cycle / HZ));
      this.loop.tick(this.cycle / HZ);
      this.control.afterTick();
      this.safety.afterTick();
      if (this.cycle % 5 === 0) this.control.publishState(this.clock.now_ns());
    }
  }

  send(
    trajectory: JointTrajectory,
    label = 'move',
    tolerances?: TrajectoryTolerances,
  ): { status: string; result: TrajectoryResult | null; feedbacks: number; cancel: () => void } {
    const answer = { status: '', result: null as TrajectoryResult | null, feedbacks: 0, cancel: () => {} };
    const goal = this.bus.sendGoal(
      ACTIONS.follow_joint_trajectory,
      { label, trajectory, ...(tolerances === undefined ? {} : { tolerances }) },
      {
        onFeedback: () => {
          answer.feedbacks++;
        },
        onResult: (status, result) => {
          answer.status = status;
          answer.result = result;
        },
      },
    );
    answer.cancel = () => goal.cancel();
    return answer;
  }
}

const moveTo = (offset: number, from: ArrayLike<number> = HOME): JointTrajectory =>
  restToRest(
    from,
    Array.from(from, (q) => q + offset),
    LIMITS,
    0.5,
    1 / HZ,
    ROBOT.model.joint_names.slice(0, N),
  );

describe('control and safety on the bus', () => {
  it('answers a trajectory goal once it is done, with feedback on the way', async () => {
    const station = await Station.start();
    const answer = station.send(moveTo(0.2));
    station.run(1000);
    expect(answer.status).toBe('succeeded');
    expect(answer.result).toMatchObject({ ok: true, reason: '' });
    expect(answer.result?.final_error_rad).toBeLessThan(1e-3);
    expect(answer.feedbacks).toBeGreaterThan(3);
  });

  it('publishes joint states at 100 Hz, each its own copy', async () => {
    const station = await Station.start();
    station.send(moveTo(0.2));
    station.run(500);
    expect(station.joint_states).toHaveLength(101);
    const [first, last] = [station.joint_states[0], station.joint_states[100]];
    expect(last.stamp_ns - first.stamp_ns).toBe(1_000_000_000n);
    expect(first.names).toEqual(ROBOT.model.joint_names);
    expect(first.position[0]).toBeCloseTo(HOME[0], 6);
    expect(last.position[0]).toBeGreaterThan(HOME[0] + 0.05);
  });

  it('refuses, cancels and replaces with a reason', async () => {
    const station = await Station.start();
    expect(
      station.send(
        moveTo(
          0.1,
          HOME.map((q) => q + 0.1),
        ),
      ).result?.reason,
    ).toContain('plan from the present position');
    const canceled = station.send(moveTo(0.2));
    station.run(100);
    canceled.cancel();
    expect(canceled.status).toBe('');
    station.run(200);
    expect(canceled).toMatchObject({ status: 'canceled', result: { ok: false, reason: 'canceled' } });
    const { position } = station.gate.lastCommand;
    const waiting = station.send(moveTo(0.2, position.slice()), 'first');
    const next = station.send(moveTo(0.1, position.slice()), 'second');
    expect(waiting).toMatchObject({ status: 'aborted', result: { reason: 'replaced by second' } });
    station.run(1000);
    expect(next.status).toBe('succeeded');
  });

  it('takes tolerances with a goal, and another speed at any time', async () => {
    const station = await Station.start();
    const speed = (share: number) => station.bus.call(SERVICES.set_speed, { speed: share });
    const path = moveTo(0.3);
    station.driver.disturbance.set([3]);
    const tight = station.send(path, 'tight', { path_rad: { [path.joint_names[0]]: 1e-5 } });
    station.run(400);
    station.driver.disturbance.fill(0);
    station.run(100);
    expect(tight.result?.reason).toMatch(/panda_joint1 left the trajectory/);
    const wrong = station.send(moveTo(0.1, station.gate.lastCommand.position.slice()), 'wrong', {
      goal_rad: { elbow: 1 },
    });
    expect(wrong.result?.reason).toContain('tolerance goal_rad of elbow');
    const answer = station.send(moveTo(0.3, station.gate.lastCommand.position.slice()));
    station.run(60);
    expect(await speed(0)).toEqual({ success: true, message: '' });
    station.run(1000);
    expect([answer.status, station.gate.atRest]).toEqual(['', true]);
    await speed(1);
    station.run(1500);
    expect(answer.status).toBe('succeeded');
    await expect(speed(2)).rejects.toThrow('speed');
  });

  it('closes the gripper on nothing and on something', async () => {
    const station = await Station.start();
    const results: [string, GripperResult][] = [];
    const grip = (width_m: number): void => {
      station.bus.sendGoal(
        ACTIONS.gripper,
        { width_m, force_N: 30 },
        { onResult: (status, result) => results.push([status, result]) },
      );
      station.run(1500);
    };
    grip(0.01);
    expect(results[0]).toMatchObject(['succeeded', { reached: true, stalled: false }]);
    grip(0.08);
    station.driver.obstacle_width_m = 0.05;
    grip(0);
    expect(results[2]).toMatchObject(['succeeded', { reached: false, stalled: true }]);
    expect(results[2][1].width_m).toBeCloseTo(0.05, 6);
  });

  it('tells its safety state on change and at 10 Hz', async () => {
    const station = await Station.start();
    expect(station.states.map((state) => state.mode)).toEqual(['initialising', 'automatic']);
    const before = station.states.length;
    station.run(500);
    expect(station.states.length - before).toBe(10);
    expect(station.states.at(-1)).toMatchObject({
      mode: 'automatic',
      latched: false,
      reasons: [],
      lease_valid: true,
      stop_category: -1,
      drives_on: true,
      stop_time_s: 0,
    });
  });

  it('stops on /safety/stop, ends the goal, and moves again after /safety/reset', async () => {
    const station = await Station.start();
    const answer = station.send(moveTo(0.4));
    station.run(150);
    expect((await station.bus.call(SERVICES.safety_stop, {})).success).toBe(true);
    station.run(1);
    expect(station.states.at(-1)).toMatchObject({
      mode: 'protective_stop',
      latched: true,
      reasons: ['stop_requested_1'],
    });
    expect(station.states.at(-1)?.stop_time_s).toBeGreaterThan(0.01);
    expect(await station.bus.call(SERVICES.safety_reset, {})).toMatchObject({
      success: false,
      message: 'the arm is still in motion',
    });
    station.run(300);
    expect(answer).toMatchObject({ status: 'aborted', result: { ok: false, reason: 'stopped by the safety gate' } });
    expect((await station.bus.call(SERVICES.safety_reset, {})).success).toBe(true);
    station.run(20);
    expect(station.states.at(-1)?.mode).toBe('automatic');
    const again = station.send(moveTo(0.1, station.gate.lastCommand.position.slice()));
    station.run(1000);
    expect(again.status).toBe('succeeded');
  });

  it('selects operating modes on /safety/set_mode, and only reduced in motion', async () => {
    const station = await Station.start();
    const select = (mode: 'automatic' | 'reduced' | 'guided', enabled = false) =>
      station.bus.call(SERVICES.safety_set_mode, { mode, enabled });
    station.send(moveTo(0.4));
    station.run(150);
    expect(await select('guided')).toMatchObject({ success: false, message: expect.stringContaining('at rest') });
    expect(await select('reduced', true)).toEqual({ success: true, message: 'reduced' });
    station.run(1);
    expect(station.states.at(-1)?.mode).toBe('reduced');
    station.run(3000);
    expect(await select('guided', true)).toEqual({ success: true, message: 'guided' });
    station.run(1);
    expect(station.states.at(-1)?.mode).toBe('guided');
  });

  it('answers nothing more once deactivated', async () => {
    const station = await Station.start();
    station.control.deactivate();
    station.safety.deactivate();
    expect(() => station.send(moveTo(0.1))).toThrow('no server');
    await expect(station.bus.call(SERVICES.safety_stop, {})).rejects.toThrow('no server');
    const before = station.states.length;
    for (let k = 1; k < 600; k++) station.clock.advance(secondsToStamp((station.cycle + k) / HZ));
    expect(station.states.length).toBe(before);
  });
});
