import { z } from 'zod';

const length = z.number().nonnegative();

/**
 * What is relied on of tracked bodies and of the arm near them (speed and separation monitoring, ISO/TS 15066 5.5.4, now
 * ISO 10218-2:2025). A body beyond these bounds stops the arm.
 */
export const separationSection = z
  .strictObject({
    /** No body is faster, m/s (ISO 13855: 1.6 for a person who walks). */
    body_speed_m_per_s: z.number().positive().max(10),
    /** Longest from the moment a body is sensed until the gate knows of it, s. */
    track_delay_s: z.number().positive().max(1),
    /** Longest from one message of a source to its next; tracks older than this and the delay together stop the arm, s. */
    track_period_s: z.number().positive().max(1).default(0.05),
    /** Z_d: what a track may be wrong by, beside what it says itself; Z_r: what the arm's place may be wrong by, m. */
    body_error_m: length,
    robot_error_m: length,
    /** C: how far part of a body may reach beyond what is tracked of it, m. */
    intrusion_m: length,
    /** Fastest that a surface of the arm may move towards a body which it may touch, m/s; 0: it stands still by then. */
    contact_speed_m_per_s: z.number().nonnegative().max(0.25),
  })
  .readonly();
export type SeparationLimits = z.infer<typeof separationSection>;
