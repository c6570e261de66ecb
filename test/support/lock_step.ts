import { expect } from 'vitest';
import type { TrajectoryTolerances } from '../../contracts/index.ts';
import { ContactDetector } from '../../control/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { ArmDriver } from '../../runtime/arm_driver.ts';
import { openArmLink } from '../../runtime/arm_link.ts';
import { ChannelReader, ChannelWriter, closeChannel, openChannel } from '../../runtime/channel.ts';
import { ControlCore } from '../../runtime/control_core.ts';
import {
  createControlMemory,
  REQUEST,
  REQUEST_KINDS,
  type RequestKind,
  requestBytes,
} from '../../runtime/control_memory.ts';
import { readState, stateBytes } from '../../runtime/control_state.ts';
import { CycleTrace } from '../../runtime/cycle_trace.ts';
import { Deadlines } from '../../runtime/deadlines.ts';
import { openGateLink } from '../../runtime/gate_link.ts';
import { GateOverChannel } from '../../runtime/gate_over_channel.ts';
import { HEARTBEAT_VALUES, HeartbeatReader, HeartbeatWriter } from '../../runtime/heartbeat.ts';
import { LeaseChannel } from '../../runtime/lease_channel.ts';
import { MailboxReader, MailboxWriter } from '../../runtime/mailbox.ts';
import { SimulatedArm } from '../../runtime/simulated_arm.ts';
import { SupervisorCore } from '../../runtime/supervisor_core.ts';
import { encodeTolerances, toleranceValues } from '../../runtime/tolerances_codec.ts';
import { encodeTrajectory } from '../../runtime/trajectory_codec.ts';
import {
  ANY_AUTONOMY,
  type AutonomyLimits,
  documentHash,
  envelopeDocument,
  envelopeForRobot,
  SafetyGate,
} from '../../safety/index.ts';

const robot = loadRobot('panda');
const HZ = 500;
const N = robot.arm_joints;
const NAMES = robot.model.joint_names.slice(0, N);
const BEAT_CYCLES = 5;

/** A process that the supervisor hears, and how it fares. */
export class BeatingProcess {
  alive = true;
  main_alive = true;
  readonly channel = openChannel(HEARTBEAT_VALUES);
  heartbeat = new HeartbeatReader(this.channel);
  private writer = new HeartbeatWriter(this.channel);
  private main = 0;

  beat(): void {
    if (!this.alive) return;
    if (this.main_alive) this.main++;
    this.writer.beat(this.main, true);
  }

  /** Says that it ends, and beats no more. */
  end(): void {
    this.writer.beat(this.main, false);
    this.alive = false;
  }

  restart(): void {
    this.writer = new HeartbeatWriter(this.channel);
    this.alive = true;
    this.main_alive = true;
  }
}

/** The control thread's core, an arm and a supervisor over real channels, all stepped by hand on a time of their own. */
export class LockStep {
  readonly link = openArmLink(robot);
  readonly arm = new SimulatedArm(robot, HZ, new ChannelReader(this.link.command), new ChannelWriter(this.link.state));
  readonly deadlines = new Deadlines(1 / HZ);
  /** One the supervisor waits for, with at most 0.5 s of other work; and one whose silence is only told. */
  readonly planning = new BeatingProcess();
  readonly recorder = new BeatingProcess();
  memory = createControlMemory(N, robot.model.nq);
  core: ControlCore;
  supervisor: SupervisorCore;
  arm_alive = true;
  supervisor_alive = true;
  control_alive = true;
  readonly gate_link = openGateLink();
  private readonly contact: boolean | null;
  private readonly autonomy: AutonomyLimits;
  private requests = new MailboxWriter(this.memory.requests, requestBytes(N));
  private states = new MailboxReader(this.memory.states, stateBytes(N, robot.model.nq));
  private requested = 0;
  private lived = 0;
  private sessions = 98;

  /**
   * @param contact  whether contact stops the arm; null where nothing watches
   * @param processes  whether the other processes run from the start
   * @param autonomy  what the arm may do by itself
   */
  constructor(contact: boolean | null = null, processes = true, autonomy = ANY_AUTONOMY) {
    this.autonomy = autonomy;
    this.contact = contact;
    this.planning.alive = processes;
    this.recorder.alive = processes;
    this.arm.report();
    this.core = this.startControl();
    this.supervisor = this.startSupervisor();
    this.deadlines.start(50);
    for (let i = 0; i < 10; i++) this.cycle();
  }

  /** Another controller in place of the one before. */
  restartControl(): void {
    this.memory = createControlMemory(N, robot.model.nq);
    this.requests = new MailboxWriter(this.memory.requests, requestBytes(N));
    this.states = new MailboxReader(this.memory.states, stateBytes(N, robot.model.nq));
    this.core = this.startControl();
    this.control_alive = true;
  }

  restartSupervisor(): void {
    this.planning.heartbeat = new HeartbeatReader(this.planning.channel);
    this.recorder.heartbeat = new HeartbeatReader(this.recorder.channel);
    this.supervisor = this.startSupervisor();
    this.supervisor_alive = true;
  }

  private startControl(): ControlCore {
    const states = new ChannelReader(this.link.state);
    const driver = new ArmDriver(robot, new ChannelWriter(this.link.command), states, ++this.sessions);
    driver.read();
    const gate = new SafetyGate(envelopeForRobot(robot), robot, HZ, this.sessions);
    const lease = new LeaseChannel(this.gate_link.observation, this.gate_link.grant);
    lease.tellEnvelope(documentHash(envelopeDocument(gate.envelope)));
    const dropped = () => states.torn;
    const { contact, memory } = this;
    const watch = contact === null ? null : { detector: new ContactDetector(robot, HZ), stop: contact };
    return new ControlCore({ robot, driver, gate, lease, memory, dropped, contact: watch });
  }

  private startSupervisor(): SupervisorCore {
    const { planning, recorder, gate_link } = this;
    const supervisor = new SupervisorCore({
      autonomy: this.autonomy,
      gate: new GateOverChannel(gate_link.observation, gate_link.grant),
      processes: [
        { name: 'planning', heartbeat: planning.heartbeat, busy_s: 0.5, required: true },
        { name: 'recorder', heartbeat: recorder.heartbeat, busy_s: 0.5, required: false },
      ],
    });
    supervisor.setActive(true);
    return supervisor;
  }

  /** Arm and supervisor live on while a cycle is late. */
  cycle(late_s = 0): void {
    const { deadlines } = this;
    const now_s = deadlines.next_s + late_s;
    deadlines.begin(now_s);
    while (this.lived < deadlines.passed(now_s)) this.live(deadlines.time_s(++this.lived));
    if (this.control_alive) this.core.cycle(now_s, deadlines);
  }

  private live(now_s: number): void {
    const { arm } = this;
    if (this.arm_alive) {
      arm.receive();
      arm.step();
      arm.report();
    }
    if (this.lived % BEAT_CYCLES === 1) for (const process of [this.planning, this.recorder]) process.beat();
    if (this.supervisor_alive) this.supervisor.step(now_s);
  }

  get state() {
    this.states.take();
    return readState(this.states.slot, N, robot.model.nq);
  }

  get trace() {
    return new CycleTrace(this.memory.trace, N);
  }

  /** Sends a request, runs a cycle and returns why it was refused. */
  ask(kind: RequestKind, fill: (body: Float64Array) => void = () => {}): string {
    const { f64 } = this.requests.slot;
    f64[REQUEST.id] = ++this.requested;
    f64[REQUEST.kind] = REQUEST_KINDS.indexOf(kind);
    fill(f64.subarray(REQUEST.body));
    this.requests.send();
    this.cycle();
    expect(this.state.answered).toBe(this.requested);
    return this.state.refusal;
  }

  /** Swings the first joint out by 0.4 rad and lets it get under way. */
  move(cycles = 150, tolerances: TrajectoryTolerances = {}): string {
    const from = this.state.reference;
    const time_s = Float64Array.of(0, 1);
    const position = Float64Array.of(...from, ...from.map((q, i) => (i === 0 ? q + 0.4 : q)));
    const still = new Float64Array(2 * N);
    const trajectory = { joint_names: NAMES, time_s, position, velocity: still, acceleration: still };
    const refusal = this.ask('trajectory', (body) => {
      encodeTolerances(tolerances, NAMES, body);
      encodeTrajectory(trajectory, NAMES, body.subarray(toleranceValues(N)));
    });
    for (let i = 0; i < cycles; i++) this.cycle();
    return refusal;
  }

  /** Cycles until the gate's reference rests, and the arm with it. */
  rest(): number {
    let cycles = 0;
    for (; cycles < 500 && !(this.state.at_rest && this.arm.servo.v.every((v) => Math.abs(v) < 1e-4)); cycles++)
      this.cycle();
    expect(cycles).toBeLessThan(500);
    return cycles;
  }

  close(): void {
    const { link, gate_link, planning, recorder } = this;
    for (const { channel } of [planning, recorder]) closeChannel(channel);
    for (const channel of [link.command, link.state, gate_link.observation, gate_link.grant]) closeChannel(channel);
  }
}
