import { afterEach, describe, expect, it } from 'vitest';
import { OPERATING_MODES } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { heapGrowthPerCall } from '../test/support/heap.ts';
import { LockStep } from '../test/support/lock_step.ts';
import { FLAGS } from './control_memory.ts';
import { encodeTolerances, toleranceValues } from './tolerances_codec.ts';
import { encodeTrajectory } from './trajectory_codec.ts';

const robot = loadRobot('panda');
const HZ = 500;
const N = robot.arm_joints;
const NAMES = robot.model.joint_names.slice(0, N);

let rig: LockStep;
afterEach(() => rig.close());

describe('the control core', () => {
  it('has the arm follow a trajectory handed over in shared memory', () => {
    rig = new LockStep();
    expect(rig.state).toMatchObject({ mode: 'automatic', arm_phase: 'following', causes: [], lease_valid: true });
    expect(rig.move(900)).toBe('');
    expect(rig.state.follower_outcome).toBe('done');
    expect(rig.arm.servo.q[0] - robot.home_q[0]).toBeCloseTo(0.4, 3);
    expect(rig.state.limited + rig.state.stopped).toBeLessThan(15);
  });

  it('refuses what cannot be followed in one line, and goes on', () => {
    rig = new LockStep();
    const short = { joint_names: NAMES, time_s: Float64Array.of(0), acceleration: new Float64Array(0) };
    const away = { ...short, position: new Float64Array(N).fill(0.3), velocity: new Float64Array(N) };
    const fill = (body: Float64Array) => {
      encodeTolerances({}, NAMES, body);
      encodeTrajectory(away, NAMES, body.subarray(toleranceValues(N)));
    };
    expect(rig.ask('trajectory', fill)).toMatch(/^trajectory starts .* rad from/);
    expect(rig.move()).toBe('');
  });

  it('slows down in the cycle in which the lease ends, 40 ms after the last nonce that was granted', () => {
    rig = new LockStep();
    rig.move();
    rig.supervisor_alive = false;
    const silent_s = rig.state.t_s;
    for (let i = 0; i < 40; i++) rig.cycle();
    const rows = rig.trace.read();
    const lost = rows.findIndex(({ lease_valid, t_s }) => !lease_valid && t_s > silent_s);
    expect(rows[lost].t_s - silent_s).toBeLessThanOrEqual(0.04 + 1 / HZ);
    expect(rows[lost].t_s - silent_s).toBeGreaterThan(0.025);
    expect(rows[lost].velocity[0]).toBeLessThan(rows[lost - 1].velocity[0]);
    rig.rest();
    expect(rig.state.latched_reasons).toEqual(['lease_lost']);
    rig.supervisor_alive = true;
    expect(rig.ask('reset')).toBe('');
    for (let i = 0; i < 20; i++) rig.cycle();
    expect(rig.state).toMatchObject({ mode: 'automatic', arm_phase: 'following' });
    expect(rig.move()).toBe('');
  });

  it('stops for a cycle that is too late while the arm moves, and only counts one at rest', () => {
    rig = new LockStep();
    rig.cycle(0.03);
    rig.cycle();
    expect(rig.state.mode).toBe('automatic');
    expect(rig.state.skipped).toBe(15);
    rig.move();
    rig.cycle(0.019);
    rig.cycle();
    expect(rig.state.mode).toBe('automatic');
    rig.cycle(0.021);
    rig.cycle();
    expect(rig.state).toMatchObject({ mode: 'protective_stop', latched_reasons: ['late_cycle'] });
    rig.rest();
  });

  it('stops for an arm that reports no more', () => {
    rig = new LockStep();
    rig.move();
    rig.arm_alive = false;
    for (let i = 0; i < 25; i++) rig.cycle();
    expect(rig.state).toMatchObject({ mode: 'protective_stop', causes: ['arm_silent'] });
    for (let i = 0; i < 200; i++) rig.cycle();
    expect(rig.ask('reset')).toBe('the arm does not answer');
  });

  it('bears a longer silence where nothing moves, and begins a motion only from a fresh state', () => {
    rig = new LockStep();
    for (let i = 0; i < 20; i++) rig.cycle();
    rig.arm_alive = false;
    for (let i = 0; i < 60; i++) rig.cycle();
    expect(rig.state).toMatchObject({ mode: 'automatic', causes: [] });
    rig.arm_alive = true;
    for (let i = 0; i < 2; i++) rig.cycle();
    expect(rig.move(900)).toBe('');
    expect(rig.state).toMatchObject({ mode: 'automatic', follower_outcome: 'done' });
    rig.arm_alive = false;
    for (let i = 0; i < 125; i++) rig.cycle();
    expect(rig.state).toMatchObject({ mode: 'protective_stop', causes: ['arm_silent'] });
  });

  it('stops for an arm whose own watchdog has braked, and goes on from where it stands', () => {
    rig = new LockStep();
    rig.move();
    for (let i = 0; i < 25; i++) rig.arm.step();
    expect(rig.arm.servo.phase).toBe('braking');
    for (let i = 0; i < 3; i++) rig.cycle();
    expect(rig.state).toMatchObject({ mode: 'protective_stop', causes: ['arm_braked'] });
    rig.rest();
    for (let i = 0; i < 50; i++) rig.cycle();
    expect(rig.state.arm_phase).toBe('holding');
    expect(rig.ask('reset')).toBe('');
    for (let i = 0; i < 20; i++) rig.cycle();
    expect(rig.state).toMatchObject({ mode: 'automatic', arm_phase: 'following' });
    expect(rig.move(900)).toBe('');
    expect(rig.state.follower_outcome).toBe('done');
  });

  it('stops at the next cycle when it is asked to, and ends at rest', () => {
    rig = new LockStep();
    rig.move();
    Atomics.add(new Int32Array(rig.memory.flags), FLAGS.stops + 1, 1);
    rig.cycle();
    expect(rig.state).toMatchObject({ mode: 'protective_stop', causes: ['requested'] });
    rig.rest();
    expect(rig.ask('reset')).toBe('');
    for (let i = 0; i < 20; i++) rig.cycle();
    rig.move();
    Atomics.store(new Int32Array(rig.memory.flags), FLAGS.end, 1);
    rig.cycle();
    expect(rig.core.ended).toBe(false);
    rig.rest();
    expect(rig.core.ended).toBe(true);
  });

  it.each([
    { category: 0, drives: [false, false] },
    { category: 1, drives: [true, false] },
    { category: 2, drives: [true, true] },
  ] as const)('stops by category $category: power to the drives on the way and at rest $drives', (how) => {
    rig = new LockStep();
    rig.move();
    Atomics.add(new Int32Array(rig.memory.flags), FLAGS.stops + how.category, 1);
    rig.cycle();
    expect(rig.state).toMatchObject({ stop_category: how.category, drives_on: how.drives[0] });
    for (let i = 0; i < 3; i++) rig.cycle();
    expect(rig.arm.servo.phase).toBe(how.drives[0] ? 'following' : 'braking');
    rig.rest();
    for (let i = 0; i < 5; i++) rig.cycle();
    expect(rig.state).toMatchObject({ drives_on: how.drives[1], causes: ['requested'] });
    expect(rig.arm.servo.phase).toBe(how.drives[1] ? 'following' : 'holding');
    expect(rig.ask('reset')).toBe('');
    for (let i = 0; i < 20; i++) rig.cycle();
    expect(rig.state).toMatchObject({ mode: 'automatic', arm_phase: 'following', drives_on: true, causes: [] });
  });

  it('goes at the speed that is set, before and on the way', () => {
    rig = new LockStep();
    const set = (share: number) =>
      rig.ask('speed', (body) => {
        body[0] = share;
      });
    const speed = () => Math.abs(rig.trace.read().at(-1)?.velocity[0] ?? 0);
    expect(set(0.5)).toBe('');
    rig.move(500);
    const half = speed();
    expect(rig.state).toMatchObject({ speed: 0.5, follower_phase: 'following' });
    expect(set(0)).toBe('');
    for (let i = 0; i < 200; i++) rig.cycle();
    expect(speed()).toBe(0);
    expect(rig.state).toMatchObject({ speed: 0, follower_phase: 'following' });
    expect(set(0.25)).toBe('');
    for (let i = 0; i < 200; i++) rig.cycle();
    expect(speed() / half).toBeCloseTo(0.5, 1);
    for (const wrong of [-0.1, 1.1, Number.NaN]) expect(set(wrong)).toBe(`speed ${wrong}: must be from 0 to 1`);
    expect(rig.state.speed).toBe(0.25);
    expect(set(1)).toBe('');
    for (let i = 0; i < 700; i++) rig.cycle();
    expect(rig.state.follower_outcome).toBe('done');
  });

  it('holds a goal to its own tolerances', () => {
    rig = new LockStep();
    expect(rig.move(500, { path_rad: { [NAMES[0]]: 1e-7 } })).toBe('');
    expect(rig.state.follower_outcome).toBe('tracking_error');
    rig.rest();
    expect(rig.move(900, { path_rad: { [NAMES[0]]: 0.2 }, goal_time_s: 2 })).toBe('');
    expect(rig.state.follower_outcome).toBe('done');
  });

  it.each([true, false])('tells of contact with what nobody knows of, and stops for it if it shall (%s)', (stop) => {
    rig = new LockStep(stop);
    rig.move(900);
    expect(rig.state).toMatchObject({ follower_outcome: 'done', contact_joint: -1, causes: [] });
    rig.move();
    rig.arm.touch_Nm[3] = -12;
    for (let i = 0; i < 25; i++) rig.cycle();
    expect(rig.state.contact_joint).toBe(3);
    if (!stop) {
      expect(rig.state).toMatchObject({ mode: 'automatic', causes: [] });
      return;
    }
    expect(rig.state).toMatchObject({ mode: 'protective_stop', causes: ['contact'] });
    rig.rest();
    rig.ask('reset');
    for (let i = 0; i < 20; i++) rig.cycle();
    expect(rig.state, 'still touched').toMatchObject({ mode: 'protective_stop', causes: ['contact'] });
    rig.arm.touch_Nm.fill(0);
    for (let i = 0; i < 100; i++) rig.cycle();
    expect(rig.ask('reset')).toBe('');
    for (let i = 0; i < 20; i++) rig.cycle();
    expect(rig.state).toMatchObject({ mode: 'automatic', contact_joint: -1, causes: [] });
    expect(rig.move()).toBe('');
  });

  it('feels no more in cycles that are late than in time', () => {
    rig = new LockStep();
    /** Largest residual as a share of its threshold. */
    const felt = (late_s: (cycle: number) => number): number => {
      rig.close();
      rig = new LockStep(false);
      rig.move(0);
      const { contact } = rig.core.loop;
      let most = 0;
      for (let i = 0; i < 400; i++) {
        rig.cycle(late_s(i));
        contact?.threshold.forEach((threshold, joint) => {
          most = Math.max(most, Math.abs(contact.observer.residual[joint]) / threshold);
        });
      }
      return most;
    };
    const late = felt((i) => (i % 7 === 0 ? 0.0021 * (1 + (i % 4)) : 0));
    expect(late).toBeLessThan(1.3 * felt(() => 0));
  });

  it('moves the gripper to the width that is asked for', () => {
    rig = new LockStep();
    const fill = (body: Float64Array) => body.set([0.02, 40]);
    expect(rig.ask('gripper', fill)).toBe('');
    for (let i = 0; i < 1000 && rig.state.gripper_outcome === 'none'; i++) rig.cycle();
    expect(rig.state.gripper_outcome).toBe('reached');
    expect(2 * rig.state.position[7]).toBeCloseTo(0.02, 3);
  });

  it('refuses obstacles that are none, and goes on', () => {
    rig = new LockStep();
    const json = new TextEncoder().encode('[{"id":"x","shape":{"type":"box","size":[1,1,-1]}}]');
    const fill = (body: Float64Array) => {
      body[0] = json.length;
      new Uint8Array(body.buffer, body.byteOffset + 8, json.length).set(json);
    };
    expect(rig.ask('obstacles', fill)).toMatch(/^obstacles\.0\./);
    expect(rig.move()).toBe('');
  });

  it('selects modes, and moves in guided mode only while it is enabled', () => {
    rig = new LockStep();
    const select = (index: number) =>
      rig.ask('mode', (body) => {
        body[0] = index;
      });
    expect(select(OPERATING_MODES.indexOf('guided'))).toBe('');
    rig.cycle();
    expect(rig.state).toMatchObject({ mode: 'guided', selected_mode: 'guided' });
    Atomics.store(new Int32Array(rig.memory.flags), FLAGS.enabled, 1);
    expect(rig.move()).toBe('');
    expect(rig.arm.servo.v[0]).toBeGreaterThan(0.05);
    expect(select(OPERATING_MODES.indexOf('automatic'))).toMatch(/only when the arm is at rest/);
    Atomics.store(new Int32Array(rig.memory.flags), FLAGS.enabled, 0);
    rig.cycle();
    rig.cycle();
    expect(rig.state.mode).toBe('protective_stop');
    rig.rest();
  });

  it('makes the motion later, not faster, when cycles are late', () => {
    rig = new LockStep();
    rig.move(100);
    const velocity = () => rig.trace.read().at(-1)?.velocity[0] ?? 0;
    for (let i = 0; i < 50; i++) {
      const before = velocity();
      rig.cycle(i % 5 === 0 ? 0.009 : 0);
      expect(Math.abs(velocity() - before)).toBeLessThan(0.02);
    }
    expect(rig.state.limited).toBe(0);
  });

  it('stops for an arm that only holds while it is commanded, so that a reset starts from where it stands', () => {
    rig = new LockStep();
    const { servo } = rig.arm;
    servo.phase = 'holding';
    servo.q[0] += 0.03;
    for (let i = 0; i < 240; i++) rig.cycle();
    expect(rig.state).toMatchObject({ mode: 'automatic', causes: [] });
    for (let i = 0; i < 20; i++) rig.cycle();
    expect(rig.state).toMatchObject({ mode: 'protective_stop', causes: ['arm_braked'], drives_on: false });
    expect(rig.ask('reset')).toBe('');
    for (let i = 0; i < 40; i++) rig.cycle();
    expect(rig.state).toMatchObject({ mode: 'automatic', arm_phase: 'following' });
    expect(rig.state.reference[0]).toBeCloseTo(servo.q[0], 6);
  });

  it('allocates little: what reads and writes of the channels take', () => {
    rig = new LockStep(true);
    expect(heapGrowthPerCall(() => rig.cycle(), 1000, 1000)).toBeLessThan(1000);
  });
});
