import { InputError } from '../errors.ts';
import type { LinkFailure } from './envelope.ts';

export function failureOf(error: unknown): LinkFailure {
  return { message: error instanceof Error ? error.message : String(error), input: error instanceof InputError };
}

/** The error again, from the other end of a link. */
export function errorOf({ message, input }: LinkFailure): Error {
  return input ? InputError.restore(message) : new Error(message);
}
