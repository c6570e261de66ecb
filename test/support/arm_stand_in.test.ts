import { describe, expect, it } from 'vitest';
import { createRng, InProcessBus, SimClock, secondsToStamp, type TrajectoryCommand } from '../../contracts/index.ts';
import { ArmStandIn, type ArmStandInInput, armStandInOptions, standInTopics } from './arm_stand_in.ts';

/** A stand-in stepped by hand, and what it published. */
function rig(input: ArmStandInInput = {}) {
  const options = armStandInOptions.parse(input);
  const bus = new InProcessBus();
  const clock = new SimClock();
  clock.advance(1_000_000_000_000n);
  const arm = new ArmStandIn(options, bus, clock);
  const topics = standInTopics(options);
  const names = arm.robot.model.joint_names.slice(0, 7);
  const n = names.length;
  const home = arm.robot.home_q.slice(0, n);
  const step = (cycles: number, each: () => void = () => {}) => {
    for (let k = 0; k < cycles; k++) {
      clock.advance(clock.now_ns() + 1_000_000n);
      arm.step();
      each();
    }
  };
  /** Points of joint 0 from a time on, NaN for at once (rad from home, rad/s, rad/s²); the others stay. */
  const send = (start_s: number, points: [number, number, number?, number?][]) => {
    const rows = (of: (point: [number, number, number?, number?]) => number | undefined, base?: Float64Array) =>
      points.some((point) => of(point) === undefined)
        ? new Float64Array(0)
        : Float64Array.from(
            points.flatMap((point) => names.map((_, i) => (base?.[i] ?? 0) + (i === 0 ? (of(point) ?? 0) : 0))),
          );
    const message: TrajectoryCommand = {
      stamp_ns: Number.isNaN(start_s) ? 0n : arm.origin_ns + secondsToStamp(start_s),
      joint_names: names,
      time_s: Float64Array.from(points, ([t]) => t),
      position: rows(([, p]) => p, home),
      velocity: rows(([, , v]) => v),
      acceleration: rows(([, , , a]) => a),
    };
    bus.publish(topics.trajectory, message);
  };
  return { arm, bus, clock, topics, step, send, home, names };
}

describe('an arm as ros2_control shows it', () => {
  it('plays a trajectory through its points and holds the last', () => {
    const { arm, step, send, home } = rig();
    send(Number.NaN, [
      [0.1, 0.01, 0.2],
      [0.2, 0.03, 0],
    ]);
    step(101);
    expect(arm.commanded[0] - home[0]).toBeCloseTo(0.01, 9);
    step(100);
    expect(arm.commanded[0] - home[0]).toBeCloseTo(0.03, 9);
    step(500);
    expect(arm.commanded[0] - home[0]).toBe(home[0] + 0.03 - home[0]);
    expect(arm.hardware.q[0] - home[0]).toBeCloseTo(0.03, 6);
    expect(arm.moving).toBe(false);
  });

  it('goes straight on along a trajectory that replaces one with the same points, wherever they began', () => {
    const { arm, step, send } = rig();
    const start_s = arm.now_s;
    const points = Array.from({ length: 21 }, (_, k): [number, number, number] => [
      0.02 * k,
      0.01 * (k / 20) ** 2,
      0.05 * (k / 20),
    ]);
    const whole: [number, number, number][] = [...points, [0.5, 0.012, 0]];
    send(start_s, whole);
    step(100);
    const trace: number[] = [];
    const rng = createRng(1, 'cut');
    step(200, () => {
      trace.push(arm.commanded[0]);
      if (rng.uniform() < 0.1) {
        const cut = rng.int(4);
        send(
          start_s + 0.02 * cut,
          whole.slice(cut).map(([t, p, v]) => [t - 0.02 * cut, p, v]),
        );
      }
    });
    const second = trace.slice(2).map((p, k) => p - 2 * trace[k + 1] + trace[k]);
    expect(arm.trajectory.taken).toBeGreaterThan(5);
    expect(Math.max(...second.map(Math.abs))).toBeLessThan(1e-6);
  });

  it('blends from the measured state to a first point that lies ahead, and drops those behind', () => {
    const { arm, step, send, home } = rig();
    const start_s = arm.now_s;
    send(start_s - 0.2, [
      [0.1, 0.5, 0],
      [0.3, 0.02, 0],
    ]);
    step(1);
    // 0.1 s into a cubic from 0.5 to 0.02: half-way.
    expect(arm.commanded[0] - home[0]).toBeCloseTo(0.26, 1);
    const other = rig();
    other.send(other.arm.now_s, [[0.1, 0.05, 0]]);
    other.step(51);
    expect(other.arm.commanded[0] - other.home[0]).toBeCloseTo(0.025, 3);
  });

  it('refuses what the controller refuses, and says why', () => {
    const { arm, bus, topics, send, names } = rig();
    const refused = (why: RegExp) => {
      expect(arm.trajectory.refusal).toMatch(why);
      expect(arm.trajectory.taken).toBe(0);
    };
    send(arm.now_s - 1, [[0.5, 0.1, 0]]);
    refused(/ended/);
    send(Number.NaN, [[0.5, 0.1, 0.2]]);
    refused(/last velocity/);
    send(Number.NaN, [
      [0.5, 0.1, 0],
      [0.5, 0.2, 0],
    ]);
    refused(/must rise/);
    send(Number.NaN, []);
    refused(/without points/);
    const none = new Float64Array(0);
    const part = {
      stamp_ns: 0n,
      joint_names: names.slice(1),
      time_s: Float64Array.of(1),
      velocity: none,
      acceleration: none,
    };
    bus.publish(topics.trajectory, { ...part, position: new Float64Array(6) });
    refused(/6 joints/);
    bus.publish(topics.trajectory, {
      ...part,
      joint_names: [...names.slice(1), 'tail'],
      position: new Float64Array(7),
    });
    refused(/joint tail/);
    expect(arm.trajectory.refused).toBe(6);
  });

  it('holds the last forward command for ever, of the controller that is active', () => {
    const { arm, bus, topics, step, home } = rig({ active: 'forward' });
    const data = home.slice();
    data[2] += 0.05;
    bus.publish(topics.commands, { data });
    step(3000);
    expect(arm.hardware.q[2] - home[2]).toBeCloseTo(0.05, 6);
    bus.publish(topics.commands, { data: data.slice(1) });
    expect(arm.forward_taken).toBe(1);
  });

  it('reports every joint by name with the torques of what it carries', () => {
    const seen: Record<string, number>[] = [];
    for (const payload_kg of [0, 1]) {
      const { bus, topics, step } = rig({ faults: { payload_kg } });
      bus.subscribe(topics.joint_states, 'test', ({ names, effort }) => {
        seen[payload_kg] = Object.fromEntries(names.map((name, i) => [name, effort[i]]));
      });
      step(10);
    }
    // A kilogram at the flange, about half a metre before the shoulder.
    expect(Math.abs(seen[1].panda_joint2 - seen[0].panda_joint2)).toBeGreaterThan(3);
    expect(seen[1].panda_joint1).toBeCloseTo(seen[0].panda_joint1, 9);
  });

  it('has the faults it is given', () => {
    const swapped = rig({ faults: { swapped: { joints: [0, 2] } } });
    swapped.send(Number.NaN, [[0.1, 0.05, 0]]);
    swapped.step(300);
    expect(swapped.arm.hardware.q[2] - swapped.home[2]).toBeCloseTo(0.05 + swapped.home[0] - swapped.home[2], 4);
    expect(swapped.arm.hardware.position[0] - swapped.home[0]).toBeCloseTo(0.05, 4);
    const turned = rig({ faults: { inverted: { joint: 0 } } });
    turned.send(Number.NaN, [[0.1, 0.05, 0]]);
    turned.step(300);
    expect(turned.arm.hardware.q[0]).toBeCloseTo(-0.05 - turned.home[0], 4);
    const slow = rig({ faults: { command_latency_s: 0.08 } });
    slow.send(Number.NaN, [[0.1, 0.05, 0]]);
    slow.step(80);
    expect(slow.arm.hardware.q[0]).toBe(slow.home[0]);
  });

  it('moves its fingers to the gap asked for', async () => {
    const { arm, bus, topics, step } = rig();
    const results: string[] = [];
    bus.sendGoal(
      topics.gripper,
      { width_m: 0.03, force_N: 20 },
      {
        onResult: (status, { width_m }) => void results.push(`${status} ${width_m.toFixed(3)}`),
      },
    );
    step(2000);
    expect(results).toEqual(['succeeded 0.030']);
    expect(2 * arm.hardware.q[7]).toBeCloseTo(0.03, 6);
  });
});
