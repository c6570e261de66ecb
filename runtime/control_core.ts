import { z } from 'zod';
import { InputError, OPERATING_MODES, SAFETY_MODES } from '../contracts/index.ts';
import { type ContactReaction, ControlLoop } from '../control/index.ts';
import type { Robot } from '../robots/index.ts';
import { type Envelope, obstacleSchema, type SafetyGate } from '../safety/index.ts';
import type { ArmDriver } from './arm_driver.ts';
import { ARM_PHASES } from './arm_protocol.ts';
import type { BodyChannelReader } from './body_channel.ts';
import { type ControlMemory, FLAGS, REQUEST, REQUEST_KINDS, requestBytes } from './control_memory.ts';
import {
  followerOutcomeIndex,
  followerPhaseIndex,
  gripperOutcomeIndex,
  STATE_INDEX as S,
  STATE_VECTORS,
  STOP_CAUSES,
  type StopCause,
  stateBytes,
  writeText,
} from './control_state.ts';
import { CycleTrace } from './cycle_trace.ts';
import type { Deadlines } from './deadlines.ts';
import { LatenessHistogram } from './lateness.ts';
import type { LeaseChannel } from './lease_channel.ts';
import { limitedEnvelope } from './limited_envelope.ts';
import { MailboxReader, MailboxWriter } from './mailbox.ts';
import { ServoInbox } from './servo_inbox.ts';
import { decodeTolerances, toleranceValues } from './tolerances_codec.ts';
import { decodeTrajectory } from './trajectory_codec.ts';

export interface ControlCoreOptions {
  readonly robot: Robot;
  readonly driver: ArmDriver;
  readonly gate: SafetyGate;
  readonly lease: LeaseChannel;
  /** Tracked bodies; null where nobody tells of them. */
  readonly bodies?: BodyChannelReader | null;
  readonly memory: ControlMemory;
  /** Records dropped so far by the channels of lease and arm. */
  readonly dropped: () => number;
  readonly contact?: ContactReaction | null;
}

const STOP_CATEGORIES = [0, 1, 2] as const;
/** Cycles without a state from the arm after which it counts as gone. */
const ARM_SILENT_CYCLES = 20;
/** The same where nothing moves or is to: whoever brings the states may be busy with a long goal. */
const ARM_SILENT_AT_REST_CYCLES = 120;
/** Cycles in which an arm that is commanded only holds, after which it counts as one that has braked by itself. */
const ARM_IDLE_CYCLES = 250;

const bit = (cause: StopCause) => 1 << STOP_CAUSES.indexOf(cause);
const REQUESTED = bit('requested');
const SILENT = bit('arm_silent');
const BRAKED = bit('arm_braked');
const ENDING = bit('ending');
const CONTACT = bit('contact');
const SUPERVISOR = bit('supervisor');

/** What runs in the control thread at every cycle: requests in, one tick of the loop, state out. */
export class ControlCore {
  readonly loop: ControlLoop;
  private readonly options: ControlCoreOptions;
  private readonly flags: Int32Array;
  private readonly requests: MailboxReader;
  private readonly states: MailboxWriter;
  private readonly lateness: LatenessHistogram;
  private readonly trace: CycleTrace;
  private readonly servo: ServoInbox;
  private readonly joints: number;
  private readonly names: readonly string[];
  private readonly stops_seen = new Int32Array(STOP_CATEGORIES.length);
  private causes = 0;
  private answered = 0;
  /** A request has been taken and not been served. */
  private waiting = false;
  private idle = 0;
  private refusal = new Uint8Array(0);
  /** Of the gate without what the supervisor limits. */
  private readonly envelope: Envelope;

  /** The arm must have reported at least once. */
  constructor(options: ControlCoreOptions) {
    const { robot, driver, gate, lease, memory, contact = null } = options;
    const { nq, joint_names } = robot.model;
    this.options = options;
    this.envelope = gate.envelope;
    this.joints = robot.arm_joints;
    this.names = joint_names.slice(0, robot.arm_joints);
    this.flags = new Int32Array(memory.flags);
    this.requests = new MailboxReader(memory.requests, requestBytes(this.joints));
    this.states = new MailboxWriter(memory.states, stateBytes(this.joints, nq));
    this.lateness = new LatenessHistogram(memory.lateness);
    this.trace = new CycleTrace(memory.trace, this.joints);
    this.loop = new ControlLoop({ robot, driver, gate, supervisor: lease, contact });
    this.servo = new ServoInbox(this.loop, memory);
  }

  get ending(): boolean {
    return (this.causes & ENDING) !== 0;
  }

  /** True once the end was asked for and the arm is at rest. */
  get ended(): boolean {
    return this.ending && this.options.gate.atRest;
  }

  /** One cycle that began at `now_s`. */
  cycle(now_s: number, deadlines: Deadlines): void {
    const { loop } = this;
    const { gate, lease, driver } = this.options;
    this.watch(deadlines.lateness_s);
    this.obeySupervisor();
    if (this.requests.take()) this.waiting = true;
    if (this.waiting && !this.heldUp()) this.serve(now_s);
    this.servo.take(now_s, driver.phase === 'following');
    loop.tick(now_s, deadlines.cycles / gate.hz);
    this.servo.tell();
    if (this.options.contact?.stop === true && loop.contact?.contact === true) this.causes |= CONTACT;
    lease.tell(gate, this.causes, driver.phase);
    this.lateness.add(deadlines.lateness_s);
    this.trace.add(now_s, deadlines.lateness_s, gate);
    this.report(now_s, deadlines);
  }

  /** Stops the arm for what the gate cannot see. */
  private watch(lateness_s: number): void {
    const { gate, driver, lease } = this.options;
    let causes = 0;
    lease.receive();
    this.options.bodies?.pass(gate);
    for (const category of STOP_CATEGORIES) {
      const stops = Atomics.load(this.flags, FLAGS.stops + category);
      if (stops === this.stops_seen[category]) continue;
      this.stops_seen[category] = stops;
      this.causes |= REQUESTED;
      gate.requestStop(category);
    }
    gate.setEnabled(Atomics.load(this.flags, FLAGS.enabled) !== 0 || lease.enabled);
    if (lateness_s > gate.envelope.late_s && !gate.atRest) gate.reportLate();
    // Before the first grant nothing moves, and an arm that has yet to come stops nothing.
    const bearable = gate.atRest && this.loop.follower.phase === 'idle' ? ARM_SILENT_AT_REST_CYCLES : ARM_SILENT_CYCLES;
    if (driver.silent > bearable && gate.mode !== 'initialising') causes |= SILENT;
    this.idle = driver.phase === 'holding' && gate.lastCommand.drives_on ? this.idle + 1 : 0;
    const holds = driver.phase === 'holding' && (!gate.atRest || this.idle > ARM_IDLE_CYCLES);
    if ((driver.phase === 'braking' || holds) && gate.lastCommand.drives_on) causes |= BRAKED;
    if (Atomics.load(this.flags, FLAGS.end) !== 0) causes |= ENDING;
    if (causes === 0) return;
    this.causes |= causes;
    gate.requestStop();
  }

  /** What the supervisor asks beside its grants; limits change at rest, and nothing is granted until they have. */
  private obeySupervisor(): void {
    const { gate, lease } = this.options;
    // Of a stop and a reset at once the stop counts.
    if (lease.takeReset()) lease.answer(this.reset());
    const category = lease.takeStop();
    if (category !== -1) {
      this.causes |= SUPERVISOR;
      gate.requestStop(category);
    }
    const mode = lease.takeMode();
    if (mode !== null) lease.answer(gate.selectMode(mode));
    gate.setPace(lease.pace);
    gate.setPolicies(lease.policies);
    if (lease.limitsWanted && gate.atRest) this.changeLimits();
  }

  private changeLimits(): void {
    const { gate, lease } = this.options;
    try {
      gate.setEnvelope(limitedEnvelope(this.envelope, lease.toolSpeed_m_per_s, lease.speedShare));
      lease.keepLimits();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      lease.refuseLimits();
      lease.answer(error.message);
    }
  }

  /** A motion begins only from a state that is fresh. */
  private heldUp(): boolean {
    const { driver, gate } = this.options;
    const kind = REQUEST_KINDS[this.requests.slot.f64[REQUEST.kind]];
    return kind === 'trajectory' && driver.silent > ARM_SILENT_CYCLES && !gate.latched && gate.mode !== 'initialising';
  }

  private serve(now_s: number): void {
    const { f64 } = this.requests.slot;
    this.waiting = false;
    this.answered = f64[REQUEST.id];
    let refusal = '';
    try {
      refusal = this.handle(f64, now_s);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refusal = error.message;
    }
    this.refusal = new TextEncoder().encode(refusal);
  }

  private handle(f64: Float64Array, now_s: number): string {
    const { loop } = this;
    const { gate } = this.options;
    const kind = REQUEST_KINDS[f64[REQUEST.kind]];
    switch (kind) {
      case 'trajectory':
        if (this.options.driver.phase !== 'following') return 'the arm does not follow commands; reset it first';
        this.startTrajectory(f64);
        return '';
      case 'cancel':
        loop.cancelTrajectory();
        return '';
      case 'speed':
        loop.follower.setSpeed(f64[REQUEST.body]);
        return '';
      case 'gripper':
        if (loop.gripper === null) return 'this robot has no gripper';
        loop.gripper.start(f64[REQUEST.body], f64[REQUEST.body + 1]);
        return '';
      case 'gripper_cancel':
        loop.gripper?.cancel();
        return '';
      case 'mode':
        return gate.selectMode(OPERATING_MODES[f64[REQUEST.body]]);
      case 'obstacles':
        gate.setObstacles(this.obstacles(f64), now_s);
        return '';
      case 'reset':
        return this.reset();
    }
  }

  private startTrajectory(f64: Float64Array): void {
    const { loop, names, joints } = this;
    const tolerances = decodeTolerances(f64.subarray(REQUEST.body), names);
    loop.startTrajectory(decodeTrajectory(f64.subarray(REQUEST.body + toleranceValues(joints)), names), tolerances);
    this.servo.giveWay();
  }

  private obstacles(f64: Float64Array): z.infer<typeof obstacleSchema>[] {
    const from = 8 * (REQUEST.body + 1);
    const json = this.requests.slot.u8.slice(from, from + f64[REQUEST.body]);
    const { data, error } = z.array(obstacleSchema).safeParse(JSON.parse(new TextDecoder().decode(json)));
    if (error === undefined) return data;
    const { path, message } = error.issues[0];
    throw new InputError(`obstacles.${path.join('.')}`, message);
  }

  private reset(): string {
    const { gate, driver } = this.options;
    if (driver.silent > ARM_SILENT_CYCLES) return 'the arm does not answer';
    if (driver.phase === 'braking') return 'the arm is still braking';
    this.causes &= ENDING;
    return gate.acknowledge();
  }

  private report(now_s: number, deadlines: Deadlines): void {
    const { loop, states } = this;
    const { gate, driver } = this.options;
    const { f64 } = states.slot;
    const { state, follower } = loop;
    f64[S.t_s] = now_s;
    f64[S.cycles] = deadlines.cycles;
    f64[S.skipped] = deadlines.skipped;
    f64[S.mode] = SAFETY_MODES.indexOf(gate.mode);
    f64[S.reasons] = gate.reasons;
    f64[S.latched_reasons] = gate.latchedReasons;
    f64[S.selected_mode] = OPERATING_MODES.indexOf(gate.selectedMode);
    f64[S.stop_category] = gate.stopCategory;
    f64[S.drives_on] = gate.lastCommand.drives_on ? 1 : 0;
    f64[S.causes] = this.causes;
    f64[S.lease_valid] = gate.leaseValid ? 1 : 0;
    f64[S.leases_granted] = gate.lease.granted;
    f64[S.leases_refused] = gate.lease.refused;
    f64[S.at_rest] = gate.atRest ? 1 : 0;
    f64[S.stop_time_s] = gate.lastCommand.stop_time_s;
    f64[S.sequence] = gate.lastCommand.sequence;
    f64[S.passed] = gate.passed;
    f64[S.limited] = gate.limited;
    f64[S.stopped] = gate.stopped;
    f64[S.records_dropped] = this.options.dropped();
    f64[S.arm_phase] = ARM_PHASES.indexOf(driver.phase);
    f64[S.arm_refused] = driver.refused;
    f64[S.follower_phase] = followerPhaseIndex(follower.phase);
    f64[S.follower_outcome] = followerOutcomeIndex(follower.outcome);
    f64[S.path_time_s] = follower.time_s;
    f64[S.path_error_rad] = follower.max_error_rad;
    f64[S.last_error_rad] = follower.error_rad;
    f64[S.failed_joint] = follower.failed_joint;
    f64[S.speed] = follower.speed;
    f64[S.contact_joint] = loop.contact?.joint ?? -1;
    f64[S.gripper_outcome] = gripperOutcomeIndex(loop.gripper?.outcome ?? 'none');
    f64[S.gripper_width_m] = gate.lastCommand.gripper_width_m;
    f64[S.answered] = this.answered;
    f64[S.text_bytes] = writeText(states.slot, this.refusal);
    let to = STATE_VECTORS;
    f64.set(state.position, to);
    to += state.position.length;
    f64.set(state.velocity, to);
    to += state.velocity.length;
    f64.set(state.effort, to);
    to += state.effort.length;
    f64.set(state.wrench, to);
    to += state.wrench.length;
    f64.set(gate.lastCommand.position, to);
    f64.set(gate.lastCommand.velocity, to + gate.lastCommand.position.length);
    states.send();
  }
}
