import { beforeEach, describe, expect, it } from 'vitest';
import { InProcessBus, type SafetyState, SERVICES, TOPICS } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import type { StopProgress } from '../protocol/index.ts';
import { RobotSide } from './robot_side.ts';
import { StopChannel } from './stop_channel.ts';

const robot = loadRobot('panda');
const STATE: SafetyState = {
  ...{ stamp_ns: 0n, mode: 'automatic', latched: false, reasons: [], stop_category: -1, drives_on: true },
  ...{ stop_time_s: 0, lease_valid: true, passed: 0, limited: 0, stopped: 0, degradation: 'none', pace: 1 },
  ...{ separation_m: null, protective_distance_m: null },
};

let now_ms = 0;
let bus = new InProcessBus();
let stops: StopChannel;
let heard: StopProgress[] = [];
const phases = () => heard.map(({ phase }) => phase);
const moves = (speed: number, shift = 0) => {
  const velocity = new Float64Array(robot.model.nq).fill(0);
  velocity[0] = speed;
  const position = robot.home_q.slice();
  position[0] += shift;
  bus.publish(TOPICS.joint_states, {
    ...{ stamp_ns: BigInt(now_ms) * 1_000_000n, names: robot.model.joint_names },
    ...{ position, velocity, effort: new Float64Array(robot.model.nq) },
  });
};
const stopped = (): void =>
  bus.publish(TOPICS.safety_state, { ...STATE, mode: 'protective_stop', latched: true, reasons: ['stop_requested_1'] });

beforeEach(() => {
  now_ms = 1000;
  heard = [];
  bus = new InProcessBus();
  const side = new RobotSide(
    bus,
    () => 0n,
    () => now_ms,
  );
  stops = new StopChannel(robot, side);
  side.start();
  bus.publish(TOPICS.safety_state, STATE);
  moves(0.5);
});

describe('a press of Stop', () => {
  it('is taken before the supervisor is asked, and told until the arm stands', async () => {
    const order: string[] = [];
    bus.serve(SERVICES.safety_stop, () => {
      order.push('asked');
      return { success: true, message: 'stopping' };
    });
    stops.press(7, (progress) => {
      order.push(progress.phase);
      heard.push(progress);
    });
    expect(order).toEqual(['taken', 'asked']);
    await Promise.resolve();
    now_ms += 20;
    stopped();
    moves(0.2, 0.001);
    expect(phases()).not.toContain('standstill');
    now_ms += 40;
    moves(0, 0.002);
    expect(phases()).toEqual(['taken', 'stopping', 'standstill']);
    const last = heard[2];
    expect(last).toMatchObject({ id: 7, t_ms: 1060, detail: 'stop_requested_1' });
    // 2 mrad about the base, half a metre from it.
    expect(last.travel_m).toBeGreaterThan(0.0005);
    expect(last.travel_m).toBeLessThan(0.0015);
  });

  it('at rest is no standstill before the gate says that it has stopped', async () => {
    bus.serve(SERVICES.safety_stop, () => ({ success: true, message: '' }));
    moves(0);
    stops.press(1, (progress) => heard.push(progress));
    await new Promise((resolve) => setImmediate(resolve));
    moves(0);
    expect(phases()).toEqual(['taken', 'stopping']);
    stopped();
    expect(phases()).toEqual(['taken', 'stopping', 'standstill']);
  });

  it('that nobody serves, or that stops nothing, is not confirmed', async () => {
    stops.press(1, (progress) => heard.push(progress));
    await new Promise((resolve) => setImmediate(resolve));
    expect(phases()).toEqual(['taken', 'failed']);
    bus.serve(SERVICES.safety_stop, () => ({ success: true, message: '' }));
    heard = [];
    stops.press(2, (progress) => heard.push(progress));
    await new Promise((resolve) => setImmediate(resolve));
    now_ms += 2900;
    moves(0.5);
    stops.watch();
    expect(phases()).toEqual(['taken', 'stopping']);
    now_ms += 200;
    stops.watch();
    expect(heard.at(-1)).toMatchObject({ phase: 'failed', detail: 'the arm does not come to a standstill' });
  });

  it('that comes again by another way after a reset stops nothing more, and tells how it went', async () => {
    let asked = 0;
    bus.serve(SERVICES.safety_stop, () => {
      asked++;
      return { success: true, message: '' };
    });
    const copies: string[] = [];
    const press = (key: string) => stops.press(7, ({ phase }) => copies.push(phase), key);
    expect(press('ada 7')).toBe(true);
    expect(press('ada 7'), 'the supervisor has not answered yet').toBe(true);
    expect(asked).toBe(2);
    await new Promise((resolve) => setImmediate(resolve));
    stopped();
    moves(0);
    bus.publish(TOPICS.safety_state, STATE);
    copies.splice(0);
    expect(press('ada 7')).toBe(false);
    expect([asked, copies]).toEqual([2, ['taken', 'stopping', 'standstill']]);
    expect([press('bob 7'), press(''), press('')]).toEqual([true, true, true]);
    expect([asked, stops.pressed]).toEqual([5, 5]);
    now_ms += 16_000;
    stops.watch();
    expect(press('ada 7')).toBe(true);
  });

  it('that stopped nothing is tried anew each time it comes', async () => {
    let asked = 0;
    bus.serve(SERVICES.safety_stop, () => ({ success: ++asked > 2, message: 'busy' }));
    for (let n = 1; n <= 4; n++) {
      expect(stops.press(7, (progress) => heard.push(progress), 'ada 7')).toBe(n < 4);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(asked).toBe(3);
    expect(phases().filter((phase) => phase === 'failed')).toHaveLength(2);
  });

  it('again and again asks the supervisor each time', async () => {
    let asked = 0;
    bus.serve(SERVICES.safety_stop, () => {
      asked++;
      return { success: true, message: '' };
    });
    for (let id = 0; id < 50; id++) stops.press(id, (progress) => heard.push(progress));
    await new Promise((resolve) => setImmediate(resolve));
    stopped();
    moves(0);
    expect(asked).toBe(50);
    expect(heard.filter(({ phase }) => phase === 'standstill')).toHaveLength(50);
  });
});
