import type { JointLimits } from '../../dynamics/index.ts';
import type { ServoFrame } from './servo_frames.ts';

export interface ServoOptions {
  /** Limits the servo keeps; without them the part of the robot's own that the safety gate lets pass. */
  readonly limits?: JointLimits;
  /** Greatest speed of the tool frame (m/s) and its rate of turning (rad/s). */
  readonly tool_speed_m_s: number;
  readonly tool_turn_rad_s: number;
  /** A command older than this halts: twist, pose and joint commands, and targets seen by a camera. */
  readonly stale_s: number;
  readonly camera_stale_s: number;
  /** Least singular value of the task below which it is damped, and towards which it is not gone on (m/rad). */
  readonly singular_slow: number;
  readonly singular_stop: number;
  /** What a turn of 1 rad counts for beside a way of the tool (m). */
  readonly turn_length_m: number;
  /** Time left for reacting where something is approached; the longer the gentler (s). */
  readonly approach_s: number;
  /** How far a joint may be held off from what was sent before the servo gives way (rad). */
  readonly held_rad: number;
  /** Frames beside the robot's links. */
  readonly frames: readonly ServoFrame[];
}

export const DEFAULT_SERVO_OPTIONS: ServoOptions = {
  tool_speed_m_s: 0.5,
  tool_turn_rad_s: 2,
  stale_s: 0.1,
  camera_stale_s: 0.3,
  singular_slow: 0.04,
  singular_stop: 0.01,
  turn_length_m: 0.3,
  approach_s: 0.05,
  held_rad: 0.03,
  frames: [],
};
