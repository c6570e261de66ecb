import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  ACTIONS,
  type GoalStatus,
  InProcessBus,
  type JointState,
  SERVICES,
  SILENT_LOG,
  TOPICS,
  type TrajectoryResult,
  type trajectoryFeedback,
  type trajectoryGoal,
} from '../contracts/index.ts';
import { EpisodeRecorder } from '../datasets/index.ts';
import { CHANGED_TOOL_FRAME, loadRobot, type ToolChange } from '../robots/index.ts';
import { envelopeForRobot } from '../safety/index.ts';
import { replayRecording } from '../stack/index.ts';
import { compiledProgram } from '../test/support/programs.ts';
import { wallClock } from '../test/support/wall_clock.ts';
import type { ControlProxyNode, GateLink, SafetySupervisorNode, ServoProxyNode, SimulatedArmProcess } from './index.ts';

const robot = loadRobot('panda');
/** Slow enough for a busy machine to keep up with. */
const HZ = 100;
const N = robot.arm_joints;
const NAMES = robot.model.joint_names.slice(0, N);
type Goal = z.infer<typeof trajectoryGoal>;
type Feedback = z.infer<typeof trajectoryFeedback>;

/** Reasons and outcomes that only a machine too busy gives here. */
const BUSY =
  /late_cycle|lease_lost|arm_braked|arm_silent|tracking_error|does not answer|busy|rad from the goal|left the trajectory|halted: held/;

describe('a controller and its supervisor on a bus', () => {
  const bus = new InProcessBus({ validate: true });
  const context = { bus, clock: wallClock, log: SILENT_LOG };
  let arm: SimulatedArmProcess;
  let gate: GateLink;
  let control: ControlProxyNode;
  let safety: SafetySupervisorNode;
  let servo: ServoProxyNode;
  let joints: JointState | null = null;
  let mode = '';
  let stops: string[] = [];
  let tool: ToolChange | null = null;
  let reasons: readonly string[] = [];
  let close: () => void = () => {};
  let journalled = 0;
  const folder = mkdtempSync(join(tmpdir(), 'surepick-proxy-'));
  const recorder = new EpisodeRecorder({ file: join(folder, 'live.mcap'), metadata: {} });

  beforeAll(async () => {
    const program = await compiledProgram('control_host');
    const url = pathToFileURL(join(dirname(program), '..', '..', 'runtime', 'index.js')).href;
    const runtime: typeof import('./index.ts') = await import(url);
    arm = await runtime.SimulatedArmProcess.start({ robot, hz: HZ, log_file: null });
    gate = runtime.openGateLink();
    close = () => [gate.observation, gate.grant].map(runtime.closeChannel);
    // What is tried here is not the machine's punctuality.
    const envelope = { ...envelopeForRobot(robot), late_s: 0.3, lease_s: 0.4, stale_s: 0.3 };
    control = new runtime.ControlProxyNode({
      ...{ robot: robot.name, hz: HZ, arm: arm.link, envelope, supervised_by: gate, journal: true, tool: () => tool },
    });
    servo = new runtime.ServoProxyNode(() => control.thread);
    safety = new runtime.SafetySupervisorNode({ gate, processes: [], parameters: { silence_s: 0.5, busy_s: 5 } });
    bus.subscribe(TOPICS.joint_states, 'test', (state) => {
      joints = state;
    });
    bus.subscribe(TOPICS.safety_state, 'test', (state) => {
      ({ mode, reasons } = state);
      stops.push(...reasons);
    });
    for (const node of [safety, control, servo, recorder]) await node.configure(context);
    for (const node of [safety, control, servo]) node.activate();
    bus.subscribe(TOPICS.gate_journal, 'test', ({ first_cycle }) => {
      journalled = first_cycle;
    });
    // It comes up last, as in graphs, but before a busy machine has let the first block pass.
    recorder.activate();
  });
  afterAll(async () => {
    for (const node of [servo, control, safety]) node.deactivate();
    for (const node of [servo, control, safety]) await node.cleanup();
    await recorder.cleanup();
    await arm.close();
    close();
    rmSync(folder, { recursive: true });
  });

  async function until(condition: () => boolean, within_ms = 5000): Promise<void> {
    for (const end = performance.now() + within_ms; !condition(); await sleep(2))
      if (performance.now() > end) throw new Error(`not so after ${within_ms} ms: mode ${mode}, ${reasons}`);
  }

  /** Brings everything to where motion is allowed; a busy machine may have stopped it, or made the arm fall behind. */
  async function ready(): Promise<void> {
    const together = () => {
      const state = control.thread?.state();
      return state?.reference.every((q, i) => Math.abs(q - state.position[i]) < 2e-3) === true;
    };
    for (const end = performance.now() + 30_000; performance.now() < end; await sleep(20)) {
      if (mode === 'automatic' && together()) return;
      if (mode !== '' && mode !== 'automatic' && mode !== 'initialising') await bus.call(SERVICES.safety_reset, {});
    }
    throw new Error(`not ready: mode ${mode}, ${reasons}`);
  }

  /** Tries again what a machine too busy for it has spoilt. */
  async function undisturbed(work: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      await ready();
      stops = [];
      try {
        return await work();
      } catch (error) {
        const why = stops.join(', ');
        if (!BUSY.test(why) || tries > 8) throw new Error(`stopped by: ${why || 'nothing'}`, { cause: error });
      }
    }
  }

  const position = () => (joints?.position ?? robot.home_q).slice(0, N);

  /** From where the arm is to `goal` of joint 1 in `duration_s`, positions alone. */
  function turn(goal: number, duration_s = 1): Goal {
    const to = position();
    to[0] = goal;
    const none = new Float64Array(0);
    return {
      label: `to ${goal}`,
      trajectory: {
        joint_names: NAMES,
        time_s: Float64Array.of(duration_s),
        position: to,
        velocity: none,
        acceleration: none,
      },
    };
  }

  interface Sent {
    readonly done: Promise<{ readonly status: GoalStatus; readonly result: TrajectoryResult }>;
    readonly feedback: Feedback[];
    cancel(): void;
  }

  function send(goal: Goal): Sent {
    const feedback: Feedback[] = [];
    let cancel = () => {};
    const done = new Promise<{ status: GoalStatus; result: TrajectoryResult }>((resolve) => {
      const sent = bus.sendGoal(ACTIONS.follow_joint_trajectory, goal, {
        onFeedback: (message) => feedback.push(message),
        onResult: (status, result) => {
          stops.push(result.reason);
          resolve({ status, result });
        },
      });
      cancel = () => sent.cancel();
    });
    return { done, feedback, cancel: () => cancel() };
  }

  it('follows points without velocities, says where it is, and arrives', async () => {
    await undisturbed(async () => {
      const sent = send(turn(0.3, 1.5));
      const { status, result } = await sent.done;
      expect({ status, result }).toMatchObject({ status: 'succeeded', result: { ok: true, error: 'successful' } });
      expect(Math.abs(position()[0] - 0.3)).toBeLessThan(0.011);
      expect(sent.feedback.length).toBeGreaterThan(10);
      const { joints: last } = sent.feedback.at(-1) as Feedback;
      expect(last?.names).toEqual(NAMES);
      expect(Math.abs((last?.desired[0] ?? 0) - (last?.actual[0] ?? 9))).toBeLessThan(0.05);
      expect(joints?.effort.slice(0, N).some((tau) => Math.abs(tau) > 1)).toBe(true);
    });
  });

  it('takes joints in any order', async () => {
    await undisturbed(async () => {
      const goal = turn(0.1);
      const joint_names = [...NAMES].reverse();
      const { result } = await send({
        ...goal,
        trajectory: { ...goal.trajectory, joint_names, position: goal.trajectory.position.slice().reverse() },
      }).done;
      expect(result).toMatchObject({ ok: true });
    });
  });

  it('ends at once what it cannot follow, with the error it has a name for', async () => {
    await ready();
    const goal = turn(0.2);
    const with_trajectory = (change: Partial<Goal['trajectory']>): Goal => ({
      ...goal,
      trajectory: { ...goal.trajectory, ...change },
    });
    const far = goal.trajectory.position.map((q, i) => (i === 3 ? 0.5 : q));
    const cases: readonly [Goal, string, RegExp][] = [
      [with_trajectory({ position: far }), 'invalid_goal', /^position 0.50000 of panda_joint4 at point 1: -3/],
      [
        with_trajectory({ joint_names: NAMES.slice(1) }),
        'invalid_joints',
        /without joints panda_joint1: must be exactly/,
      ],
      [with_trajectory({ joint_names: [...NAMES.slice(1), 'elbow'] }), 'invalid_joints', /unknown joints elbow/],
      [{ ...goal, start_ns: wallClock.now_ns() - 2_000_000_000n }, 'old_header_timestamp', /began [2-9]\.\d\d\d s ago/],
    ];
    for (const [wrong, error, reason] of cases) {
      const { status, result } = await send(wrong).done;
      expect(status).toBe('aborted');
      expect(result).toMatchObject({ ok: false, error });
      expect(result.reason).toMatch(reason);
    }
  });

  it('waits for the time a goal is to begin at', async () => {
    await undisturbed(async () => {
      const begun = performance.now();
      const { result } = await send({ ...turn(0.25), start_ns: wallClock.now_ns() + 400_000_000n }).done;
      expect(result).toMatchObject({ ok: true });
      expect(performance.now() - begun).toBeGreaterThan(1390);
    });
  });

  it('lets a new goal take over, and comes to rest when it is canceled', async () => {
    await undisturbed(async () => {
      const first = send(turn(position()[0] + 0.4, 2));
      await until(() => Math.abs(joints?.velocity[0] ?? 0) > 0.1);
      const second = send(turn(position()[0] - 0.2, 2));
      expect((await first.done).result).toMatchObject({ ok: false, reason: expect.stringMatching(/^replaced by/) });
      await until(() => (joints?.velocity[0] ?? 0) < -0.05);
      second.cancel();
      const { status, result } = await second.done;
      expect({ status, reason: result.reason }).toEqual({ status: 'canceled', reason: 'canceled' });
      expect(Math.abs(joints?.velocity[0] ?? 9)).toBeLessThan(0.02);
    });
  });

  it('stops when it is asked over the bus, says why, and goes on after a reset', async () => {
    await undisturbed(async () => {
      const sent = send(turn(position()[0] > 0 ? -0.3 : 0.3, 2));
      await until(() => Math.abs(joints?.velocity[0] ?? 0) > 0.1);
      expect(await bus.call(SERVICES.safety_stop, {})).toMatchObject({ success: true });
      const { status, result } = await sent.done;
      expect(status).toBe('aborted');
      expect(result.reason).toMatch(/^stopped by the safety gate: a stop was asked for/);
      expect(mode).toBe('protective_stop');
      await until(() => Math.abs(joints?.velocity[0] ?? 9) < 1e-3);
      expect(await bus.call(SERVICES.safety_reset, {})).toEqual({ success: true, message: 'motion is allowed' });
      expect((await send(turn(0.1)).done).result).toMatchObject({ ok: true });
    });
  });

  it('selects modes over the bus, and refuses one in motion with the reason', async () => {
    await undisturbed(async () => {
      const sent = send(turn(position()[0] > 0 ? -0.3 : 0.3, 2));
      await until(() => Math.abs(joints?.velocity[0] ?? 0) > 0.1);
      expect(await bus.call(SERVICES.safety_set_mode, { mode: 'guided', enabled: true })).toEqual({
        success: false,
        message: 'mode guided can be selected only when the arm is at rest',
      });
      sent.cancel();
      await sent.done;
      const reduced = await bus.call(SERVICES.safety_set_mode, { mode: 'reduced', enabled: false });
      expect(reduced).toEqual({ success: true, message: 'reduced' });
      await until(() => mode === 'reduced');
      await bus.call(SERVICES.safety_set_mode, { mode: 'automatic', enabled: false });
      await until(() => mode === 'automatic');
    });
  });

  it('opens and closes the gripper, and holds what is between the fingers', async () => {
    await undisturbed(async () => {
      const grip = (width_m: number) =>
        new Promise<GoalStatus>((resolve) => {
          bus.sendGoal(ACTIONS.gripper, { width_m, force_N: 0 }, { onResult: (status) => resolve(status) });
        });
      expect(await grip(0.02)).toBe('succeeded');
      expect(await grip(0.06)).toBe('succeeded');
      expect(2 * (joints?.position[robot.gripper?.coordinate ?? 0] ?? 0)).toBeCloseTo(0.06, 3);
    });
  });

  it('moves a joint as it is told now, halts when it is told no more, and says so', async () => {
    const told: string[] = [];
    const statuses = bus.subscribe(TOPICS.servo_status, 'test', ({ state, reason }) => {
      told.push(`${state}: ${reason}`);
      if (state === 'halted' && reason !== 'stale') stops.push(`${state}: ${reason}`);
    });
    await undisturbed(async () => {
      const from = position();
      const velocity = Float64Array.of(from[0] > 0 ? -0.2 : 0.2);
      for (const end = performance.now() + 1000; performance.now() < end; await sleep(20))
        bus.publish(TOPICS.servo_jog, { stamp_ns: wallClock.now_ns(), names: NAMES.slice(0, 1), velocity });
      await until(() => told.at(-1) === 'halted: stale' && control.thread?.state().at_rest === true);
      const moved = control.thread?.state().reference.map((q, i) => q - from[i]) ?? from;
      // A busy machine sends late, and the arm then halts in between.
      expect(Math.abs(moved[0])).toBeGreaterThan(0.05);
      expect(Math.abs(moved[0])).toBeLessThan(0.25);
      expect(Math.max(...moved.slice(1).map(Math.abs))).toBeLessThan(0.005);
      expect(told).toContain('following: none');
    });
    statuses.unsubscribe();
  });

  it('takes another tool when it is configured again, and moves only after a reset', async () => {
    await ready();
    const told: string[] = [];
    const edges = bus.subscribe(TOPICS.tf_static, 'test', ({ transforms }) => {
      told.push(...transforms.map(({ parent, child }) => `${parent} ${child}`));
    });
    for (const node of [servo, control]) node.deactivate();
    for (const node of [servo, control]) await node.cleanup();
    tool = {
      T_tool_tcp: { position: [0, 0, 0.1], orientation: [0, 0, 0, 1] },
      payload: { mass_kg: 0.5, com_m: [0, 0, 0.05] },
    };
    for (const node of [control, servo]) await node.configure(context);
    for (const node of [control, servo]) node.activate();
    await until(() => told.length > 0);
    expect(told).toEqual([`${robot.tcp_frame} ${CHANGED_TOOL_FRAME}`]);
    expect(control.thread?.robot.tcp_frame).toBe(CHANGED_TOOL_FRAME);
    await until(() => reasons.includes('control was restarted'));
    expect((await send(turn(0.2)).done).status).toBe('aborted');
    mode = '';
    await undisturbed(async () => {
      const { result } = await send(turn(0.2)).done;
      expect(result.reason).toBe('');
    });
    edges.unsubscribe();
  });

  it('has recorded what the gates were told, which replays to the same decisions, with either tool', async () => {
    const cycles = control.thread?.state().cycles ?? 0;
    await until(() => journalled > cycles, 20_000);
    const { file } = await recorder.finish();
    const modes = new Set<string>();
    const sources = new Set<string>();
    const replayed = await replayRecording(
      file,
      () => robot,
      ({ mode, source }) => {
        modes.add(mode);
        sources.add(source);
      },
    );
    expect(replayed).toMatchObject({ robot: 'panda', hz: HZ, gates: 2, difference: null, differing: 0, ended: '' });
    expect(replayed.cycles).toBeGreaterThan(2 * cycles);
    expect([...modes]).toEqual(expect.arrayContaining(['initialising', 'automatic', 'reduced', 'protective_stop']));
    expect([...sources]).toEqual(expect.arrayContaining(['trajectory', 'servo']));
  });
});
