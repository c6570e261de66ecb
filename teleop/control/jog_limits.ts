import type { Vector3 } from '../../contracts/index.ts';
import type { Envelope } from '../../safety/index.ts';

/** What a share of 1 means. */
export interface JogLimits {
  readonly linear_m_s: number;
  readonly angular_rad_s: number;
  /** Of the arm's joints in their order. */
  readonly joint_rad_s: readonly number[];
}

/** A link's farthest point is seldom farther from a joint that turns it, m. */
const LEVER_M = 0.5;

/** Speeds in reduced mode: the tool's as the envelope says, and turns that move a point half a metre away no faster. */
export function jogLimits({ tool, joints }: Pick<Envelope, 'tool' | 'joints'>): JogLimits {
  const turn_rad_s = tool.reduced_speed_m_per_s / LEVER_M;
  return {
    linear_m_s: tool.reduced_speed_m_per_s,
    angular_rad_s: turn_rad_s,
    joint_rad_s: joints.map(({ velocity_rad_per_s }) => Math.min(velocity_rad_per_s, turn_rad_s)),
  };
}

/** Shares of an axis each to a velocity of at most `most`, in their direction. */
export function velocityOf(shares: Vector3, most: number): Vector3 {
  const length = Math.hypot(...shares);
  const scale = length > 1 ? most / length : most;
  const [x, y, z] = shares;
  return [x * scale, y * scale, z * scale];
}
