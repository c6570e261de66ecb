import type { SeparationLimits } from './limits.ts';

/** The arm as it moves, and a track, for protectiveDistance. */
export interface ApproachedBody {
  /** From when the body was sensed until the arm begins to stop; from then until it stands still, s. */
  readonly reaction_s: number;
  readonly stop_s: number;
  /** Fastest surface of the arm towards the body, m/s. */
  readonly robot_speed_m_per_s: number;
  /** What the track says that it may be wrong by, m. */
  readonly position_error_m: number;
}

/** Terms of the protective separation distance S_p of ISO/TS 15066:2016, 5.5.4.2.3 (now ISO 10218-2:2025), equation 1, m. */
export interface ProtectiveDistance {
  /** S_h: what the body moves until the arm stands still. */
  readonly body_m: number;
  /** S_r: what the arm moves until it begins to stop. */
  readonly reaction_m: number;
  /** S_s: what it moves while it stops. */
  readonly braking_m: number;
  /** C: how far the body reaches beyond what is tracked. */
  readonly intrusion_m: number;
  /** Z_d and Z_r: what the track and the arm's place may be wrong by. */
  readonly body_error_m: number;
  readonly robot_error_m: number;
  readonly total_m: number;
}

/** Share of speed times time that a stop takes: of constant deceleration, or limited in jerk alike at both ends. */
export const BRAKING_SHARE = 0.5;

/**
 * The separation at which an arm that begins to stop stands still before a body can touch it, both as fast towards each
 * other as they may be.
 */
export function protectiveDistance(limits: SeparationLimits, body: ApproachedBody): ProtectiveDistance {
  const { reaction_s, stop_s, robot_speed_m_per_s } = body;
  const terms = {
    body_m: limits.body_speed_m_per_s * (reaction_s + stop_s),
    reaction_m: robot_speed_m_per_s * reaction_s,
    braking_m: BRAKING_SHARE * robot_speed_m_per_s * stop_s,
    intrusion_m: limits.intrusion_m,
    body_error_m: limits.body_error_m + body.position_error_m,
    robot_error_m: limits.robot_error_m,
  };
  return { ...terms, total_m: Object.values(terms).reduce((sum, term) => sum + term, 0) };
}
