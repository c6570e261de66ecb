import { InputError, type JointTrajectory } from '../contracts/index.ts';

/** Longest trajectory that can be handed over. */
export const MAX_SAMPLES = 8192;

/** Doubles of an encoded trajectory: samples, 1 if it has accelerations, times, positions, velocities, accelerations. */
export function trajectoryValues(joints: number): number {
  return 2 + MAX_SAMPLES * (1 + 3 * joints);
}

/**
 * Writes a trajectory of exactly these joints, in this order, into `out`. Throws InputError if lengths do not fit; what the
 * numbers say is checked where it is followed.
 */
export function encodeTrajectory(trajectory: JointTrajectory, names: readonly string[], out: Float64Array): void {
  const { joint_names, time_s, position, velocity, acceleration } = trajectory;
  const n = names.length;
  const samples = time_s.length;
  const order = names.map((name) => joint_names.indexOf(name));
  if (joint_names.length !== n || order.includes(-1)) {
    throw new InputError(`trajectory of joints ${joint_names.join(', ')}`, `must be for ${names.join(', ')}`);
  }
  if (samples > MAX_SAMPLES) throw new InputError(`trajectory of ${samples} samples`, `at most ${MAX_SAMPLES}`);
  for (const [what, values] of Object.entries({ position, velocity, acceleration })) {
    if (values.length !== n * samples && !(what === 'acceleration' && values.length === 0)) {
      throw new InputError(`trajectory with ${values.length} values of ${what}`, `must have ${n * samples}`);
    }
  }
  out[0] = samples;
  out[1] = acceleration.length > 0 ? 1 : 0;
  out.set(time_s, 2);
  [position, velocity, acceleration].forEach((values, part) => {
    const from = 2 + samples * (1 + part * n);
    for (let i = 0; i < values.length; i++) out[from + i] = values[i - (i % n) + order[i % n]];
  });
}

/** The trajectory that was encoded, in arrays of its own. */
export function decodeTrajectory(values: Float64Array, names: readonly string[]): JointTrajectory {
  const samples = values[0];
  let from = 2;
  const take = (count: number) => {
    from += count;
    return values.slice(from - count, from);
  };
  return {
    joint_names: names,
    time_s: take(samples),
    position: take(samples * names.length),
    velocity: take(samples * names.length),
    acceleration: take(values[1] === 1 ? samples * names.length : 0),
  };
}
