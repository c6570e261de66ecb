import type { RosFields } from './mapping.ts';

/** A service in ROS's own terms, for types that no contract maps; `name` is relative or private (`~/x`). */
export interface RawService {
  readonly type: string;
  readonly name: string;
  answer(request: RosFields): object | Promise<object>;
}

/** The texts of a `string[]` field. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** The messages of a field that is a sequence of messages. */
export function messagesOf(value: unknown): readonly RosFields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** A field that is a message. */
export function fieldsOf(value: unknown): RosFields {
  return typeof value === 'object' && value !== null ? (value as RosFields) : {};
}
