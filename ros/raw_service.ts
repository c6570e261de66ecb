/** Fields of a message as its definition names them. */
export type Fields = Readonly<Record<string, unknown>>;

/** A service in ROS's own terms, for types that no contract maps; `name` is relative or private (`~/x`). */
export interface RawService {
  readonly type: string;
  readonly name: string;
  answer(request: Fields): object | Promise<object>;
}

/** The texts of a `string[]` field. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** The messages of a field that is a sequence of messages. */
export function messagesOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** A field that is a message. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
