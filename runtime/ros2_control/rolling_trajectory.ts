import { secondsToStamp, type TrajectoryCommand } from '../../contracts/index.ts';
import type { CommandTrack } from './command_track.ts';

export interface RollingOptions {
  /** From a command's time to its execution by the arm, s. */
  readonly delay_s: number;
  /** How much that the arm has done already is sent along, so that a late arrival still finds where it is, s. */
  readonly past_s: number;
  /** Cycles between knots of what was commanded, and of the stop. */
  readonly knot_cycles: number;
  readonly stop_knot_cycles: number;
}

/** One that only holds lasts longer, so that it is never one that is over when it comes, s. */
const HOLD_S = 0.5;

/**
 * What a joint_trajectory_controller is to do from now on if it hears no more: the commands of the last `past_s` + delay,
 * each delayed, then the stop verified with the newest, to rest.
 *
 * Knots are the commanded positions of every so many cycles of the track, their velocities and accelerations central
 * differences over one cycle. They lie at fixed cycles, so that one trajectory goes on along the other wherever the controller changes
 * from one to the next, as long as that is before the stop of the first has begun.
 *
 * @param origin_ns  the controller's clock at time 0 of the track
 */
export function rollingTrajectory(
  track: CommandTrack,
  joint_names: readonly string[],
  now_s: number,
  origin_ns: bigint,
  options: RollingOptions,
): TrajectoryCommand {
  const { delay_s, past_s, knot_cycles, stop_knot_cycles } = options;
  const { sequence, joints } = track;
  const first = Math.ceil(track.sequenceAt(now_s - delay_s - past_s) / knot_cycles) * knot_cycles;
  const last = Math.max(track.last_sequence, sequence) + 1;
  const cycles: number[] = [];
  if (track.blended && track.standsSince(sequence - first + 2)) cycles.push(first);
  else for (let k = first; k <= sequence; k += knot_cycles) cycles.push(k);
  const stop_from = (cycles.at(-1) ?? first) + stop_knot_cycles;
  if (last > sequence + 1) for (let k = stop_from; k < last; k += stop_knot_cycles) cycles.push(k);
  cycles.push(last);
  const hold_s = cycles.length === 2 ? HOLD_S : 0;
  const points = cycles.length;
  const start_s = track.timeOf(first);
  const time_s = new Float64Array(points);
  const [position, velocity, acceleration] = [0, 1, 2].map(() => new Float64Array(points * joints));
  cycles.forEach((k, row) => {
    const at_s = track.timeOf(k);
    time_s[row] = at_s - start_s + (k === last ? hold_s : 0);
    const span_s = 0.5 * (track.timeOf(k + 1) - track.timeOf(k - 1));
    const rest = k === last;
    for (let i = 0; i < joints; i++) {
      const p = track.positionOf(k, i);
      const to = row * joints + i;
      position[to] = p;
      if (rest) continue;
      const before = track.positionOf(k - 1, i);
      const after = track.positionOf(k + 1, i);
      velocity[to] = (after - before) / (2 * span_s);
      acceleration[to] = (after - 2 * p + before) / (span_s * span_s);
    }
  });
  return {
    stamp_ns: origin_ns + secondsToStamp(start_s + delay_s),
    joint_names,
    time_s,
    position,
    velocity,
    acceleration,
  };
}
