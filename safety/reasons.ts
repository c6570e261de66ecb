/** What a reason does to the motion; a later one is the graver. */
export const EFFECTS = ['pass', 'limit', 'stop', 'latched_stop', 'fault', 'emergency_stop'] as const;
export type Effect = (typeof EFFECTS)[number];

/**
 * Stop categories of IEC 60204-1: 0 takes the power from the drives at once, 1 after a controlled stop, 2 leaves it on
 * after a controlled stop.
 */
export type StopCategory = 0 | 1 | 2;

/**
 * Why the gate did not pass a command as it came. `limit`: tracked within limits. `stop`: the stopping tail runs; motion
 * resumes once the cause is gone and the arm is at rest. `latched_stop`: resumes only after a reset. `fault`: the gate
 * cannot vouch for the state it works with. `emergency_stop`: the arm's own hardware says so.
 */
export const REASONS = [
  { name: 'position', effect: 'limit' },
  { name: 'velocity', effect: 'limit' },
  { name: 'acceleration', effect: 'limit' },
  { name: 'jerk', effect: 'limit' },
  { name: 'workspace', effect: 'limit' },
  { name: 'tool_speed', effect: 'limit' },
  { name: 'self_collision', effect: 'limit' },
  { name: 'obstacle', effect: 'limit' },
  { name: 'separation', effect: 'limit' },
  { name: 'torque', effect: 'limit' },
  { name: 'torque_rate', effect: 'limit' },
  { name: 'stale_command', effect: 'stop', category: 1 },
  { name: 'bodies_stale', effect: 'stop', category: 1 },
  { name: 'not_enabled', effect: 'stop', category: 2 },
  { name: 'interface_changed', effect: 'stop', category: 2 },
  { name: 'non_finite', effect: 'latched_stop', category: 1 },
  { name: 'wrong_length', effect: 'latched_stop', category: 1 },
  { name: 'lease_lost', effect: 'latched_stop', category: 1 },
  { name: 'stop_requested_0', effect: 'latched_stop', category: 0 },
  { name: 'stop_requested_1', effect: 'latched_stop', category: 1 },
  { name: 'stop_requested_2', effect: 'latched_stop', category: 2 },
  { name: 'overload', effect: 'latched_stop', category: 1 },
  { name: 'late_cycle', effect: 'latched_stop', category: 1 },
  { name: 'body_out_of_bounds', effect: 'latched_stop', category: 1 },
  { name: 'pace_exceeded', effect: 'latched_stop', category: 1 },
  { name: 'clock', effect: 'fault', category: 1 },
  { name: 'start_outside_envelope', effect: 'fault', category: 1 },
  { name: 'envelope_tightened', effect: 'fault', category: 1 },
  { name: 'tracking_error', effect: 'fault', category: 1 },
  { name: 'state_not_finite', effect: 'fault', category: 1 },
  { name: 'emergency_stop', effect: 'emergency_stop', category: 0 },
] as const satisfies readonly {
  readonly name: string;
  readonly effect: Effect;
  readonly category?: StopCategory;
}[];
export type ReasonName = (typeof REASONS)[number]['name'];

function mask(matches: (reason: (typeof REASONS)[number]) => boolean): number {
  return REASONS.reduce((bits, reason, index) => (matches(reason) ? bits | (1 << index) : bits), 0);
}

/** Sets of reasons are bit masks: bit i stands for REASONS[i]. */
export function reasonBit(name: ReasonName): number {
  return mask((reason) => reason.name === name);
}

export const LIMIT_REASONS = mask((reason) => reason.effect === 'limit');
export const PASSING_STOP_REASONS = mask((reason) => reason.effect === 'stop');
export const LATCHED_STOP_REASONS = mask((reason) => reason.effect === 'latched_stop');
export const FAULT_REASONS = mask((reason) => reason.effect === 'fault');
export const EMERGENCY_REASONS = mask((reason) => reason.effect === 'emergency_stop');

const ofCategory = (category: StopCategory) => mask((reason) => 'category' in reason && reason.category === category);
const CATEGORY_0_REASONS = ofCategory(0);
const CATEGORY_1_REASONS = ofCategory(1);
const CATEGORY_2_REASONS = ofCategory(2);

/** The gravest stop category (0 before 1 before 2) of the reasons in a mask, or −1 if none of them stops. */
export function stopCategory(bits: number): StopCategory | -1 {
  if ((bits & CATEGORY_0_REASONS) !== 0) return 0;
  if ((bits & CATEGORY_1_REASONS) !== 0) return 1;
  return (bits & CATEGORY_2_REASONS) !== 0 ? 2 : -1;
}

/** Names of the reasons in a mask, in the table's order. */
export function reasonNames(bits: number): ReasonName[] {
  return REASONS.filter((_, index) => (bits & (1 << index)) !== 0).map((reason) => reason.name);
}
