import { z } from 'zod';
import {
  type OfferedPolicies,
  offeredPolicies,
  offeredPolicy,
  type PolicyRun,
  policyRun,
  type RunPolicyFeedback,
  type RunPolicyGoal,
  type RunPolicyResult,
  runPolicyFeedback,
  runPolicyGoal,
  runPolicyResult,
} from '../../contracts/index.ts';
import type { RosFields } from '../mapping.ts';
import { parseFields, stamp, toRosTime } from './fields.ts';
import { pickPlaceGoalFromRos, pickPlaceGoalToRos } from './tasks.ts';

/** Sureness of a policy that does not say. */
const UNSAID = -1;
const sureness = z.number().min(UNSAID).max(1);

const rosOffered = z.object({ stamp, policies: z.array(offeredPolicy).max(64) });

/** surepick_msgs/msg/OfferedPolicies. */
export function offeredPoliciesToRos({ stamp_ns, policies }: OfferedPolicies): object {
  return { stamp: toRosTime(stamp_ns), policies };
}

export function offeredPoliciesFromRos(fields: RosFields): OfferedPolicies {
  const { stamp: stamp_ns, policies } = parseFields(rosOffered, fields, 'surepick_msgs/msg/OfferedPolicies');
  return offeredPolicies.parse({ stamp_ns, policies });
}

const rosRun = policyRun.omit({ stamp_ns: true, confidence: true }).extend({ stamp, confidence: sureness });

/** surepick_msgs/msg/PolicyRun. */
export function policyRunToRos({ stamp_ns, confidence, ...rest }: PolicyRun): object {
  return { ...rest, stamp: toRosTime(stamp_ns), confidence: confidence ?? UNSAID };
}

export function policyRunFromRos(fields: RosFields): PolicyRun {
  const { stamp: stamp_ns, confidence, ...rest } = parseFields(rosRun, fields, 'surepick_msgs/msg/PolicyRun');
  return { ...rest, stamp_ns, confidence: said(confidence) };
}

const rosGoal = z.object({ model_sha256: runPolicyGoal.shape.model_sha256 });

/** surepick_msgs/action/RunPolicy_Goal: that of PickPlace, and the policy. */
export function runPolicyGoalToRos({ model_sha256, ...goal }: RunPolicyGoal): object {
  return { ...pickPlaceGoalToRos(goal), model_sha256 };
}

export function runPolicyGoalFromRos(fields: RosFields): RunPolicyGoal {
  const { model_sha256 } = parseFields(rosGoal, fields, 'surepick_msgs/action/RunPolicy_Goal');
  return { ...pickPlaceGoalFromRos(fields), model_sha256 };
}

const rosFeedback = runPolicyFeedback.extend({ confidence: sureness });

/** surepick_msgs/action/RunPolicy_Feedback. */
export function runPolicyFeedbackToRos({ confidence, ...rest }: RunPolicyFeedback): object {
  return { ...rest, confidence: confidence ?? UNSAID };
}

export function runPolicyFeedbackFromRos(fields: RosFields): RunPolicyFeedback {
  const { confidence, ...rest } = parseFields(rosFeedback, fields, 'surepick_msgs/action/RunPolicy_Feedback');
  return { ...rest, confidence: said(confidence) };
}

const rosResult = runPolicyResult.omit({ ok: true }).extend({ success: z.boolean() });

/** surepick_msgs/action/RunPolicy_Result. */
export function runPolicyResultToRos({ ok, ...rest }: RunPolicyResult): object {
  return { ...rest, success: ok };
}

export function runPolicyResultFromRos(fields: RosFields): RunPolicyResult {
  const { success, ...rest } = parseFields(rosResult, fields, 'surepick_msgs/action/RunPolicy_Result');
  return { ...rest, ok: success };
}

const said = (confidence: number): number | null => (confidence < 0 ? null : confidence);
