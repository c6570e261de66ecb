import { RosCodec } from '../codec.ts';
import type { RosFields } from '../mapping.ts';

/** What results call the reason, and the values that say that it went wrong. */
const REASONS = ['reason', 'error_string', 'message'];
const VERDICTS: RosFields = { ok: false, success: false, error_code: -1 };

/** A result of an action that nobody made: the fields its type has for a failure and its reason, the others empty. */
export function failureFields(action_type: string, reason: string): RosFields {
  const fields = new RosCodec(`${action_type}_Result`).definition.types[0].definitions.map(({ name }) => name);
  const said = fields.filter((name) => REASONS.includes(name)).map((name) => [name, reason]);
  const verdict = fields.filter((name) => name in VERDICTS).map((name) => [name, VERDICTS[name]]);
  return Object.fromEntries([...said, ...verdict]);
}
