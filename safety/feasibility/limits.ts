import { frameIndex } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { POSITION_ROUNDING } from '../bounded_joint.ts';
import { EFFORT_RATE_NM_PER_S, type Envelope, usableLimits } from '../envelope.ts';
import { GRANT_PERIOD_S } from '../supervisor.ts';
import type { Findings } from './report.ts';

/** A limit must be so many times what rounding of positions makes of it. */
const ROUNDING_ROOM = 1e6;

/** Whether the envelope is for this robot: name, joints in the robot's order, tool frame. Nothing else fits if not. */
export function checkIdentity(envelope: Envelope, robot: Robot, { errors }: Findings): void {
  const { model } = robot;
  if (envelope.robot !== robot.name) {
    errors.push({
      place: 'robot',
      value: envelope.robot,
      bound: 'only',
      limit: robot.name,
      reason: 'made for another robot',
    });
  }
  const names = model.joint_names.slice(0, robot.arm_joints);
  if (envelope.joints.length !== names.length) {
    errors.push({
      place: 'joints',
      value: `${envelope.joints.length} joints`,
      bound: 'only',
      limit: names.length,
      reason: `${robot.name} has the arm joints ${names.join(', ')}`,
    });
  }
  envelope.joints.slice(0, names.length).forEach(({ name }, i) => {
    if (name === names[i]) return;
    errors.push({
      place: `joints.${i}.name`,
      value: name,
      bound: 'only',
      limit: names[i],
      reason: "not in the robot's order",
    });
  });
  const frame = frameIndex(model, envelope.tool.frame);
  if (frame >= 0 && model.frames[frame].body >= 0) return;
  errors.push({
    place: 'tool.frame',
    value: envelope.tool.frame,
    bound: 'one of',
    limit: model.frames.flatMap(({ name, body }) => (body < 0 ? [] : [name])).join(', '),
    reason: frame < 0 ? `no link of ${robot.name}` : 'a link that does not move',
  });
}

/** Limits above the robot's own are errors; between what libfranka's margins leave and the robot's own, warnings. */
export function checkOwnLimits(envelope: Envelope, robot: Robot, { errors, warnings }: Findings): void {
  const { limits, model } = robot;
  const usable = usableLimits(limits);
  const compare = (place: string, value: number, own: number, margin: number, sign: 1 | -1, known = true): void => {
    const bound = sign > 0 ? 'at most' : 'at least';
    const above = (limit: number) => sign * (value - limit) > 1e-12 * Math.max(1, Math.abs(limit));
    if (known && above(own)) errors.push({ place, value, bound, limit: own, reason: "beyond the robot's own limit" });
    else if (!known && above(own)) {
      warnings.push({
        place,
        value,
        bound,
        limit: own,
        reason: "the robot's own limit is not known; beyond what is assumed",
      });
    } else if (known && above(margin)) {
      warnings.push({
        place,
        value,
        bound,
        limit: margin,
        reason: 'keeps no margin for rounding and three lost packets',
      });
    }
  };
  envelope.joints.forEach((joint, i) => {
    const at = (field: string) => `joints.${i}.${field}`;
    const rated = Number.isFinite(model.velocity_limit[i]) && model.velocity_limit[i] > 0;
    const motion = robot.motion_limits === 'manufacturer';
    compare(at('position_lower_rad'), joint.position_lower_rad, limits.position_lower[i], usable.position_lower[i], -1);
    compare(at('position_upper_rad'), joint.position_upper_rad, limits.position_upper[i], usable.position_upper[i], 1);
    compare(at('velocity_rad_per_s'), joint.velocity_rad_per_s, limits.velocity[i], usable.velocity[i], 1, rated);
    compare(
      at('acceleration_rad_per_s2'),
      joint.acceleration_rad_per_s2,
      limits.acceleration[i],
      usable.acceleration[i],
      1,
      motion,
    );
    compare(at('jerk_rad_per_s3'), joint.jerk_rad_per_s3, limits.jerk[i], usable.jerk[i], 1, motion);
    compare(at('effort_Nm'), joint.effort_Nm, limits.effort[i], usable.effort[i], 1);
    if (motion) {
      const rate = EFFORT_RATE_NM_PER_S;
      compare(at('effort_rate_Nm_per_s'), joint.effort_rate_Nm_per_s, rate, rate, 1);
    }
  });
}

export function checkGripper({ gripper }: Envelope, robot: Robot, { errors }: Findings): void {
  if (gripper === null) return;
  if (robot.gripper === null) {
    errors.push({
      place: 'gripper',
      value: 'given',
      bound: 'only',
      limit: 'null',
      reason: `${robot.name} has no gripper`,
    });
    return;
  }
  const { max_width_m, max_force_N } = robot.gripper;
  const reason = "beyond the gripper's own limit";
  if (gripper.max_width_m > max_width_m * (1 + 1e-12))
    errors.push({
      place: 'gripper.max_width_m',
      value: gripper.max_width_m,
      bound: 'at most',
      limit: max_width_m,
      reason,
    });
  if (gripper.max_force_N > max_force_N * (1 + 1e-12))
    errors.push({
      place: 'gripper.max_force_N',
      value: gripper.max_force_N,
      bound: 'at most',
      limit: max_force_N,
      reason,
    });
}

/** Limits so small that rounding of positions at this rate would reach them: nothing could be told, or no motion is left. */
export function checkRounding({ joints, tool }: Envelope, hz: number, { errors }: Findings): void {
  const check = (place: string, value: number, power: number): void => {
    const limit = ROUNDING_ROOM * POSITION_ROUNDING * hz ** power;
    if (value >= limit) return;
    const reason =
      power === 0
        ? 'no motion is possible in so small a range'
        : `too small at ${hz} Hz, where rounding of positions would reach it`;
    errors.push({ place, value, bound: 'at least', limit, reason });
  };
  joints.forEach((joint, i) => {
    check(
      `joints.${i}.position_upper_rad − position_lower_rad`,
      joint.position_upper_rad - joint.position_lower_rad,
      0,
    );
    check(`joints.${i}.velocity_rad_per_s`, joint.velocity_rad_per_s, 1);
    check(`joints.${i}.acceleration_rad_per_s2`, joint.acceleration_rad_per_s2, 2);
    check(`joints.${i}.jerk_rad_per_s3`, joint.jerk_rad_per_s3, 3);
  });
  check('tool.reduced_speed_m_per_s', tool.reduced_speed_m_per_s, 1);
  if (tool.speed_m_per_s !== null) check('tool.speed_m_per_s', tool.speed_m_per_s, 1);
  if (tool.acceleration_m_per_s2 !== null) check('tool.acceleration_m_per_s2', tool.acceleration_m_per_s2, 2);
}

/** Times against the cycle and the supervisor's grants, and the tracking error against what one cycle of delay makes. */
export function checkTimes(envelope: Envelope, hz: number, { errors, warnings }: Findings): void {
  for (const place of ['stale_s', 'lease_s', 'late_s'] as const) {
    if (envelope[place] >= (2 / hz) * (1 - 1e-9)) continue;
    const reason = `shorter than two cycles of ${hz} Hz`;
    errors.push({ place, value: envelope[place], bound: 'at least', limit: 2 / hz, reason });
  }
  const grants = 2 * Math.max(GRANT_PERIOD_S, 1 / hz);
  if (envelope.lease_s < grants * (1 - 1e-9) && envelope.lease_s >= (2 / hz) * (1 - 1e-9)) {
    const reason = 'shorter than two periods of the grants';
    errors.push({ place: 'lease_s', value: envelope.lease_s, bound: 'at least', limit: grants, reason });
  }
  const fastest = Math.max(...envelope.joints.map((joint) => joint.velocity_rad_per_s));
  if (envelope.tracking_error_rad < fastest / hz) {
    warnings.push({
      place: 'tracking_error_rad',
      value: envelope.tracking_error_rad,
      bound: 'at least',
      limit: fastest / hz,
      reason: 'less than the fastest joint moves in one cycle, so one cycle of delay is a fault',
    });
  }
}
