import type { Robot } from '../../robots/index.ts';
import { type Envelope, envelopeLimits, type OperatingMode } from '../../safety/index.ts';
import type { CollisionSlowdown } from './collision_slowdown.ts';
import { Servo } from './servo.ts';
import { DEFAULT_SERVO_OPTIONS } from './servo_options.ts';

/** Of the gate's bound on the tool's speed: what is asked for beyond it the gate would cut joint by joint. */
const SPEED_SHARE = 0.95;

/** A servo that keeps the limits of the gate's envelope in an operating mode. */
export function servoWithin(
  robot: Robot,
  hz: number,
  envelope: Envelope,
  mode: OperatingMode,
  guard: CollisionSlowdown | null = null,
): Servo {
  const { speed_m_per_s, reduced_speed_m_per_s } = envelope.tool;
  const bound_m_s = Math.min(
    speed_m_per_s ?? Number.POSITIVE_INFINITY,
    mode === 'automatic' ? Number.POSITIVE_INFINITY : reduced_speed_m_per_s,
  );
  const tool_speed_m_s = Math.min(DEFAULT_SERVO_OPTIONS.tool_speed_m_s, SPEED_SHARE * bound_m_s);
  return new Servo(robot, hz, { limits: envelopeLimits(envelope), tool_speed_m_s }, guard);
}
