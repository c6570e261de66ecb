import { afterEach, describe, expect, it } from 'vitest';
import { secondsToStamp } from '../../contracts/index.ts';
import { forwardKinematics, RobotData, rnea } from '../../dynamics/index.ts';
import { loadRobot } from '../../robots/index.ts';
import {
  ARM_COMMAND,
  ARM_STATE,
  ChannelReader,
  ChannelWriter,
  closeChannel,
  openArmLink,
} from '../../runtime/index.ts';
import { CONTROL_HZ, DT_S } from '../rates.ts';
import { LiveWorld } from './live_world.ts';
import { liveCellOptions } from './options.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const N = robot.arm_joints;
const NQ = robot.model.nq;
const cells: (() => void)[] = [];
afterEach(() => {
  for (const close of cells.splice(0)) close();
});

/** A live world with both ends of its channels, in lock-step. */
function cell(options: object = {}) {
  const link = openArmLink(robot);
  const world = new LiveWorld(
    robot,
    liveCellOptions.parse(options),
    new ChannelReader(link.command),
    new ChannelWriter(link.state),
  );
  const commands = new ChannelWriter(link.command);
  const states = new ChannelReader(link.state);
  let sequence = 0;
  cells.push(() => {
    world.dispose();
    closeChannel(link.command);
    closeChannel(link.state);
  });
  return {
    world,
    states,
    /** Commands joint 1 along q = q0 + A (1 − cos ωt), the others home. */
    command(t_s: number, session = 1, width_m = 0.05, drives_on = 1) {
      const { payload } = commands;
      payload.fill(0);
      payload[ARM_COMMAND.session] = session;
      payload[ARM_COMMAND.sequence] = ++sequence;
      payload[ARM_COMMAND.drives_on] = drives_on;
      payload[ARM_COMMAND.gripper_width_m] = width_m;
      payload[ARM_COMMAND.gripper_force_N] = 20;
      for (let i = 0; i < N; i++) payload[ARM_COMMAND.joints + i] = robot.home_q[i];
      const w = 2;
      payload[ARM_COMMAND.joints] += 0.3 * (1 - Math.cos(w * t_s));
      payload[ARM_COMMAND.joints + N] = 0.3 * w * Math.sin(w * t_s);
      payload[ARM_COMMAND.joints + 2 * N] = 0.3 * w * w * Math.cos(w * t_s);
      commands.send();
    },
    cycle() {
      world.arm.receive();
      world.step();
      world.report();
      states.poll();
    },
  };
}

const coordinate = (states: ChannelReader, k: number) => states.payload[ARM_STATE.coordinates + k];

describe('the arm of a live world', () => {
  it('follows commands that come over its channel, with efforts from physics', () => {
    const { world, states, command, cycle } = cell();
    let worst = 0;
    for (let k = 1; k <= CONTROL_HZ; k++) {
      command((k - 1) * DT_S);
      cycle();
      worst = Math.max(
        worst,
        Math.abs(coordinate(states, 0) - robot.home_q[0] - 0.3 * (1 - Math.cos(2 * (k - 1) * DT_S))),
      );
    }
    expect(states.payload[ARM_STATE.phase]).toBe(1);
    expect(states.payload[ARM_STATE.refused]).toBe(0);
    expect(states.payload[ARM_STATE.cycles]).toBe(CONTROL_HZ);
    expect(worst).toBeLessThan(0.01);
    expect(coordinate(states, robot.gripper?.coordinate ?? -1)).toBeCloseTo(0.025, 3);
    const [q, v, a, tau] = Array.from({ length: 4 }, () => new Float64Array(NQ));
    for (let i = 0; i < NQ; i++) [q[i], v[i]] = [coordinate(states, i), coordinate(states, NQ + i)];
    a[0] = 0.3 * 4 * Math.cos(2);
    const data = new RobotData(robot.model);
    forwardKinematics(robot.model, data, q);
    rnea(robot.model, data, v, a, tau);
    for (let i = 0; i < N; i++)
      expect(Math.abs(coordinate(states, 2 * NQ + i) - tau[i]), `joint ${i}`).toBeLessThan(1.5);
    expect(Math.abs(tau[3])).toBeGreaterThan(10);
    expect(world.time_s).toBeCloseTo(1, 9);
  });

  it('brakes by itself when commands stop coming, within its own limits', () => {
    const { world, states, command, cycle } = cell();
    let t = 0;
    for (; t < 0.7; t += DT_S) {
      command(t);
      cycle();
    }
    const speed = world.engine.v[0];
    expect(speed).toBeGreaterThan(0.5);
    let silent = 0;
    while (states.payload[ARM_STATE.phase] === 1 && silent < 100) {
      cycle();
      silent++;
    }
    expect(silent).toBe(20);
    while (states.payload[ARM_STATE.phase] === 2 && silent < 1000) {
      cycle();
      silent++;
    }
    expect((silent - 20) * DT_S).toBeLessThan(speed / robot.limits.acceleration[0] + 0.05);
    for (let k = 0; k < 100; k++) cycle();
    expect(world.arm.standing(world.engine)).toBe(true);
    expect(world.arm.braked).toBe(1);
    expect(Math.abs(world.engine.q[0] - world.arm.servo.q[0])).toBeLessThan(0.005);
  });

  it('stops when its drives lose their power', () => {
    const { states, command, cycle } = cell();
    for (let t = 0; t < 0.7; t += DT_S) {
      command(t);
      cycle();
    }
    command(0.7, 1, 0.05, 0);
    cycle();
    expect(states.payload[ARM_STATE.phase]).toBe(2);
  });

  it('hands commands over late where its line has latency', () => {
    const [prompt, late] = [cell({ randomize: 'none' }), cell({ randomize: 'hard', seed: 3 })];
    const starts = [prompt, late].map(({ world, command, cycle }) => {
      for (let k = 1; k < 200; k++) {
        command((k - 1) * DT_S);
        cycle();
        if (world.arm.servo.phase === 'following') return k;
      }
      return 0;
    });
    expect(late.world.variation.start_up.latency_cycles).toBeGreaterThan(0);
    expect(starts[0]).toBe(1);
    expect(starts[1]).toBe(1 + late.world.variation.start_up.latency_cycles);
  });
});

describe('a live world', () => {
  it.each(['cannon', 'mujoco'])(
    'gives the same bytes for the same commands, and others for another seed, in %s',
    async (engine) => {
      const { prepareEngine } = await import('../../sim/index.ts');
      await prepareEngine(engine);
      const run = (seed: number) => {
        const { states, command, cycle } = cell({ engine, randomize: 'hard', seed });
        for (let k = 1; k < 100; k++) {
          command((k - 1) * DT_S);
          cycle();
        }
        return [...states.payload.subarray(ARM_STATE.coordinates)];
      };
      expect(run(5)).toEqual(run(5));
      expect(run(5)).not.toEqual(run(6));
    },
  );

  it('takes objects in and out without disturbing what is there', () => {
    const { world, command, cycle } = cell({ seed: 2 });
    for (let k = 1; k < 150; k++) {
      command((k - 1) * DT_S);
      cycle();
    }
    const before = world.engine.q.slice();
    const objects = world.scene.objects.map((_, i) => {
      const state = new Float64Array(13);
      world.engine.objectState(i, state, 0);
      return state;
    });
    const [first] = world.scene.objects;
    const added = { ...first, name: 'added', pose: { position: [0.3, 0.4, 0.2], orientation: [0, 0, 0, 1] } } as const;
    world.spawn(added);
    expect(world.engine.q).toEqual(before);
    const state = new Float64Array(13);
    objects.forEach((old, i) => {
      world.engine.objectState(i, state, 0);
      for (let k = 0; k < 13; k++) expect(state[k]).toBeCloseTo(old[k], 12);
    });
    for (let k = 150; k < 200; k++) {
      command((k - 1) * DT_S);
      cycle();
      const wanted = robot.home_q[0] + 0.3 * (1 - Math.cos(2 * (k - 1) * DT_S));
      expect(Math.abs(world.engine.q[0] - wanted)).toBeLessThan(0.01);
    }
    world.engine.objectState(objects.length, state, 0);
    expect(state[2]).toBeLessThan(0.2);
    world.remove(0);
    expect(world.scene.objects.map(({ name }) => name)).not.toContain(first.name);
    expect(world.engine.body_names).toContain('added');
    expect(() =>
      world.spawn({ ...added, name: 'in_table', pose: { ...added.pose, position: [0.5, 0.4, -0.02] } }),
    ).toThrow(/in_table.*begin/);
    expect(world.engine.body_names).not.toContain('in_table');
  });

  it('begins anew as far as it is asked to', () => {
    const { world, cycle } = cell({ seed: 4 });
    const names = world.scene.objects.map(({ name }) => name);
    const [first] = world.scene.objects;
    const added = { ...first, name: 'added', pose: { position: [0.3, 0.4, 0.2], orientation: [0, 0, 0, 1] } } as const;
    const fall = () => {
      for (let k = 0; k < 100; k++) cycle();
    };
    world.spawn(added);
    world.remove(0);
    fall();
    world.restart({ time: true, state: false, spawned: false, all: false });
    expect(secondsToStamp(world.time_s)).toBe(0n);
    const state = new Float64Array(13);
    const last = world.scene.objects.length - 1;
    world.engine.objectState(last, state, 0);
    expect(state[2]).toBeLessThan(0.19);
    world.restart({ time: false, state: true, spawned: false, all: false });
    world.engine.objectState(last, state, 0);
    expect(state[2]).toBe(0.2);
    world.restart({ time: false, state: false, spawned: true, all: false });
    expect(world.scene.objects.map(({ name }) => name)).toEqual(names.slice(1));
    fall();
    world.restart({ time: false, state: false, spawned: false, all: true });
    expect(world.scene.objects.map(({ name }) => name)).toEqual(names);
    expect(world.steps).toBe(0);
    expect(world.engine.q).toEqual(robot.home_q);
  });
});
