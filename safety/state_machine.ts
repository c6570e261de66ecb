import { SAFETY_MODES } from '../contracts/index.ts';

export type SafetyMode = (typeof SAFETY_MODES)[number];
export { SAFETY_MODES };

/**
 * What can happen to the gate.
 * `initialise`: the robot's position was read anew. `lease_granted`: a valid lease while waiting for one.
 * `stop`: a cause that clears by itself; `latched_stop`: one that must be acknowledged; `cleared`: no cause is left, none
 * is latched and the arm is at rest. `reset_at_rest`, `reset_in_motion`: the operator acknowledges. `fault`: see reasons.
 */
export const SAFETY_EVENTS = [
  'initialise',
  'lease_granted',
  'stop',
  'latched_stop',
  'cleared',
  'reset_at_rest',
  'reset_in_motion',
  'fault',
] as const;
export type SafetyEvent = (typeof SAFETY_EVENTS)[number];

/** The whole state machine. Motion is commanded in `automatic` only; in every other mode the stopping tail runs or holds. */
export const TRANSITIONS: Readonly<Record<SafetyMode, Readonly<Record<SafetyEvent, SafetyMode>>>> = {
  initialising: {
    initialise: 'initialising',
    lease_granted: 'automatic',
    stop: 'initialising',
    latched_stop: 'protective_stop',
    cleared: 'initialising',
    reset_at_rest: 'initialising',
    reset_in_motion: 'initialising',
    fault: 'fault',
  },
  automatic: {
    initialise: 'initialising',
    lease_granted: 'automatic',
    stop: 'protective_stop',
    latched_stop: 'protective_stop',
    cleared: 'automatic',
    reset_at_rest: 'automatic',
    reset_in_motion: 'automatic',
    fault: 'fault',
  },
  protective_stop: {
    initialise: 'initialising',
    lease_granted: 'protective_stop',
    stop: 'protective_stop',
    latched_stop: 'protective_stop',
    cleared: 'automatic',
    reset_at_rest: 'initialising',
    reset_in_motion: 'protective_stop',
    fault: 'fault',
  },
  fault: {
    initialise: 'initialising',
    lease_granted: 'fault',
    stop: 'fault',
    latched_stop: 'fault',
    cleared: 'fault',
    reset_at_rest: 'initialising',
    reset_in_motion: 'fault',
    fault: 'fault',
  },
};

/** Mode, and the reasons (bit mask) that hold it there until a reset. */
export class SafetyStateMachine {
  mode: SafetyMode = 'initialising';
  latched_reasons = 0;

  get latched(): boolean {
    return this.latched_reasons !== 0;
  }

  /** `reasons` are latched by `latched_stop` and `fault`. `cleared` is ignored while anything is latched. */
  handle(event: SafetyEvent, reasons: number): void {
    if (event === 'cleared' && this.latched_reasons !== 0) return;
    this.mode = TRANSITIONS[this.mode][event];
    if (event === 'latched_stop' || event === 'fault') this.latched_reasons |= reasons;
    else if (event === 'reset_at_rest' || event === 'initialise') this.latched_reasons = 0;
  }
}
