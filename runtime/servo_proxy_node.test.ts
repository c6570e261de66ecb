import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { InProcessBus, type Log, SILENT_LOG, SimClock, secondsToStamp, TOPICS } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { LockStep } from '../test/support/lock_step.ts';
import { RemoteServo } from './remote_servo.ts';
import { ServoProxyNode } from './servo_proxy_node.ts';

const robot = loadRobot('panda', { visualMeshes: false });
const [JOINT] = robot.model.joint_names;

let rig: LockStep;
afterEach(() => rig.close());

/** The node on a bus, and in place of the control thread its core, stepped by hand. */
async function start() {
  rig = new LockStep();
  const bus = new InProcessBus({ validate: true });
  const clock = new SimClock();
  const warnings: string[] = [];
  const log: Log = { ...SILENT_LOG, warn: (fields) => void warnings.push(String(Object(fields).reason)) };
  const servo = new RemoteServo(robot, rig.memory, { now_s: () => rig.state.t_s });
  const node = new ServoProxyNode(() => ({ servo }));
  await node.configure({ bus, clock, log });
  const told: string[] = [];
  bus.subscribe(TOPICS.servo_status, 'test', ({ state, reason }) => void told.push(`${state}: ${reason}`));
  node.activate();
  const jog = async (times: number, names: readonly string[] = [JOINT]) => {
    for (let k = 0; k < times; k++) {
      clock.advance(clock.now_ns() + secondsToStamp(0.02));
      bus.publish(TOPICS.servo_jog, { stamp_ns: clock.now_ns(), names, velocity: Float64Array.of(0.2) });
      await bus.settled();
      for (let cycle = 0; cycle < 10; cycle++) rig.cycle();
    }
  };
  const said = async (status: string) => {
    for (let look = 0; look < 500 && told.at(-1) !== status; look++) await sleep(10);
    expect(told.at(-1)).toBe(status);
  };
  return { node, bus, clock, jog, said, told, warnings };
}

describe('the servo of the control thread on a bus', () => {
  it('passes commands on, says what becomes of them, and halts when it is deactivated', async () => {
    const { node, jog, said, told, warnings } = await start();
    expect(told).toEqual(['idle: none']);
    await jog(20);
    await said('following: none');
    expect(rig.state.velocity[0]).toBeGreaterThan(0.15);
    node.deactivate();
    for (let cycle = 0; cycle < 150; cycle++) rig.cycle();
    expect(rig.state).toMatchObject({ mode: 'automatic', at_rest: true });
    const { position } = rig.state;
    await jog(20);
    expect(rig.state.position[0]).toBeCloseTo(position[0], 4);
    node.activate();
    await said('halted: requested');
    await jog(20);
    await said('following: none');
    expect(warnings).toEqual([]);
    node.deactivate();
    await node.cleanup();
  });

  it('tells every reason of a refusal once, and counts them all', async () => {
    const { node, jog, warnings } = await start();
    rig.move(50);
    await jog(10);
    for (let look = 0; look < 500 && warnings.length === 0; look++) await sleep(10);
    await jog(5);
    await jog(2, ['elbow']);
    await sleep(50);
    const during = 'servo command: a trajectory is being followed';
    expect(warnings[0]).toBe(during);
    expect(warnings.filter((reason) => reason === during)).toHaveLength(1);
    expect(warnings.filter((reason) => reason.startsWith('joint elbow'))).toHaveLength(2);
    for (let cycle = 0; cycle < 20; cycle++) rig.cycle();
    await sleep(50);
    expect(node.diagnostics()).toEqual({ servo: 'idle: none', servo_refused: 17 });
    node.deactivate();
    await node.cleanup();
    expect(node.diagnostics()).toEqual({});
  });

  it('obeys the newest operator only, counts what it drops, and halts for the next', async () => {
    const { node, bus, clock, said } = await start();
    const operate = async (times: number, epoch: number, from = 1) => {
      for (let k = 0; k < times; k++) {
        clock.advance(clock.now_ns() + secondsToStamp(0.02));
        const [stamp_ns, joint_velocity] = [clock.now_ns(), Float64Array.of(0.2)];
        const joints = { kind: 'joints', joint_names: [JOINT], joint_velocity } as const;
        const twist = { frame_id: '', linear: [0, 0, 0], angular: [0, 0, 0] } as const;
        const lease = { epoch, session: 's', sequence: from + k };
        bus.publish(TOPICS.operator_jog, { stamp_ns, seen_ns: stamp_ns, ...lease, ...twist, ...joints });
        await bus.settled();
        for (let cycle = 0; cycle < 10; cycle++) rig.cycle();
      }
    };
    await operate(20, 1);
    await said('following: none');
    const speed = rig.state.velocity[0];
    expect(speed).toBeGreaterThan(0.15);
    await operate(1, 2);
    await said('halted: requested');
    expect(rig.state.velocity[0]).toBeLessThan(speed);
    await operate(20, 1, 21);
    expect(rig.state.at_rest).toBe(true);
    await operate(20, 2, 2);
    await said('following: none');
    expect(node.diagnostics()).toMatchObject({ operator_epoch: 2, operator_dropped: 'epoch 20, handover 1' });
    node.deactivate();
    await node.cleanup();
  });

  it('is not configured without a control thread', async () => {
    rig = new LockStep();
    const node = new ServoProxyNode(() => null);
    const context = { bus: new InProcessBus(), clock: new SimClock(), log: SILENT_LOG };
    await expect(node.configure(context)).rejects.toThrow('no control thread');
  });
});
