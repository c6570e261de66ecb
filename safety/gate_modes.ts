import type { CommandSourceKind } from './command_request.ts';
import { InterventionLog } from './intervention_log.ts';
import {
  EFFECTS,
  EMERGENCY_REASONS,
  FAULT_REASONS,
  LATCHED_STOP_REASONS,
  PASSING_STOP_REASONS,
  reasonBit,
  type StopCategory,
  stopCategory,
} from './reasons.ts';
import { isOperating, type OperatingMode, SafetyStateMachine } from './state_machine.ts';

const STOP_REQUESTED = [
  reasonBit('stop_requested_0'),
  reasonBit('stop_requested_1'),
  reasonBit('stop_requested_2'),
] as const;

const LIMIT_EFFECT = EFFECTS.indexOf('limit');
const STOP_EFFECT = EFFECTS.indexOf('stop');
const LATCHED_EFFECT = EFFECTS.indexOf('latched_stop');
const FAULT_EFFECT = EFFECTS.indexOf('fault');
const EMERGENCY_EFFECT = EFFECTS.indexOf('emergency_stop');

const SELECT = { automatic: 'select_automatic', reduced: 'select_reduced', guided: 'select_guided' } as const;

/** The gate's mode: what has been asked for between cycles, what a cycle's causes change, and the count of what became of it. */
export class GateModes {
  readonly machine = new SafetyStateMachine();
  readonly interventions = new InterventionLog();
  /** Cycles in which the command passed, was limited, and in which the gate stopped or held the arm. */
  passed = 0;
  limited = 0;
  stopped = 0;
  /** Reasons (bit mask, see REASONS) of the last cycle. */
  reasons = 0;
  /** The enabling device, without which reduced and guided mode do not move. */
  enabled = false;
  /** Whether learned policies may command. */
  policies = true;
  private wanted_stops = 0;
  private fault = 0;

  get operating(): boolean {
    return isOperating(this.machine.mode);
  }

  get reduced(): boolean {
    return this.machine.selected !== 'automatic';
  }

  /** Whether `source` may command: in reduced and guided mode with the enabling device held, and policies where they may at all. */
  enables(source: CommandSourceKind): boolean {
    return (this.machine.selected === 'automatic' || this.enabled) && (source !== 'policy' || this.policies);
  }

  /** Stops and faults that were asked for or found since the last reset, bit mask. */
  get standing(): number {
    return this.wanted_stops | this.fault;
  }

  /** Stop category (IEC 60204-1) of the stop in force, −1 for none. */
  get stopCategory(): StopCategory | -1 {
    return this.operating ? -1 : stopCategory(this.reasons);
  }

  /** Stops the arm at the next cycle, by a category of IEC 60204-1, and keeps it stopped until a reset. */
  requestStop(category: StopCategory): void {
    this.wanted_stops |= STOP_REQUESTED[category];
  }

  /** The same for reasons (bit mask) whose effect is a stop. */
  wantStop(reasons: number): void {
    this.wanted_stops |= reasons;
  }

  /** A fault (bit mask) found between cycles. */
  noteFault(reasons: number): void {
    this.fault |= reasons;
  }

  select(mode: OperatingMode): void {
    this.machine.handle(SELECT[mode], 0);
  }

  /** Starts over; `fault` (bit mask) is what speaks against where the arm is, or 0. */
  initialise(fault: number): void {
    this.wanted_stops = 0;
    this.reasons = 0;
    this.fault = fault;
    this.machine.handle('initialise', 0);
    if (fault !== 0) this.machine.handle('fault', fault);
  }

  /** The operator's reset, at rest. */
  acknowledge(): void {
    this.wanted_stops = 0;
    this.fault = 0;
    this.machine.handle('reset_at_rest', 0);
  }

  /** Tells the state machine all that holds in this cycle; what means nothing in its mode does not change it. */
  change(causes: number, at_rest: boolean, lease_valid: boolean): void {
    const { machine } = this;
    if ((causes & EMERGENCY_REASONS) !== 0) machine.handle('emergency_stop', causes & EMERGENCY_REASONS);
    else machine.handle('emergency_released', 0);
    if ((causes & FAULT_REASONS) !== 0) machine.handle('fault', causes & FAULT_REASONS);
    if ((causes & LATCHED_STOP_REASONS) !== 0) machine.handle('latched_stop', causes & LATCHED_STOP_REASONS);
    if ((causes & PASSING_STOP_REASONS) !== 0) machine.handle('stop', 0);
    else if (causes === 0 && at_rest) machine.handle('cleared', 0);
    if (causes === 0 && lease_valid) machine.handle('lease_granted', 0);
  }

  /** Counts a cycle whose time (s) is the first entry of `now`, and notes what became of its command. */
  count(limits: number, causes: number, now: Float64Array): void {
    const { machine } = this;
    let effect = 0;
    let reasons = 0;
    if (machine.mode === 'fault' || machine.mode === 'protective_stop' || machine.mode === 'emergency_stop') {
      this.stopped++;
      reasons = causes | machine.latched_reasons;
      effect = STOP_EFFECT;
      if (machine.latched) effect = LATCHED_EFFECT;
      if (machine.mode === 'fault') effect = FAULT_EFFECT;
      if (machine.mode === 'emergency_stop') effect = EMERGENCY_EFFECT;
    } else if (machine.mode === 'initialising') this.stopped++;
    else if (limits !== 0) {
      this.limited++;
      reasons = limits;
      effect = LIMIT_EFFECT;
    } else this.passed++;
    this.reasons = reasons;
    this.interventions.note(now[0], effect, reasons);
  }
}
