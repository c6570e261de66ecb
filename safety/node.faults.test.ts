import { describe, expect, it } from 'vitest';
import {
  type BodyTrack,
  type BodyTracks,
  type Degradation,
  type Detection,
  InProcessBus,
  type JointState,
  type SafetyState,
  SERVICES,
  SILENT_LOG,
  SimClock,
  secondsToStamp,
  TOPICS,
} from '../contracts/index.ts';
import { GateRig } from '../test/support/gate_rig.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import type { AuditEvent } from './audit/event.ts';
import { envelopeForRobot } from './envelope.ts';
import { SafetyMonitors } from './monitors/monitors.ts';
import { DEFAULT_REACTIONS, type Fault } from './monitors/reactions.ts';
import { SafetyNode } from './node.ts';

const ROBOT = plainArm();
const N = ROBOT.arm_joints;
const HZ = 500;
const NAMES = ROBOT.model.joint_names.slice(0, N);
const SPEEDS = [0.15, 0, 0, 0, 0, 0, 0];
const PLANNER = 'planning';

/** What may be wrong with what the topics carry; null drops a message. */
interface Faults {
  state: (state: JointState) => JointState | null;
  wrench: readonly [number, number, number] | 'frozen' | null;
  temperature_C: number;
  ood_score: number;
  detections: boolean;
  planner: boolean;
  bodies: (tracks: BodyTracks) => BodyTracks | null;
  clock_shift_s: number;
  disk: string;
  /** Speeds that are wanted, rad/s, by whoever commands. */
  speeds: readonly number[];
}

/** A gate that moves an arm, its node on a bus, and everything that monitors listen to. */
class Cell {
  readonly rig = new GateRig(ROBOT, envelopeForRobot(ROBOT), HZ);
  readonly bus = new InProcessBus();
  readonly faults: Faults = {
    ...{ state: (state) => state, wrench: [0, 0, 5], temperature_C: 40, ood_score: 1, detections: true, planner: true },
    ...{ bodies: (tracks) => tracks, clock_shift_s: 0, disk: '', speeds: SPEEDS },
  };
  readonly events: AuditEvent[] = [];
  readonly states: SafetyState[] = [];
  readonly node: SafetyNode;
  private readonly clock = new SimClock();
  private cycles = 0;
  private failure = '';
  /** Who reads detections, all the time. */
  private readonly reader: string;

  constructor(reader = 'planning') {
    this.reader = reader;
    const audit = {
      record: (event: AuditEvent) => void this.events.push(event),
      failure: () => this.failure,
    };
    const sink = Object.defineProperty({ record: audit.record }, 'failure', { get: audit.failure });
    const monitors = new SafetyMonitors(ROBOT, {}, { planners: [PLANNER] });
    this.node = new SafetyNode(this.rig.gate, this.rig.supervisor, null, { audit: sink, monitors });
  }

  async start(source: 'trajectory' | 'policy' = 'trajectory'): Promise<void> {
    const shifted = {
      now_ns: () => this.clock.now_ns() + secondsToStamp(this.faults.clock_shift_s),
      schedule: (at_ns: bigint, callback: () => void) =>
        this.clock.schedule(at_ns - secondsToStamp(this.faults.clock_shift_s), callback),
    };
    this.rig.request.source = source;
    await this.node.configure({ bus: this.bus, clock: shifted, log: SILENT_LOG });
    this.bus.subscribe(TOPICS.safety_state, 'test', (state) => void this.states.push(state));
    if (this.reader !== '') this.bus.subscribe(TOPICS.detections, this.reader, () => {});
    this.node.activate();
  }

  get now_s(): number {
    return this.cycles / HZ;
  }

  run(time_s: number): void {
    for (const end_s = this.now_s + time_s; this.now_s < end_s - 1e-9; ) this.step();
  }

  step(): void {
    const { rig, faults, node } = this;
    const speeds = faults.speeds.map((v) => v * rig.gate.pace);
    this.cycles++;
    rig.step('velocity', speeds);
    this.clock.advance(secondsToStamp(this.now_s));
    node.afterTick();
    this.failure = faults.disk;
    if (this.cycles % 5 === 0) this.publish();
  }

  private publish(): void {
    const { bus, faults, rig } = this;
    const stamp_ns = this.clock.now_ns();
    const { position, velocity } = rig.gate.lastCommand;
    const state = faults.state({
      ...{ stamp_ns, names: NAMES, position: position.slice(), velocity: velocity.slice() },
      effort: new Float64Array(N),
    });
    if (state !== null) bus.publish(TOPICS.joint_states, state);
    const force = faults.wrench === 'frozen' ? ([0.1, 0.2, 5] as const) : faults.wrench;
    const noise = faults.wrench === 'frozen' ? 0 : 1e-3 * Math.sin(this.cycles);
    if (force !== null) {
      const felt = [force[0] + noise, force[1], force[2]] as const;
      bus.publish(TOPICS.wrench, { stamp_ns, frame_id: 'hand', force: felt, torque: [0, 0, 0] });
    }
    const values = [{ interface: 'temperature', value: faults.temperature_C }];
    bus.publish(TOPICS.dynamic_joint_states, { stamp_ns, joints: [{ name: NAMES[1], values }] });
    if (faults.planner) bus.publish(TOPICS.heartbeats, { stamp_ns, node: PLANNER, sequence: 1, timeout_s: 0.2 });
    if (this.cycles % 25 === 0) this.publishSlowly(stamp_ns);
  }

  private publishSlowly(stamp_ns: bigint): void {
    const { bus, faults } = this;
    const { ood_score } = faults;
    bus.publish(TOPICS.policy_status, { stamp_ns, policy: 'reach', model_sha256: '', ood_score, ood_limit: 3 });
    const body: BodyTrack = {
      ...{ id: 1, kind: 'person', radius_m: 0.3, length_m: 1, velocity_m_per_s: [0, 0, 0], position_error_m: 0 },
      pose: { position: [3, 0, 1], orientation: [0, 0, 0, 1] },
    };
    const frame_id = ROBOT.model.root_link;
    const tracks = faults.bodies({ stamp_ns, frame_id, source: 'lidar', bodies: [body] });
    if (tracks !== null) bus.publish(TOPICS.bodies, tracks);
    if (!faults.detections) return;
    const detection: Detection = {
      ...{ id: 0, class: 'box', colour: 'red', score: 0.9, pose: body.pose, pixels: 9, image_box: [0, 0, 3, 3] },
      ...{ shape: { type: 'box', size: [0.04, 0.04, 0.04] }, covariance: new Array<number>(36).fill(0) },
    };
    bus.publish(TOPICS.detections, {
      ...{ stamp_ns, frame_id: 'world', request_id: '', source: 'onnx', degraded_reason: '', model: 'm' },
      detections: [detection],
    });
  }

  /** Whether the motion is already as this degradation asks for. */
  shows(degradation: Degradation): boolean {
    const { gate } = this.rig;
    if (degradation === 'stop') return gate.mode === 'protective_stop' && gate.latched;
    if (degradation === 'scripted') return gate.mode === 'protective_stop' && gate.stopCategory === 2;
    return degradation === 'slower' ? gate.pace === 0.25 : gate.pace === 0;
  }
}

const jump = (state: JointState): JointState => ({
  ...state,
  position: state.position.map((q, i) => (i === 2 ? q + 0.3 : q)),
});

const INJECTED: readonly [Fault, (faults: Faults) => void][] = [
  ['joint_states_late', (faults) => Object.assign(faults, { state: () => null })],
  ['state_jump', (faults) => Object.assign(faults, { state: jump })],
  [
    'state_implausible',
    (faults) => Object.assign(faults, { state: (s: JointState) => ({ ...s, velocity: s.velocity.map((v) => v + 1) }) }),
  ],
  ['wrench_excess', (faults) => Object.assign(faults, { wrench: [0, 200, 0] })],
  ['wrench_frozen', (faults) => Object.assign(faults, { wrench: 'frozen' })],
  ['temperature', (faults) => Object.assign(faults, { temperature_C: 75 })],
  ['perception_lost', (faults) => Object.assign(faults, { detections: false })],
  ['planner_silent', (faults) => Object.assign(faults, { planner: false })],
  ['policy_diverging', (faults) => Object.assign(faults, { speeds: [9, 0, 0, 0, 0, 0, 0] })],
  ['policy_unknown_input', (faults) => Object.assign(faults, { ood_score: 20 })],
  ['bodies_lost', (faults) => Object.assign(faults, { bodies: () => null })],
  [
    'body_implausible',
    (faults) => Object.assign(faults, { bodies: (t: BodyTracks) => ({ ...t, frame_id: 'elsewhere' }) }),
  ],
  ['partition', (faults) => Object.assign(faults, { state: () => null, wrench: null })],
  ['clock_jump', (faults) => Object.assign(faults, { clock_shift_s: -3 })],
  ['disk_full', (faults) => Object.assign(faults, { disk: 'ENOSPC: no space left on device' })],
];

describe('the safety node on the embedded bus', () => {
  it('finds nothing while nothing is wrong', async () => {
    const cell = new Cell();
    await cell.start();
    cell.run(4);
    expect(cell.events.filter(({ kind }) => kind === 'fault')).toEqual([]);
    expect(cell.states.at(-1)).toMatchObject({ mode: 'automatic', degradation: 'none', pace: 1 });
  });

  it.each(INJECTED)('acts on %s within the declared time, says it, and works again after', async (fault, inject) => {
    const cell = new Cell();
    const by = fault.startsWith('policy') ? 'policy' : 'trajectory';
    await cell.start(by);
    cell.run(2);
    const { degradation, within_s } = DEFAULT_REACTIONS[fault];
    const well = { ...cell.faults };
    inject(cell.faults);
    const begun_s = cell.now_s;
    while (!cell.shows(degradation) && cell.now_s < begun_s + 3) cell.step();
    expect(cell.now_s - begun_s, `${fault} within its time`).toBeLessThanOrEqual(within_s + 1e-9);
    // What is declared for another fault, or the gate itself, may have stopped it before.
    cell.run(0.04);
    const found = cell.events.filter(({ kind }) => kind === 'fault').map(({ rule }) => rule);
    expect(found).toContain(`reactions.${fault}`);
    cell.step();
    expect(cell.states.at(-1)).toMatchObject({ degradation });
    expect(cell.states.at(-1)?.reasons.join()).toContain(fault);

    // While it lasts a stop is not reset; an event is over by itself.
    cell.run(0.3);
    Object.assign(cell.faults, well);
    cell.faults.speeds = [0, 0, 0, 0, 0, 0, 0];
    cell.run(1.5);
    if (degradation === 'stop') {
      expect(await cell.bus.call(SERVICES.safety_reset, {})).toMatchObject({ success: true });
    }
    cell.faults.speeds = SPEEDS;
    cell.run(1);
    expect(cell.states.at(-1)).toMatchObject({ mode: 'automatic', degradation: 'none', pace: 1, reasons: [] });
    expect(cell.rig.gate.lastCommand.velocity[0]).toBeCloseTo(SPEEDS[0], 3);
  });

  it.each(['recorder', 'observer', ''])('asks nothing of perception that only "%s" looks at', async (reader) => {
    const cell = new Cell(reader);
    await cell.start();
    cell.run(1);
    cell.faults.detections = false;
    cell.run(3);
    expect(cell.events.filter(({ kind }) => kind === 'fault')).toEqual([]);
  });

  it('refuses a reset while what stops the arm is there, and tells the audit log of every request', async () => {
    const cell = new Cell();
    await cell.start();
    cell.run(1);
    cell.faults.temperature_C = 95;
    cell.run(0.5);
    const hot = 'temperature: joint2 temperature at 95.0 °C, at most 80';
    expect(await cell.bus.call(SERVICES.safety_reset, {})).toEqual({ success: false, message: hot });
    cell.faults.temperature_C = 75;
    cell.run(0.1);
    expect(await cell.bus.call(SERVICES.safety_reset, {})).toMatchObject({ success: true });
    cell.run(0.2);
    expect(cell.states.at(-1)).toMatchObject({ mode: 'automatic', degradation: 'slower', pace: 0.25 });
    await cell.bus.call(SERVICES.safety_stop, {});
    await cell.bus.call(SERVICES.safety_set_mode, { mode: 'reduced', enabled: true });
    cell.run(0.1);
    cell.node.deactivate();
    const told = cell.events.map(({ kind, rule }) => `${kind} ${rule}`);
    expect(told).toEqual([
      'start supervisor.active',
      'fault reactions.temperature',
      'degradation ladder',
      'mode mode.protective_stop',
      'reset reset.refused',
      'fault reactions.temperature',
      'reset reset.accepted',
      'fault reactions.temperature',
      'degradation ladder',
      expect.stringMatching(/^mode mode/),
      'stop_requested service.stop',
      'mode set_mode.accepted',
      'mode mode.protective_stop',
      'end supervisor.inactive',
    ]);
  });
});
