import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACTIONS,
  type ExternalInputs,
  InProcessBus,
  type SafetyState,
  SERVICES,
  SILENT_LOG,
  TOPICS,
} from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { envelopeForRobot } from '../safety/index.ts';
import { compiledProgram } from '../test/support/programs.ts';
import { wallClock } from '../test/support/wall_clock.ts';
import type { ControlProxyNode, GateLink, SafetySupervisorNode, SimulatedArmProcess } from './index.ts';

const robot = loadRobot('panda', { visualMeshes: false });
/** Slow enough for a busy machine to keep up with. */
const HZ = 100;
const N = robot.arm_joints;
const TRIES = 8;

const STOPS: readonly [string, Partial<ExternalInputs> | null, string][] = [
  ['a protective stop', { protective_stop: true }, 'plc: a protective stop is asked for'],
  ['an open safeguard', { safeguard_open: true }, 'plc: a safeguard is open'],
  ['an emergency stop', { emergency_stop: true }, 'plc: the emergency stop is pressed'],
  ['silence', null, 'plc is silent'],
];

describe('a source on /safety/external that the supervisor must hear', () => {
  const bus = new InProcessBus({ validate: true });
  const context = { bus, clock: wallClock, log: SILENT_LOG };
  let arm: SimulatedArmProcess;
  let gate: GateLink;
  let control: ControlProxyNode;
  let safety: SafetySupervisorNode;
  let state: SafetyState | null = null;
  let says: Partial<ExternalInputs> | null = null;
  let plc: NodeJS.Timeout | undefined;
  let close: () => void = () => {};

  beforeAll(async () => {
    const program = await compiledProgram('control_host');
    const url = pathToFileURL(join(dirname(program), '..', '..', 'runtime', 'index.js')).href;
    const runtime: typeof import('./index.ts') = await import(url);
    arm = await runtime.SimulatedArmProcess.start({ robot, hz: HZ, log_file: null });
    gate = runtime.openGateLink();
    close = () => [gate.observation, gate.grant].map(runtime.closeChannel);
    // What is tried here is not the machine's punctuality.
    const envelope = { ...envelopeForRobot(robot), late_s: 0.5, lease_s: 0.5, stale_s: 0.5 };
    control = new runtime.ControlProxyNode({
      ...{ robot: robot.name, hz: HZ, arm: arm.link, envelope, supervised_by: gate },
    });
    const parameters = { silence_s: 0.5, busy_s: 5, external: ['plc'], external_timeout_s: 0.5 };
    safety = new runtime.SafetySupervisorNode({ gate, processes: [], parameters });
    bus.subscribe(TOPICS.safety_state, 'test', (message) => {
      state = message;
    });
    for (const node of [safety, control]) await node.configure(context);
    for (const node of [safety, control]) node.activate();
    const none = {
      protective_stop: false,
      safeguard_open: false,
      emergency_stop: false,
      enabling_device: 'none' as const,
    };
    plc = setInterval(() => {
      if (says === null) return;
      bus.publish(TOPICS.external_inputs, { stamp_ns: wallClock.now_ns(), source: 'plc', ...none, ...says });
    }, 20);
  });
  afterAll(async () => {
    clearInterval(plc);
    for (const node of [control, safety]) node.deactivate();
    for (const node of [control, safety]) await node.cleanup();
    await arm.close();
    close();
  });

  async function until(condition: () => boolean, within_ms = 4000): Promise<boolean> {
    for (const end = performance.now() + within_ms; !condition(); await sleep(2))
      if (performance.now() > end) return false;
    return true;
  }

  async function ready(): Promise<void> {
    says = {};
    const moves = () => state?.mode === 'automatic' && state.reasons.length === 0;
    for (const end = performance.now() + 20_000; performance.now() < end && !moves(); await sleep(50))
      if (state?.latched === true) await bus.call(SERVICES.safety_reset, {});
    if (!moves()) throw new Error(`not ready: ${state?.mode} ${state?.reasons.join(', ')}`);
  }

  const speed = () => Math.abs(control.thread?.state().velocity[0] ?? Number.NaN);

  /** Sets joint 1 in motion; false where a busy machine has stopped it before. */
  function moving(): Promise<boolean> {
    swing();
    return until(() => speed() > 0.2);
  }

  function movingSlowly(within_ms?: number): Promise<boolean> {
    swing();
    return until(() => speed() > 0.05, within_ms);
  }

  function swing(): void {
    const position = (control.thread?.state().position ?? robot.home_q).slice(0, N);
    position[0] += position[0] > 0 ? -1.5 : 1.5;
    const none = new Float64Array(0);
    const joint_names = robot.model.joint_names.slice(0, N);
    const trajectory = { joint_names, time_s: Float64Array.of(4), position, velocity: none, acceleration: none };
    bus.sendGoal(ACTIONS.follow_joint_trajectory, { label: 'swing', trajectory }, { onResult: () => {} });
  }

  it('is waited for: nothing moves before it was heard', async () => {
    expect(await until(() => state?.reasons.includes('plc has not started') === true)).toBe(true);
    expect(state).toMatchObject({ mode: 'initialising', lease_valid: false });
    await ready();
  });

  it.each(STOPS)('stops the arm by %s, until a reset that waits for its end', async (_what, told_by, told) => {
    for (let tries = 1; ; tries++) {
      await ready();
      if (await moving()) break;
      if (tries === TRIES) throw new Error(`the arm does not move: ${state?.reasons.join(', ')}`);
    }
    says = told_by;
    expect(await until(() => state?.reasons.includes(told) === true && speed() < 0.005)).toBe(true);
    const stopped = () => state?.mode === 'protective_stop' && state.latched;
    expect(await until(stopped)).toBe(true);
    if (told_by?.emergency_stop === true) expect(state).toMatchObject({ stop_category: 0, drives_on: false });
    const refused = await bus.call(SERVICES.safety_reset, {});
    expect(refused.success).toBe(false);
    expect(refused.message).toContain(told);
    says = {};
    await sleep(100);
    expect(stopped()).toBe(true);
    await ready();
  });

  it('moves an arm in reduced mode only while its enabling device is held, whatever was said with the mode', async () => {
    await ready();
    const select = (mode: 'automatic' | 'reduced') =>
      bus.call(SERVICES.safety_set_mode, { mode, enabled: true }).then(({ message }) => message);
    expect(await until(() => speed() < 0.005)).toBe(true);
    says = { enabling_device: 'released' };
    await sleep(100);
    expect(await select('reduced')).toBe('reduced');
    for (let tries = 1; tries <= TRIES; tries++) {
      says = { enabling_device: 'held' };
      await until(() => state?.mode === 'reduced' && state.reasons.length === 0);
      if (state?.latched === true) await bus.call(SERVICES.safety_reset, {});
      else if (await movingSlowly()) break;
      if (tries === TRIES) throw new Error(`the arm does not move: ${state?.mode} ${state?.reasons.join(', ')}`);
    }
    const told: SafetyState[] = [];
    const listening = bus.subscribe(TOPICS.safety_state, 'enabling', (message) => {
      told.push(message);
    });
    says = { enabling_device: 'released' };
    const stop = () => told.find(({ reasons }) => reasons.includes('not_enabled'));
    expect(await until(() => stop() !== undefined && speed() < 0.005)).toBe(true);
    listening.unsubscribe();
    expect(stop()).toMatchObject({ mode: 'protective_stop', stop_category: 2, latched: false });
    says = { enabling_device: 'none' };
    await sleep(100);
    expect(await movingSlowly(500)).toBe(false);
    expect(await select('automatic')).toBe('automatic');
    await ready();
  });
});
