/** What a reason does to the motion; a later one is the graver. */
export const EFFECTS = ['pass', 'limit', 'stop', 'latched_stop', 'fault'] as const;
export type Effect = (typeof EFFECTS)[number];

/**
 * Why the gate did not pass a command as it came. `limit`: tracked within limits. `stop`: the stopping tail runs; motion
 * resumes once the cause is gone and the arm is at rest. `latched_stop`: resumes only after a reset. `fault`: the gate
 * cannot vouch for the state it works with.
 */
export const REASONS = [
  { name: 'position', effect: 'limit' },
  { name: 'velocity', effect: 'limit' },
  { name: 'acceleration', effect: 'limit' },
  { name: 'jerk', effect: 'limit' },
  { name: 'workspace', effect: 'limit' },
  { name: 'stale_command', effect: 'stop' },
  { name: 'non_finite', effect: 'latched_stop' },
  { name: 'wrong_length', effect: 'latched_stop' },
  { name: 'lease_lost', effect: 'latched_stop' },
  { name: 'stop_requested', effect: 'latched_stop' },
  { name: 'clock', effect: 'fault' },
  { name: 'start_outside_envelope', effect: 'fault' },
] as const satisfies readonly { readonly name: string; readonly effect: Effect }[];
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

/** Names of the reasons in a mask, in the table's order. */
export function reasonNames(bits: number): ReasonName[] {
  return REASONS.filter((_, index) => (bits & (1 << index)) !== 0).map((reason) => reason.name);
}
