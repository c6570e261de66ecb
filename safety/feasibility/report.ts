import type { Vector3 } from '../../contracts/index.ts';
import type { ContactSpeed } from '../separation/contact_speed.ts';

/** One thing that is wrong with an envelope, or that its author should know. */
export interface EnvelopeFinding {
  /** Where in the document, as `joints.1.effort_Nm`. */
  readonly place: string;
  readonly value: number | string;
  readonly bound: 'at least' | 'at most' | 'only' | 'one of';
  readonly limit: number | string;
  readonly reason: string;
}

/** Stops of one joint by itself; rad stands for m and Nm for N if it slides. */
export interface JointStopReport {
  readonly name: string;
  /** Of the longest stop from a state the gate can allow: at the velocity limit, or about to reach it. */
  readonly stop_time_s: number;
  readonly stop_distance_rad: number;
  readonly cycles: number;
  /** Greatest speed that can be reached and stopped from between the position limits. */
  readonly usable_velocity_rad_per_s: number;
  /** Greatest torque that gravity needs in an allowed position. */
  readonly hold_torque_Nm: number;
  /** Greatest torque found for braking with all joints at once from full speed, gravity included. */
  readonly stop_torque_Nm: number;
}

export interface EnvelopeReport {
  readonly robot: string;
  readonly hz: number;
  /** No error was found. */
  readonly feasible: boolean;
  readonly errors: readonly EnvelopeFinding[];
  readonly warnings: readonly EnvelopeFinding[];
  /** Empty when the envelope is not for this robot. */
  readonly joints: readonly JointStopReport[];
  /** Of the joint that takes longest. */
  readonly stop_time_s: number;
  /** Greatest distance of the tool from the root link's origin. */
  readonly tool_reach_m: number;
  /** Greatest tool speed from which a stop keeps the tool's acceleration limit; null without that limit. */
  readonly stoppable_tool_speed_m_per_s: number | null;
  /** How fast a body may be touched by the envelope's table; null without one. */
  readonly contact: ContactSpeed | null;
}

/** What the checks add to. */
export interface Findings {
  readonly errors: EnvelopeFinding[];
  readonly warnings: EnvelopeFinding[];
}

/** A finding as one line; a limit is rounded to the allowed side. `advice`: what is allowed, or only better. */
export function findingLine({ place, value, bound, limit, reason }: EnvelopeFinding, advice = 'allowed'): string {
  return `${place} ${value}: ${reason}; ${advice}: ${bound} ${typeof limit === 'number' ? rounded(limit, bound) : limit}`;
}

function rounded(limit: number, bound: EnvelopeFinding['bound']): number {
  const near = Number(limit.toPrecision(6));
  const step = 10 ** (Math.floor(Math.log10(Math.abs(limit))) - 5);
  if (bound === 'at least' && near < limit) return Number((near + step).toPrecision(6));
  return bound === 'at most' && near > limit ? Number((near - step).toPrecision(6)) : near;
}

/** Joint positions or a point, short enough for a line. */
export function shortList(values: Vector3 | ArrayLike<number>): string {
  return `[${Array.from(values, (value) => Number(value.toFixed(3))).join(', ')}]`;
}
