import { beforeAll, describe, expect, it } from 'vitest';
import {
  InProcessBus,
  type SafetyState,
  SERVICES,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
  TOPICS,
} from '../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { envelopeForRobot } from '../safety/index.ts';
import { prepareEngine } from '../sim/index.ts';
import { SimCell } from './cell.ts';
import { drawUnrecordedWorld } from './world_record.ts';

const ROBOT = loadRobot('panda', { visualMeshes: false });
const NAMES = ROBOT.model.joint_names.slice(0, ROBOT.arm_joints);
const REDUCED_M_S = envelopeForRobot(ROBOT).tool.reduced_speed_m_per_s;
const WORLD = { task: 'pick-place', engine: 'cannon', randomize: 'none', objects: 'all', seed: 0 } as const;

/** A cell without cameras, whose arm is told by hand. */
async function cellOf(servo: boolean) {
  const { instance, rng, randomization } = drawUnrecordedWorld(WORLD, 0, ROBOT);
  const bus = new InProcessBus();
  const clock = new SimClock();
  const context = { bus, clock, log: SILENT_LOG };
  const cell = new SimCell(ROBOT, instance.scene, rng, context, false, 'cannon', randomization, null, { servo });
  for (const node of cell.nodes) await node.configure(context);
  for (const node of cell.nodes) node.activate();
  let safety: SafetyState | null = null;
  const reasons = new Set<string>();
  bus.subscribe(TOPICS.safety_state, 'test', (state) => {
    safety = state;
    for (const reason of state.reasons) reasons.add(reason);
  });
  const data = new RobotData(ROBOT.model);
  const pose = new Float64Array(12);
  const tool = () => {
    forwardKinematics(ROBOT.model, data, cell.loop.state.position);
    framePose(ROBOT.model, data, frameIndex(ROBOT.model, ROBOT.tcp_frame), pose);
    return [...pose.subarray(9, 12)];
  };
  /** Runs for a while; `say` is called at 50 Hz. Gives the greatest speed of the tool (m/s), over 10 ms each. */
  const run = (seconds: number, say: () => void = () => {}) => {
    let fastest = 0;
    let before = tool();
    for (let k = 0; k < Math.round(500 * seconds); k++) {
      if (k % 10 === 0) say();
      cell.step();
      clock.advance(secondsToStamp(cell.time_s));
      cell.publish();
      if (k % 5 !== 4) continue;
      const now = tool();
      fastest = Math.max(fastest, Math.hypot(...now.map((x, i) => x - before[i])) / 0.01);
      before = now;
    }
    return fastest;
  };
  const twist = (linear: readonly [number, number, number]) => () =>
    bus.publish(TOPICS.servo_twist, { stamp_ns: clock.now_ns(), frame_id: '', linear, angular: [0, 0, 0] });
  const jog = (velocity: number) => () =>
    bus.publish(TOPICS.servo_jog, {
      ...{ stamp_ns: clock.now_ns(), names: [NAMES[0]], velocity: Float64Array.of(velocity) },
    });
  const mode = (selected: 'automatic' | 'reduced', enabled: boolean) =>
    bus.call(SERVICES.safety_set_mode, { mode: selected, enabled });
  return { bus, cell, run, twist, jog, mode, tool, reasons, safety: () => safety };
}

beforeAll(() => prepareEngine('cannon'));

describe('the servo of a simulated cell', () => {
  it('moves the joint that is jogged, and halts when nothing is said any more', async () => {
    const { cell, run, jog } = await cellOf(true);
    run(0.2);
    const from = cell.loop.state.position[0];
    run(1, jog(0.3));
    expect(cell.loop.state.position[0] - from).toBeGreaterThan(0.15);
    run(0.5);
    const rest = cell.loop.state.position[0];
    run(0.3);
    expect(Math.abs(cell.loop.state.position[0] - rest)).toBeLessThan(1e-3);
  });

  it('goes no faster in reduced mode than that allows, and the gate need not slow it', async () => {
    const { cell, run, twist, mode, safety } = await cellOf(true);
    run(0.2);
    expect(await mode('reduced', true)).toEqual({ success: true, message: 'reduced' });
    run(0.1);
    expect(safety()?.mode).toBe('reduced');
    const limited = cell.gate.limited;
    expect(run(1, twist([0, 0.5, 0]))).toBeLessThanOrEqual(REDUCED_M_S * 1.02);
    expect(cell.gate.limited).toBe(limited);
    expect(safety()).toMatchObject({ mode: 'reduced', latched: false, reasons: [] });
  });

  it('does not move in reduced mode without the enabling device, which latches nothing', async () => {
    const { cell, run, jog, mode, safety, reasons } = await cellOf(true);
    run(0.2);
    await mode('reduced', false);
    const from = cell.loop.state.position[0];
    run(0.5, jog(0.3));
    expect(Math.abs(cell.loop.state.position[0] - from)).toBeLessThan(1e-3);
    expect(safety()?.latched).toBe(false);
    expect([...reasons]).toContain('not_enabled');
    run(0.3);
    await mode('reduced', true);
    run(0.5, jog(0.3));
    expect(cell.loop.state.position[0] - from).toBeGreaterThan(0.05);
  });

  it('keeps the tool off the table', async () => {
    const { run, twist, tool } = await cellOf(true);
    run(0.2);
    run(4, twist([0, 0, -0.2]));
    expect(tool()[2]).toBeGreaterThan(0.008);
  });

  it('moves nothing while another source has its place, and none of what it was told then when it takes it back', async () => {
    const { cell, run, jog, mode } = await cellOf(true);
    run(0.2);
    cell.drive(null);
    const from = cell.loop.state.position[0];
    run(0.5, jog(0.3));
    expect(Math.abs(cell.loop.state.position[0] - from)).toBeLessThan(1e-3);
    // A change of mode makes another servo, which has to wait, too.
    expect((await mode('reduced', true)).success).toBe(true);
    run(0.3, jog(0.3));
    expect(Math.abs(cell.loop.state.position[0] - from)).toBeLessThan(1e-3);
    cell.release();
    run(0.3);
    expect(Math.abs(cell.loop.state.position[0] - from)).toBeLessThan(1e-3);
    run(0.5, jog(0.3));
    expect(cell.loop.state.position[0] - from).toBeGreaterThan(0.05);
  });

  it('is not there where nobody asked for it', async () => {
    const { bus, cell, run, jog } = await cellOf(false);
    run(0.2);
    const from = cell.loop.state.position[0];
    expect(bus.subscribers(TOPICS.servo_jog)).toBe(0);
    run(0.5, jog(0.3));
    expect(Math.abs(cell.loop.state.position[0] - from)).toBeLessThan(1e-3);
  });
});
