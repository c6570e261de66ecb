import type { Robot } from '../../robots/index.ts';
import { type ArmPhase, COMMAND } from '../arm_protocol.ts';
import type { CommandTrack } from './command_track.ts';
import type { HardwareState } from './hardware_state.ts';

/** Time without a command after which the control thread counts as dead, in cycles, as an arm's own watchdog has it. */
const WATCHDOG_CYCLES = 20;
/** Joints slower than this stand, rad/s; a command at rest, rad/s and rad/s². */
const STANDSTILL = 0.01;
const REST = 1e-6;

export interface CommandFollowerOptions {
  readonly robot: Robot;
  readonly track: CommandTrack;
  readonly hardware: HardwareState;
  readonly start_tolerance_rad: number;
  readonly state_timeout_s: number;
  /** Why the arm can carry out nothing at a time; empty when it can. */
  readonly obstacle: (now_s: number) => string;
  /** Where the arm's controller holds it (rad), null when it does not tell. */
  readonly reference: (now_s: number) => Float64Array | null;
  readonly onBrake: (why: string) => void;
}

/**
 * What an arm's own servo decides (see ArmServo), for an arm behind a hardware controller: which commands are taken, and when it
 * brakes by itself. Commands are taken up at rest and only where the arm stands; one session at a time; when they stop
 * coming, or what carries them out fails, the arm brakes, and then holds until it is taken up again.
 */
export class CommandFollower {
  phase: ArmPhase = 'holding';
  session = 0;
  /** Of the newest command taken. */
  sequence = 0;
  refused = 0;
  /** Why the newest command was refused, and why the arm last braked; empty for not. */
  refusal = '';
  braked_for = '';
  /** When the arm is done with all it was told, s. */
  rest_s = 0;
  private readonly options: CommandFollowerOptions;
  private readonly past_sessions = new Set<number>();
  private heard_s = 0;

  constructor(options: CommandFollowerOptions) {
    this.options = options;
  }

  /** A command record came at `now_s`; see arm_protocol.ts. Whether the arm follows it. */
  receive(record: Float64Array, now_s: number): boolean {
    const session = record[COMMAND.session];
    if (session === 0 || (session === this.session && record[COMMAND.sequence] <= this.sequence)) return false;
    if (session === this.session || this.phase === 'holding') this.heard_s = now_s;
    this.refusal = this.judge(record, now_s);
    if (this.refusal !== '') this.refused++;
    return this.refusal === '' && this.phase === 'following';
  }

  /** Once a turn: brakes for what is missing, and ends the braking at rest. */
  watch(now_s: number): void {
    const { track, hardware, state_timeout_s, obstacle } = this.options;
    if (this.phase === 'following') {
      if (now_s - this.heard_s > WATCHDOG_CYCLES * track.cycle_s) this.brake('commands stopped coming');
      else {
        const why = obstacle(now_s);
        if (why !== '') this.brake(why);
      }
    } else if (this.phase === 'braking' && now_s > this.rest_s) {
      let still = now_s - hardware.arrival_s < state_timeout_s;
      for (let i = 0; i < track.joints; i++) still &&= Math.abs(hardware.velocity[i]) < STANDSTILL;
      if (still) this.phase = 'holding';
    }
  }

  brake(why: string): void {
    if (this.phase !== 'following') return;
    this.phase = 'braking';
    this.braked_for = why;
    this.options.onBrake(why);
  }

  /** Empty if the record is taken, or asks for nothing; else why not. */
  private judge(record: Float64Array, now_s: number): string {
    for (let i = 0; i < record.length; i++) if (!Number.isFinite(record[i])) return `command value ${record[i]}`;
    const session = record[COMMAND.session];
    if (session !== this.session) {
      if (this.past_sessions.has(session)) return 'a controller that was replaced still commands';
      if (this.phase !== 'holding') return `another controller commands an arm that is ${this.phase}`;
    }
    const { robot, track } = this.options;
    const { limits, model } = robot;
    for (let i = 0; i < track.joints; i++) {
      const p = record[COMMAND.joints + i];
      const [lower, upper] = [limits.position_lower[i], limits.position_upper[i]];
      if (!(p >= lower && p <= upper)) return `${model.joint_names[i]}: command ${p} rad, limits ${lower} to ${upper}`;
    }
    if (record[COMMAND.drives_on] !== 1) {
      this.note(record);
      // A controller has no power to take away: the stop it knows is the quickest it has.
      this.brake('the drives were switched off');
      return '';
    }
    switch (this.phase) {
      case 'braking':
        return 'the arm is braking';
      case 'holding':
        return this.takeUp(record, now_s);
      case 'following':
        return this.goOn(record, now_s);
    }
  }

  private takeUp(record: Float64Array, now_s: number): string {
    const { hardware, track, start_tolerance_rad, obstacle, reference } = this.options;
    const why = obstacle(now_s);
    if (why !== '') return why;
    if (!atRest(record, track.joints)) return 'the first command moves';
    const from = reference(now_s) ?? hardware.position;
    const away =
      this.awayFrom(record, hardware.position, 'the arm stands', start_tolerance_rad) ||
      this.awayFrom(record, from, 'the controller holds', 2 * start_tolerance_rad);
    if (away !== '') return away;
    hardware.clock_offset_s = hardware.clock.offset_s;
    track.begin(record, now_s, from);
    this.note(record);
    this.phase = 'following';
    return '';
  }

  private awayFrom(record: Float64Array, q: ArrayLike<number>, what: string, most_rad: number): string {
    const { track, robot } = this.options;
    for (let i = 0; i < track.joints; i++) {
      const away_rad = q[i] - record[COMMAND.joints + i];
      if (!(Math.abs(away_rad) <= most_rad))
        return `${robot.model.joint_names[i]}: ${what} ${away_rad.toFixed(4)} rad from the command, at most ${most_rad}`;
    }
    return '';
  }

  private goOn(record: Float64Array, now_s: number): string {
    const { track } = this.options;
    switch (track.extend(record, now_s)) {
      case 'taken':
        this.note(record);
        return '';
      case 'gap':
        this.brake(`${record[COMMAND.sequence] - this.sequence} commands came at once`);
        return this.braked_for;
      case 'jump':
        // After a reset the gate goes on from where the arm stands.
        if (track.standsSince(1) && atRest(record, track.joints)) {
          this.phase = 'holding';
          return this.takeUp(record, now_s);
        }
        this.brake('a command jumped');
        return this.braked_for;
    }
  }

  private note(record: Float64Array): void {
    if (record[COMMAND.session] !== this.session && this.session !== 0) this.past_sessions.add(this.session);
    this.session = record[COMMAND.session];
    this.sequence = record[COMMAND.sequence];
  }
}

function atRest(record: Float64Array, joints: number): boolean {
  for (let i = 0; i < 2 * joints; i++) if (Math.abs(record[COMMAND.joints + joints + i]) > REST) return false;
  return true;
}
