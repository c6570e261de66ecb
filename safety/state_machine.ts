import { OPERATING_MODES, SAFETY_MODES } from '../contracts/index.ts';

export type SafetyMode = (typeof SAFETY_MODES)[number];
/** Modes in which commands move the arm; one of them is selected at any time. */
export type OperatingMode = (typeof OPERATING_MODES)[number];
export { OPERATING_MODES, SAFETY_MODES };

/**
 * What can happen to the gate.
 * `initialise`: the robot's position was read anew. `lease_granted`: a valid lease while waiting for one.
 * `select_…`: the operator selects an operating mode. `stop`: a cause that clears by itself; `latched_stop`: one that must
 * be acknowledged; `cleared`: no cause is left, none is latched and the arm is at rest. `reset_at_rest`,
 * `reset_in_motion`: the operator acknowledges. `fault`: see reasons. `emergency_stop`, `emergency_released`: as the arm's
 * own hardware reports it.
 */
export const SAFETY_EVENTS = [
  'initialise',
  'lease_granted',
  'select_automatic',
  'select_reduced',
  'select_guided',
  'stop',
  'latched_stop',
  'cleared',
  'reset_at_rest',
  'reset_in_motion',
  'fault',
  'emergency_stop',
  'emergency_released',
] as const;
export type SafetyEvent = (typeof SAFETY_EVENTS)[number];

/** What an event leads to: a mode, or whichever operating mode is selected. */
export type Next = SafetyMode | 'selected';
type Row = Readonly<Record<SafetyEvent, Next>>;

/** A mode in which nothing moves: what is not named leaves it as it is. */
function resting(mode: SafetyMode, changes: Partial<Row>): Row {
  return {
    initialise: 'initialising',
    lease_granted: mode,
    select_automatic: mode,
    select_reduced: mode,
    select_guided: mode,
    stop: mode,
    latched_stop: mode,
    cleared: mode,
    reset_at_rest: 'initialising',
    reset_in_motion: mode,
    fault: 'fault',
    emergency_stop: 'emergency_stop',
    emergency_released: mode,
    ...changes,
  };
}

function operating(mode: OperatingMode): Row {
  return resting(mode, {
    select_automatic: 'automatic',
    select_reduced: 'reduced',
    select_guided: 'guided',
    stop: 'protective_stop',
    latched_stop: 'protective_stop',
    reset_at_rest: mode,
  });
}

/** The whole state machine. Commands move the arm in operating modes only; elsewhere the stopping tail runs or holds. */
export const TRANSITIONS: Readonly<Record<SafetyMode, Row>> = {
  initialising: resting('initialising', { lease_granted: 'selected', latched_stop: 'protective_stop' }),
  automatic: operating('automatic'),
  reduced: operating('reduced'),
  guided: operating('guided'),
  protective_stop: resting('protective_stop', { cleared: 'selected' }),
  fault: resting('fault', {}),
  emergency_stop: resting('emergency_stop', {
    initialise: 'emergency_stop',
    reset_at_rest: 'emergency_stop',
    fault: 'emergency_stop',
    emergency_released: 'protective_stop',
  }),
};

export function isOperating(mode: SafetyMode): mode is OperatingMode {
  return mode === 'automatic' || mode === 'reduced' || mode === 'guided';
}

/** Mode, selected operating mode, and the reasons (bit mask) that hold the gate until a reset. */
export class SafetyStateMachine {
  mode: SafetyMode = 'initialising';
  selected: OperatingMode = 'automatic';
  latched_reasons = 0;

  get latched(): boolean {
    return this.latched_reasons !== 0;
  }

  /** `reasons` are latched by `latched_stop`, `fault` and `emergency_stop`. `cleared` is ignored while anything is latched. */
  handle(event: SafetyEvent, reasons: number): void {
    if (event === 'cleared' && this.latched_reasons !== 0) return;
    switch (event) {
      case 'select_automatic':
        this.selected = 'automatic';
        break;
      case 'select_reduced':
        this.selected = 'reduced';
        break;
      case 'select_guided':
        this.selected = 'guided';
        break;
      case 'latched_stop':
      case 'fault':
      case 'emergency_stop':
        this.latched_reasons |= reasons;
        break;
      case 'reset_at_rest':
      case 'initialise':
        if (this.mode !== 'emergency_stop') this.latched_reasons = 0;
        break;
      default:
    }
    const next = TRANSITIONS[this.mode][event];
    this.mode = next === 'selected' ? this.selected : next;
  }
}
