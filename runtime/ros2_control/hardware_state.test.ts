import { describe, expect, it } from 'vitest';
import { createRng, type JointState, secondsToStamp } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { HardwareState } from './hardware_state.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const NAMES = robot.model.joint_names;
const ORIGIN_NS = 1_764_000_000_000_000_000n;

/** A message of joints in a given order at `t_s`, position = index of the joint + t. */
function message(t_s: number, names: readonly string[] = NAMES, change: Partial<JointState> = {}): JointState {
  const of = (scale: number) => Float64Array.from(names, (name) => scale * NAMES.indexOf(name) + t_s);
  const stamp_ns = ORIGIN_NS + secondsToStamp(t_s);
  return { stamp_ns, names, position: of(0.1), velocity: of(1), effort: of(10), ...change };
}

describe('the state of hardware', () => {
  it('is in the order of the robot, whatever the order and the company it comes in', () => {
    const rng = createRng(1, 'order');
    const hardware = new HardwareState(robot);
    for (let k = 1; k < 30; k++) {
      const names = [...NAMES, 'lift', 'head'].sort(() => rng.uniform() - 0.5);
      expect(hardware.take(message(k, names), k, ORIGIN_NS)).toBe(true);
      NAMES.forEach((_, i) => {
        expect(hardware.position[i]).toBeCloseTo(0.1 * i + k, 12);
        expect(hardware.velocity[i]).toBeCloseTo(i + k, 12);
        expect(hardware.effort[i]).toBeCloseTo(10 * i + k, 12);
      });
    }
    expect(hardware.problem).toBe('');
    expect(hardware.period_s).toBeCloseTo(1, 9);
  });

  it('refuses what it cannot use, and says which', () => {
    const hardware = new HardwareState(robot);
    const refused = (state: JointState, why: RegExp) => {
      expect(hardware.take(state, 1, ORIGIN_NS)).toBe(false);
      expect(hardware.problem).toMatch(why);
    };
    refused(message(1, NAMES.slice(1)), /lack panda_joint1/);
    refused(message(1, NAMES, { position: new Float64Array(3) }), /3 positions/);
    refused(message(1, NAMES, { velocity: new Float64Array(3) }), /3 velocities/);
    refused(message(1, NAMES, { effort: new Float64Array(3) }), /3 efforts/);
    const broken = message(1);
    broken.position[4] = Number.NaN;
    refused(broken, /position NaN of panda_joint5/);
    expect(hardware.taken).toBe(0);
    expect(hardware.dropped).toBe(5);
    expect(hardware.take(message(1), 1, ORIGIN_NS)).toBe(true);
    expect(hardware.problem).toBe('');
  });

  it('drops what is not newer than the last', () => {
    const hardware = new HardwareState(robot);
    expect(hardware.take(message(2), 2, ORIGIN_NS)).toBe(true);
    expect(hardware.take(message(2), 2.1, ORIGIN_NS)).toBe(false);
    expect(hardware.take(message(1.5), 2.2, ORIGIN_NS)).toBe(false);
    expect(hardware.stamp_s).toBe(2);
    expect(hardware.dropped).toBe(2);
  });

  it('makes do without velocities, efforts and stamps, and says so', () => {
    const none = new Float64Array(0);
    const hardware = new HardwareState(robot);
    for (const t_s of [1, 1.5]) hardware.take(message(t_s, NAMES, { velocity: none }), t_s, ORIGIN_NS);
    expect(hardware.velocity[3]).toBeCloseTo(1, 9);
    expect(hardware.problem).toMatch(/no velocities/);
    hardware.take(message(2, NAMES, { effort: none }), 2, ORIGIN_NS);
    expect(hardware.effort[3]).toBe(0);
    expect(hardware.problem).toMatch(/no efforts/);
    const unstamped = new HardwareState(robot);
    unstamped.take(message(7, NAMES, { stamp_ns: 0n }), 3, ORIGIN_NS);
    expect(unstamped.stamp_s).toBe(3);
    expect(unstamped.problem).toMatch(/no stamp/);
  });

  it('keeps the last of what an interface does not measure', () => {
    const hardware = new HardwareState(robot);
    hardware.take(message(1), 1, ORIGIN_NS);
    const gap = message(2);
    gap.position[NAMES.length - 1] = Number.NaN;
    gap.effort[0] = Number.NaN;
    expect(hardware.take(gap, 2, ORIGIN_NS)).toBe(true);
    expect(hardware.position[NAMES.length - 1]).toBeCloseTo(0.1 * (NAMES.length - 1) + 1, 12);
    expect(hardware.effort[0]).toBe(0);
  });
});
