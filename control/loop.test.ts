import { describe, expect, it } from 'vitest';
import { createRng, InputError, type JointTrajectory } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { envelopeForRobot, envelopeLimits, OutputMonitor, SafetyGate, Supervisor } from '../safety/index.ts';
import { bytesPerCall } from '../test/support/heap.ts';
import { restToRest } from '../test/support/rest_to_rest.ts';
import { SimpleDriver } from '../test/support/simple_driver.ts';
import { ContactDetector } from './contact_detector.ts';
import { ControlLoop } from './loop.ts';
import type { FollowerOptions } from './trajectory_follower.ts';
import { TrajectorySampler } from './trajectory_sampler.ts';

const ROBOT = loadRobot('panda');
const HZ = 500;
/** As the driver's arm is. */
const FRICTIONLESS = {
  ...ROBOT,
  model: { ...ROBOT.model, friction: new Float64Array(8), damping: new Float64Array(8) },
};
const N = ROBOT.arm_joints;
const NAMES = ROBOT.model.joint_names.slice(0, N);
const HOME = ROBOT.home_q.slice(0, N);
const ENVELOPE = { ...envelopeForRobot(ROBOT), workspace: null };
const LIMITS = envelopeLimits(ENVELOPE);

class LoopRig {
  readonly driver = new SimpleDriver(ROBOT);
  readonly gate = new SafetyGate(ENVELOPE, ROBOT, HZ);
  readonly supervisor = new Supervisor();
  readonly loop: ControlLoop;
  cycle = 0;

  constructor(follower: Partial<FollowerOptions> = {}) {
    const { driver, gate, supervisor } = this;
    this.loop = new ControlLoop({ robot: ROBOT, driver, gate, supervisor, follower });
    this.run(5);
  }

  run(cycles: number, each: (cycle: number) => void = () => {}): void {
    for (let i = 0; i < cycles; i++) {
      this.cycle++;
      this.loop.tick(this.cycle / HZ);
      each(i);
    }
  }

  /** Ticks until the goal has ended; its outcome. */
  finish(limit = 10_000): string {
    const { follower } = this.loop;
    for (let i = 0; i < limit && !follower.finished; i++) this.run(1);
    expect(follower.finished).toBe(true);
    follower.finished = false;
    return follower.outcome;
  }
}

const moveTo = (to: ArrayLike<number>, fraction = 0.5, from: ArrayLike<number> = HOME): JointTrajectory =>
  restToRest(from, to, LIMITS, fraction, 1 / HZ, NAMES);
const near = (offset: number): Float64Array => HOME.map((q) => q + offset);

/** Greatest distance of a sample from what the trajectory passes every millisecond, rad. */
function farthest(trajectory: JointTrajectory, samples: readonly Float64Array[]): number {
  const sampler = new TrajectorySampler(NAMES);
  sampler.load(trajectory);
  const points = Array.from({ length: Math.ceil(1000 * sampler.duration_s) + 1 }, (_, k) => {
    const point = new Float64Array(N);
    sampler.sample(k / 1000, point);
    return point;
  });
  const distance = (a: Float64Array, b: Float64Array) => a.reduce((far, x, i) => Math.max(far, Math.abs(x - b[i])), 0);
  return samples.reduce((far, sample) => Math.max(far, Math.min(...points.map((p) => distance(p, sample)))), 0);
}

describe('control loop', () => {
  it('tracks random moves about home at 95 % of the limits to 1 mrad, and no command is changed', () => {
    const rng = createRng(61);
    const rig = new LoopRig();
    let from: Float64Array = HOME;
    for (let move = 0; move < 8; move++) {
      // About home the arm is clear of itself; farther off the gate would have a say.
      const to = HOME.slice(0, N).map((q) => q + rng.range(-0.6, 0.6));
      rig.loop.startTrajectory(moveTo(to, 0.95, from));
      expect(rig.finish()).toBe('done');
      expect(rig.loop.follower.max_error_rad).toBeLessThan(1e-3);
      for (let i = 0; i < N; i++) expect(Math.abs(rig.driver.state.position[i] - to[i])).toBeLessThan(1e-4);
      from = to;
    }
    expect(rig.gate.interventions.count).toBe(0);
    expect(rig.gate.limited).toBe(0);
  });

  it('blends a start that is a little off, and still arrives exactly', () => {
    const rig = new LoopRig();
    const start = HOME.map((q, i) => q + (i % 2 === 0 ? 0.008 : -0.008));
    rig.loop.startTrajectory(moveTo(near(0.3), 0.8, start));
    expect(rig.finish()).toBe('done');
    expect(rig.gate.limited).toBe(0);
    for (let i = 0; i < N; i++) expect(Math.abs(rig.gate.lastCommand.position[i] - HOME[i] - 0.3)).toBeLessThan(1e-9);
  });

  it('refuses a start that is far off, a trajectory for others, and anything while stopped', () => {
    const rig = new LoopRig();
    const start = (trajectory: JointTrajectory) => () => rig.loop.startTrajectory(trajectory);
    expect(start(moveTo(near(0.3), 0.5, near(0.02)))).toThrow(/panda_joint1.*0\.01 rad/);
    expect(start(moveTo(near(0.3), 0.5, near(0.02)))).toThrow(InputError);
    expect(start({ ...moveTo(near(0.1)), joint_names: NAMES.slice(1) })).toThrow('must be for');
    const flying = moveTo(near(0.1));
    expect(start({ ...flying, velocity: flying.velocity.map((v, i) => (i < N ? 0.3 : v)) })).toThrow('off the speed');
    rig.gate.requestStop();
    rig.run(2);
    expect(start(moveTo(near(0.1)))).toThrow('protective_stop');
    expect(rig.loop.follower.active).toBe(false);
  });

  it('gives up with the joint and the error when something holds the arm, and comes to rest inside the limits', () => {
    const rig = new LoopRig();
    rig.loop.startTrajectory(moveTo(near(0.5)));
    rig.run(60, () => rig.driver.disturbance.set([0, 0, 0, -200]));
    expect(rig.finish()).toBe('tracking_error');
    expect(rig.loop.follower.describeOutcome()).toMatch(/panda_joint\d left the trajectory by 0\.0[5-9]\d* rad/);
    expect(rig.gate.atRest).toBe(true);
    expect(rig.gate.mode, 'pulled farther than the envelope allows').toBe('fault');
  });

  it('gives up when the goal is not reached in time', () => {
    const rig = new LoopRig({ goal_tolerance_rad: 1e-4, goal_time_s: 0.2 });
    rig.driver.disturbance.set([0, 3]);
    rig.loop.startTrajectory(moveTo(near(0.1)));
    expect(rig.finish()).toBe('goal_not_reached');
    expect(rig.loop.follower.describeOutcome()).toContain('panda_joint');
  });

  it('a canceled goal decelerates within limits and then reports', () => {
    const rig = new LoopRig();
    rig.loop.startTrajectory(moveTo(near(0.6), 0.9));
    rig.run(120);
    expect(rig.gate.atRest).toBe(false);
    rig.loop.cancelTrajectory();
    expect(rig.loop.follower.finished).toBe(false);
    expect(rig.finish(200)).toBe('canceled');
    expect(rig.gate.atRest).toBe(true);
    expect(rig.gate.interventions.count).toBe(0);
    rig.loop.startTrajectory(moveTo(HOME, 0.5, rig.gate.lastCommand.position));
    expect(rig.finish()).toBe('done');
  });

  it('a stop by the gate ends the goal, and motion does not come back by itself after the reset', () => {
    const rig = new LoopRig();
    rig.loop.startTrajectory(moveTo(near(0.6), 0.9));
    rig.run(120);
    rig.gate.requestStop();
    expect(rig.finish(300)).toBe('stopped_by_safety');
    const held = rig.gate.lastCommand.position.slice();
    expect(rig.gate.acknowledge()).toBe('');
    rig.run(100);
    expect(rig.gate.mode).toBe('automatic');
    expect([...rig.gate.lastCommand.position]).toEqual([...held]);
  });

  it('stops when the supervisor stops granting', () => {
    const rig = new LoopRig();
    rig.loop.startTrajectory(moveTo(near(0.6), 0.9));
    rig.run(120);
    rig.supervisor.requestStop();
    expect(rig.finish(300)).toBe('stopped_by_safety');
    expect(rig.gate.interventions.list().at(-1)?.reasons).toContain('lease_lost');
  });

  it('gives up a goal that is never permitted', () => {
    const driver = new SimpleDriver(ROBOT);
    const gate = new SafetyGate(ENVELOPE, ROBOT, HZ);
    const supervisor = new Supervisor();
    supervisor.requestStop();
    const loop = new ControlLoop({ robot: ROBOT, driver, gate, supervisor });
    loop.startTrajectory(moveTo(near(0.1)));
    for (let k = 1; k < 1000 && !loop.follower.finished; k++) loop.tick(k / HZ);
    expect(loop.follower.outcome).toBe('not_permitted');
  });

  it('a new goal takes over the motion under way, within the limits and without a stop', () => {
    const rng = createRng(62);
    for (let c = 0; c < 6; c++) {
      const rig = new LoopRig();
      rig.loop.startTrajectory(
        moveTo(
          HOME.map((q) => q + rng.range(-0.5, 0.5)),
          0.95,
        ),
      );
      rig.run(60 + 20 * c);
      const from = rig.gate.lastCommand.position.slice();
      const to = HOME.map((q) => q + rng.range(-0.5, 0.5));
      rig.loop.startTrajectory(moveTo(to, 0.95, from));
      const monitor = new OutputMonitor(ENVELOPE, ROBOT, HZ, from, rig.gate.lastCommand.velocity);
      let rested = 0;
      for (let k = 0; k < 40; k++) {
        rig.run(1);
        monitor.look(rig.gate.lastCommand, false);
        if (rig.gate.atRest) rested++;
      }
      expect(rested, `case ${c}`).toBe(0);
      expect(rig.finish(), `case ${c}`).toBe('done');
      expect(monitor.violations).toBe(0);
      expect(rig.gate.limited, `case ${c}`).toBe(0);
      for (let i = 0; i < N; i++) expect(Math.abs(rig.gate.lastCommand.position[i] - to[i])).toBeLessThan(1e-9);
    }
  });

  it('a new goal that is far off leaves the one under way', () => {
    const rig = new LoopRig();
    rig.loop.startTrajectory(moveTo(near(0.6), 0.9));
    rig.run(150);
    expect(() => rig.loop.startTrajectory(moveTo(HOME, 0.5, near(-0.9)))).toThrow('plan from the present position');
    expect(rig.loop.follower.phase).toBe('following');
    expect(rig.finish()).toBe('done');
  });

  it('changes speed smoothly on the path, waits at 0, and goes on', () => {
    const rig = new LoopRig();
    const { follower } = rig.loop;
    const path = moveTo(near(0.5), 0.95);
    const samples: Float64Array[] = [];
    rig.loop.startTrajectory(path);
    rig.run(60);
    for (const speed of [0.5, 1, 0.2, 0, 0.7, 1]) {
      follower.setSpeed(speed);
      rig.run(speed === 0 ? 400 : 60, () => samples.push(rig.gate.lastCommand.position.slice()));
      if (speed === 0) expect(rig.gate.atRest).toBe(true);
    }
    expect(rig.finish()).toBe('done');
    expect(farthest(path, samples), 'rad off the path').toBeLessThan(1.5e-3);
    expect(rig.gate.limited).toBe(0);
    expect(() => follower.setSpeed(1.5)).toThrow('from 0 to 1');
    expect(() => follower.setSpeed(Number.NaN)).toThrow(InputError);
  });

  it('at half the speed takes twice the time', () => {
    const cycles = (speed: number): number => {
      const rig = new LoopRig();
      rig.loop.follower.setSpeed(speed);
      rig.loop.startTrajectory(moveTo(near(0.4), 0.9));
      const start = rig.cycle;
      expect(rig.finish()).toBe('done');
      return rig.cycle - start;
    };
    expect(cycles(0.5) / cycles(1)).toBeCloseTo(2, 1);
  });

  it('a canceled goal stays on its path while it decelerates', () => {
    const rng = createRng(63);
    for (let c = 0; c < 6; c++) {
      const rig = new LoopRig();
      const to = HOME.map((q) => q + rng.range(-0.5, 0.5));
      rig.loop.startTrajectory(moveTo(to, 0.95));
      rig.run(60 + 20 * c);
      rig.loop.cancelTrajectory();
      const samples: Float64Array[] = [];
      const monitor = new OutputMonitor(
        ENVELOPE,
        ROBOT,
        HZ,
        rig.gate.lastCommand.position,
        rig.gate.lastCommand.velocity,
      );
      const { follower } = rig.loop;
      for (let k = 0; k < 500 && !follower.finished; k++) {
        rig.run(1);
        monitor.look(rig.gate.lastCommand, false);
        samples.push(rig.gate.lastCommand.position.slice());
      }
      expect(follower.outcome, `case ${c}`).toBe('canceled');
      expect(follower.finished).toBe(true);
      expect([rig.gate.limited, monitor.violations], `case ${c}`).toEqual([0, 0]);
      expect(farthest(moveTo(to, 0.95), samples), `case ${c}`).toBeLessThan(1.5e-3);
    }
  });

  it('takes tolerances of a goal, joint by joint', () => {
    const rig = new LoopRig();
    const { follower } = rig.loop;
    rig.driver.disturbance.set([0, 3]);
    rig.loop.startTrajectory(moveTo(near(0.3)), { path_rad: { [NAMES[1]]: 1e-5 } });
    expect(rig.finish()).toBe('tracking_error');
    expect(follower.describeOutcome()).toMatch(/panda_joint2 left .*allowed 0\.00001\)|1e-5\)/);
    rig.run(300);
    const from = rig.gate.lastCommand.position;
    const again = (tolerances: object) => () => rig.loop.startTrajectory(moveTo(HOME, 0.5, from), tolerances);
    expect(again({ goal_rad: { elbow: 0.1 } })).toThrow('tolerance goal_rad of elbow');
    expect(again({ path_rad: { [NAMES[0]]: 0 } })).toThrow('a number above 0');
    rig.loop.startTrajectory(moveTo(HOME, 0.5, from), { goal_rad: { [NAMES[1]]: 1e-5 }, goal_time_s: 0.1 });
    expect(rig.finish()).toBe('goal_not_reached');
    expect(follower.describeOutcome()).toContain('0.1 s after the end');
  });

  it('moves the gripper while the arm rests, and notices what is between the fingers', () => {
    const rig = new LoopRig();
    const gripper = rig.loop.gripper;
    if (gripper === null) throw new Error('the Panda has a gripper');
    rig.driver.obstacle_width_m = 0.045;
    gripper.start(0, 40);
    rig.run(2000, () => {});
    expect(gripper.outcome).toBe('stalled');
    expect(gripper.width_m).toBeCloseTo(0.045, 6);
    expect(rig.gate.lastCommand.gripper_force_N).toBe(40);
  });

  it('stops on contact with what nobody knows of, if told to', () => {
    for (const stop of [true, false]) {
      const driver = new SimpleDriver(ROBOT);
      const gate = new SafetyGate(ENVELOPE, ROBOT, HZ);
      const contact = { detector: new ContactDetector(FRICTIONLESS, HZ), stop };
      const loop = new ControlLoop({ robot: ROBOT, driver, gate, supervisor: new Supervisor(), contact });
      let cycle = 0;
      const run = (cycles: number) => {
        for (let k = 0; k < cycles; k++) loop.tick(++cycle / HZ);
      };
      run(5);
      loop.startTrajectory(moveTo(near(0.4), 0.9));
      run(120);
      expect([loop.contact?.contact, gate.mode]).toEqual([false, 'automatic']);
      driver.disturbance.set([0, 0, 0, -12]);
      run(25);
      expect(loop.contact?.contact).toBe(true);
      expect(gate.mode).toBe(stop ? 'protective_stop' : 'automatic');
    }
  });

  it('writes exactly one command a tick and is the same every time', () => {
    const trace = (): Float64Array => {
      const rig = new LoopRig();
      const out: number[] = [];
      rig.loop.startTrajectory(moveTo(near(0.3), 0.9));
      rig.run(700, () => out.push(...rig.driver.state.position));
      expect(rig.driver.writes).toBe(705);
      return Float64Array.from(out);
    };
    expect(Buffer.from(trace().buffer).equals(Buffer.from(trace().buffer))).toBe(true);
  });

  it('allocates nothing but the time stamp', () => {
    const rig = new LoopRig();
    const there = moveTo(near(0.3), 0.5);
    const back = moveTo(HOME, 0.5, near(0.3));
    for (let k = 0; k < 12; k++) {
      rig.loop.startTrajectory(k % 2 === 0 ? there : back);
      rig.finish();
    }
    const long = restToRest(HOME, near(0.3), LIMITS, 0.01, 1 / HZ, NAMES);
    rig.loop.startTrajectory(long);
    expect(long.time_s.length).toBeGreaterThan(6000);
    expect(bytesPerCall(250, (count) => rig.run(count), 22, 99)).toBeLessThan(100);
    expect(rig.loop.follower.phase).toBe('following');
  });
});
