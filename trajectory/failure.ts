/** Why there is no trajectory. */
export type FailureKind =
  /** A state or limit is not finite, a limit is not above 0, or pmin > pmax. */
  | 'bad_input'
  /** The target's velocity or acceleration is over its limit. */
  | 'target_velocity'
  | 'target_acceleration'
  /** The target can only be come to from beyond the velocity limit. */
  | 'target_approach'
  /** Start or target lies outside the position limits. */
  | 'start_position'
  | 'target_position'
  /** However hard it brakes, the joint leaves the position limits after the start, or would have before the target. */
  | 'stop'
  | 'run_up'
  /** Start and target each could be inside the position limits, but no motion between them was found. */
  | 'no_profile';

/** A failure, its joint, and the value that breaks a limit; filled anew by every plan. */
export class Failure {
  kind: FailureKind | null = null;
  joint = -1;
  value = Number.NaN;
  limit = Number.NaN;
}

/** The failure in words; `null` when there is none. `names` are those of the joints, else their indices are given. */
export function describeFailure(failure: Failure, names?: readonly string[]): string | null {
  const { kind, value, limit } = failure;
  const joint = `joint ${names?.[failure.joint] ?? failure.joint}`;
  switch (kind) {
    case null:
      return null;
    case 'bad_input':
      return `${joint}: states must be finite, limits finite and above 0, and pmin at most pmax`;
    case 'target_velocity':
      return `${joint}: target velocity ${value} is over its limit ${limit}`;
    case 'target_acceleration':
      return `${joint}: target acceleration ${value} is over its limit ${limit}`;
    case 'target_approach':
      return `${joint}: the target can only be come to from velocity ${value}, over its limit ${limit}`;
    case 'start_position':
      return `${joint}: start position ${value} is beyond its limit ${limit}`;
    case 'target_position':
      return `${joint}: target position ${value} is beyond its limit ${limit}`;
    case 'stop':
      return `${joint}: braking as hard as it may, it still gets to ${value}, beyond its limit ${limit}`;
    case 'run_up':
      return `${joint}: the target can only be come to from position ${value}, beyond its limit ${limit}`;
    case 'no_profile':
      return `${joint}: no motion found that stays inside the position limits; the shortest gets to ${value}, beyond ${limit}`;
  }
}
