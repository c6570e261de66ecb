import type { RosFields } from '../mapping.ts';
import type { Rclnodejs } from './native.ts';

/** What results call their reason, and the values that say that something went wrong. */
const REASONS = ['reason', 'error_string', 'message'];
const VERDICTS: RosFields = { ok: false, success: false, error_code: -1 };

/** A result of an action that nobody made: the fields its type has for a failure and its reason, the others empty. */
export function failureFields(rcl: Rclnodejs, action_type: string, reason: string): RosFields {
  const empty = new (rcl.require(action_type).Result)().toPlainObject(true);
  const said = Object.entries(empty).map(([name, value]) => [
    name,
    REASONS.includes(name) ? reason : name in VERDICTS ? VERDICTS[name] : value,
  ]);
  return Object.fromEntries(said);
}
