import { InputError } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { MeasuredState } from '../arm_monitor.ts';
import { type CommandRequest, createCommandRequest } from '../command_request.ts';
import type { Envelope } from '../envelope.ts';
import { SafetyGate } from '../gate.ts';
import { type ReasonName, reasonNames } from '../reasons.ts';
import type { SafetyMode } from '../state_machine.ts';
import { type CommandLine, readLine, readStart, type StartState, type StreamLine } from './line.ts';
import { OutputMonitor, type Utilisation } from './output_monitor.ts';

/** A line may be so much ahead of the one before it, s. */
const LONGEST_GAP_S = 1;
/** Rounding of times that were computed from a cycle's number, s. */
const TIME_SLACK_S = 1e-9;
/** Cycles after standstill at the end. */
const LAST_CYCLES = 10;

export interface StreamOptions {
  readonly hz: number;
  /** The lease is valid all the time, and lines about it are ignored. */
  readonly lease_always: boolean;
}

/** What the gate sent in one cycle: rad, rad/s, rad/s², rad/s³, Nm. */
export interface StreamCycle {
  readonly t: number;
  readonly position: readonly number[];
  readonly velocity: readonly number[];
  readonly acceleration: readonly number[];
  readonly jerk: readonly number[];
  /** In the torque interface only. */
  readonly torque?: readonly number[];
  readonly state: SafetyMode;
  readonly reasons: readonly ReasonName[];
  readonly stop_time_s: number;
  readonly latched: boolean;
  readonly stop_category: number;
  readonly drives_on: boolean;
}

export interface StreamSummary {
  readonly cycles: number;
  readonly passed: number;
  readonly limited: number;
  readonly stopped: number;
  readonly resets: number;
  readonly resets_refused: number;
  readonly malformed: number;
  readonly leases_refused: number;
  readonly max_utilisation: Utilisation;
  readonly violations: number;
  readonly outside_cycles: number;
  readonly max_stop_time_s: number;
}

/**
 * Runs a gate over a stream of lines in time order: cycle k is at k/hz, what comes at or before it is applied before it,
 * and the newest valid command wins. `onCycle` gets every cycle. The first line may be a start state; without one the
 * robot is at home and at rest.
 */
export class GateStream {
  readonly gate: SafetyGate;
  private readonly robot: Robot;
  private readonly envelope: Envelope;
  private readonly options: StreamOptions;
  private readonly onCycle: (cycle: StreamCycle) => void;
  private readonly request: CommandRequest;
  private readonly nonces = new Set<number | string>();
  private readonly last_acceleration: Float64Array;
  private monitor: OutputMonitor | null = null;
  private next_cycle = 0;
  private time_s = 0;
  private state_until_s = Number.NEGATIVE_INFINITY;
  private malformed = 0;
  private resets = 0;
  private resets_refused = 0;
  private leases_refused = 0;
  private max_stop_time_s = 0;

  constructor(robot: Robot, envelope: Envelope, options: StreamOptions, onCycle: (cycle: StreamCycle) => void) {
    this.robot = robot;
    this.envelope = envelope;
    this.options = options;
    this.onCycle = onCycle;
    this.gate = new SafetyGate(envelope, robot, options.hz);
    this.request = createCommandRequest(envelope.joints.length);
    this.last_acceleration = new Float64Array(envelope.joints.length);
  }

  get cycles(): number {
    return this.next_cycle;
  }

  /** Takes one line; blank ones are skipped. Throws InputError for a start state that cannot be used. */
  feed(text: string): void {
    if (text.trim() === '') return;
    if (this.monitor === null) {
      const start = firstState(text);
      this.begin(start);
      if (start !== null) return;
    }
    const line = readLine(text);
    if (line === null || !this.inOrder(line)) {
      this.malformed++;
      return;
    }
    while (this.next_cycle / this.options.hz < line.t - TIME_SLACK_S) this.cycle();
    this.time_s = line.t;
    this.apply(line);
  }

  /** Runs to standstill, and ten cycles more. */
  finish(): StreamSummary {
    if (this.monitor === null) this.begin(null);
    do this.cycle();
    while ((this.next_cycle - 1) / this.options.hz < this.time_s - TIME_SLACK_S || !this.gate.atRest);
    for (let k = 0; k < LAST_CYCLES; k++) this.cycle();
    return this.summary();
  }

  summary(): StreamSummary {
    const { gate, monitor } = this;
    return {
      cycles: this.next_cycle,
      passed: gate.passed,
      limited: gate.limited,
      stopped: gate.stopped,
      resets: this.resets,
      resets_refused: this.resets_refused,
      malformed: this.malformed,
      leases_refused: this.leases_refused,
      max_utilisation: monitor?.max_utilisation ?? { position: 0, velocity: 0, acceleration: 0, jerk: 0 },
      violations: monitor?.violations ?? 0,
      outside_cycles: monitor?.outside_cycles ?? 0,
      max_stop_time_s: this.max_stop_time_s,
    };
  }

  private begin(start: StartState | null): void {
    const { robot, gate, options } = this;
    const n = this.envelope.joints.length;
    const home = Array.from(robot.home_q.subarray(0, n));
    const { position, velocity = Array<number>(n).fill(0) } = start ?? { position: home };
    for (const [name, values] of Object.entries({ position, velocity })) {
      if (values.length !== n) {
        throw new InputError(`start.${name} with ${values.length} values`, `must have ${n}, one for each joint`);
      }
      if (!values.every(Number.isFinite)) throw new InputError(`start.${name} ${values}`, 'must be finite');
    }
    // The state is that of time 0, where the first cycle is: one cycle earlier the arm was so much behind.
    const before = position.map((p, i) => p - velocity[i] / options.hz);
    gate.reset(Float64Array.from(before), 0, Float64Array.from(velocity));
    if (options.lease_always) gate.lease.extend(Number.POSITIVE_INFINITY);
    this.monitor = new OutputMonitor(this.envelope, robot, options.hz, before, velocity);
  }

  private inOrder({ t }: StreamLine): boolean {
    return t >= this.time_s && t <= this.time_s + LONGEST_GAP_S + TIME_SLACK_S;
  }

  private apply(line: StreamLine): void {
    const { gate } = this;
    if (line.obstacles !== null) this.setObstacles(line);
    if (line.state !== undefined) this.observe(line.state);
    if (line.lease !== undefined && !this.options.lease_always)
      this.lease(line.lease.nonce, line.t + line.lease.valid_s);
    if (line.mode !== undefined) gate.selectMode(line.mode);
    if (line.enable !== undefined) gate.setEnabled(line.enable);
    if (line.reset) {
      if (gate.acknowledge() === '') this.resets++;
      else this.resets_refused++;
    }
    if (line.stop !== undefined) gate.requestStop(line.stop);
    if (line.command !== null) this.command(line.command, line.t);
  }

  private command({ kind, values }: CommandLine, t: number): void {
    const { request, gate } = this;
    if (values.length !== request.values.length) gate.rejectCommand('wrong_length');
    else if (!values.every(Number.isFinite)) gate.rejectCommand('non_finite');
    else {
      request.kind = kind;
      request.values.set(values);
      request.stamp_s = t;
      request.sequence++;
    }
  }

  private lease(nonce: number | string, until_s: number): void {
    if (this.nonces.has(nonce)) {
      this.leases_refused++;
      return;
    }
    this.nonces.add(nonce);
    this.gate.lease.extend(until_s);
  }

  private setObstacles({ obstacles, t }: StreamLine): void {
    try {
      this.gate.setObstacles(obstacles ?? [], t);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.malformed++;
    }
  }

  private observe(state: NonNullable<StreamLine['state']>): void {
    const n = this.request.values.length;
    const { position, velocity = [], torque = [], emergency_stop = false } = state;
    if (position.length < n) {
      this.malformed++;
      return;
    }
    const measured: MeasuredState = {
      position: Float64Array.from(position),
      velocity: Float64Array.from({ length: n }, (_, i) => velocity[i] ?? 0),
      effort: Float64Array.from({ length: n }, (_, i) => torque[i] ?? 0),
      emergency_stop,
    };
    this.gate.observe(measured);
    this.state_until_s = this.time_s + this.envelope.stale_s;
  }

  private cycle(): void {
    const { gate, last_acceleration, options } = this;
    const t = this.next_cycle / options.hz;
    if (t > this.state_until_s + TIME_SLACK_S) gate.observe(null);
    const command = gate.step(t, this.request);
    this.next_cycle++;
    this.monitor?.look(command, gate.outside || gate.mode === 'fault');
    if (command.stop_time_s > this.max_stop_time_s) this.max_stop_time_s = command.stop_time_s;
    const acceleration = Array.from(command.acceleration);
    this.onCycle({
      t,
      position: Array.from(command.position),
      velocity: Array.from(command.velocity),
      acceleration,
      jerk: acceleration.map((a, i) => (a - last_acceleration[i]) * options.hz),
      ...(command.torque_interface ? { torque: Array.from(command.effort) } : {}),
      state: gate.mode,
      reasons: reasonNames(gate.reasons),
      stop_time_s: command.stop_time_s,
      latched: gate.latched,
      stop_category: gate.stopCategory,
      drives_on: command.drives_on,
    });
    last_acceleration.set(command.acceleration);
  }
}

function firstState(text: string): StartState | null {
  try {
    return readStart(text);
  } catch (error) {
    throw new InputError(
      `first line, ${error instanceof Error ? error.message : String(error)}`,
      'must be {"start":{"position":[…],"velocity":[…]}} with numbers, or a line of the stream',
    );
  }
}
