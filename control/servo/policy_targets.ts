import { InputError, type JointState } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';

/** Numbers of a policy's targets after the arm's joints (rad): distance between the fingers (m), force of each (N). */
export const TARGET_EXTRAS = 2;

/**
 * Reads a message of /policy/joint_targets into `out`: arm joints (rad), then distance between the fingers (m) and force of
 * each (N), NaN where the message leaves the fingers alone. All are NaN for a message without joints: the arm is to rest.
 * InputError for a joint that is missing, unknown or not finite.
 */
export function readTargets(
  { model, arm_joints, gripper }: Robot,
  { names, position, effort }: JointState,
  out: Float64Array,
): void {
  const known = model.joint_names;
  out.fill(Number.NaN);
  if (names.length === 0) return;
  const stranger = names.find((name) => !known.includes(name));
  if (stranger !== undefined) throw new InputError(`joint ${stranger} of a policy's targets`, known.join(', '));
  const at = (coordinate: number) => names.indexOf(known[coordinate]);
  for (let j = 0; j < arm_joints; j++) {
    const k = at(j);
    if (k < 0) throw new InputError(`a policy's targets without ${known[j]}`, 'every joint of the arm');
    out[j] = finite(position[k], known[j]);
  }
  const finger = gripper === null ? -1 : at(gripper.coordinate);
  if (gripper === null || finger < 0) return;
  out[arm_joints] = 2 * finite(position[finger], names[finger]);
  out[arm_joints + 1] = effort[finger] > 0 ? effort[finger] : gripper.max_force_N;
}

function finite(value: number, joint: string): number {
  if (Number.isFinite(value)) return value;
  throw new InputError(`${joint} = ${value} of a policy's targets`, 'must be finite');
}
