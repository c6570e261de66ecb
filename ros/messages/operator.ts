import { z } from 'zod';
import {
  type GoGoal,
  type GoResult,
  goGoal,
  goResult,
  type OperatorJog,
  operatorJog,
  type PreviewPickResult,
  previewPickResult,
} from '../../contracts/index.ts';
import type { RosFields } from '../mapping.ts';
import { count, fieldError, floats, parseFields, pose, rosPose, rosXyz, stamp, toRosTime, xyz } from './fields.ts';

const { session, sequence, kind, frame_id, joint_names } = operatorJog.shape;
const rosJog = z.object({
  ...{ stamp, seen: stamp, session, sequence, kind, frame_id, joint_names },
  epoch: count.refine((value) => value > 0, 'must be at least 1'),
  linear: xyz,
  angular: xyz,
  joint_velocity: floats,
});

/** surepick_msgs/msg/OperatorJog. */
export function operatorJogToRos({ stamp_ns, seen_ns, epoch, linear, angular, ...rest }: OperatorJog): object {
  return {
    ...rest,
    stamp: toRosTime(stamp_ns),
    seen: toRosTime(seen_ns),
    epoch: BigInt(epoch),
    linear: rosXyz(linear),
    angular: rosXyz(angular),
  };
}

/** Throws an InputError for velocities of more or fewer joints than are named, or that are not finite. */
export function operatorJogFromRos(fields: RosFields): OperatorJog {
  const type = 'surepick_msgs/msg/OperatorJog';
  const { stamp: stamp_ns, seen: seen_ns, ...rest } = parseFields(rosJog, fields, type);
  const { joint_names: names, joint_velocity } = rest;
  if (joint_velocity.length !== names.length) {
    throw fieldError(type, ['joint_velocity'], joint_velocity.length, `must have ${names.length} entries`);
  }
  const wrong = joint_velocity.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw fieldError(type, ['joint_velocity', wrong], joint_velocity[wrong], 'must be finite');
  return { ...rest, stamp_ns, seen_ns };
}

const previewResult = z.object({
  success: z.boolean(),
  reason: z.string(),
  joint_names: z.array(z.string()),
  positions: floats,
  tool_pose: pose,
  width_m: previewPickResult.shape.width_m,
});

/** surepick_msgs/action/PreviewPick_Result; its goal is that of PickPlace. */
export function previewPickResultToRos({ ok, T_world_tool, ...rest }: PreviewPickResult): object {
  return { ...rest, success: ok, tool_pose: rosPose(T_world_tool) };
}

export function previewPickResultFromRos(fields: RosFields): PreviewPickResult {
  const { success, tool_pose, ...rest } = parseFields(previewResult, fields, 'surepick_msgs/action/PreviewPick_Result');
  return { ...rest, ok: success, T_world_tool: tool_pose };
}

/** surepick_msgs/action/Go_Goal. */
export const goGoalToRos = ({ to }: GoGoal): object => ({ to });

export function goGoalFromRos(fields: RosFields): GoGoal {
  return parseFields(goGoal, fields, 'surepick_msgs/action/Go_Goal');
}

const rosGoResult = z.object({ success: z.boolean(), reason: goResult.shape.reason });

/** surepick_msgs/action/Go_Result. */
export const goResultToRos = ({ ok, reason }: GoResult): object => ({ success: ok, reason });

export function goResultFromRos(fields: RosFields): GoResult {
  const { success, reason } = parseFields(rosGoResult, fields, 'surepick_msgs/action/Go_Result');
  return { ok: success, reason };
}
