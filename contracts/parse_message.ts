import { InputError } from './errors.ts';

/** `value` as its schema has it; an InputError that names the field and what is allowed. `where`: what it is, e.g. a topic's name. */
export function parseMessage<T>(
  schema: { safeParse(value: unknown): ParseResult<T> },
  value: unknown,
  where: string,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new InputError(`${where}: ${issue.path.join('.') || 'message'}`, issue.message);
}

type ParseResult<T> =
  | { readonly success: true; readonly data: T }
  | {
      readonly success: false;
      readonly error: { readonly issues: readonly { path: PropertyKey[]; message: string }[] };
    };
