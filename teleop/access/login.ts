import { z } from 'zod';
import type { Grant } from './login_codes.ts';
import type { LoginThrottle } from './login_throttle.ts';
import { PASSWORD_LENGTH } from './passwords.ts';
import type { Users } from './users.ts';

/** Body of a request to log in by name. */
export const loginRequest = z.strictObject({
  user: z.string().min(1).max(64),
  password: z
    .string()
    .min(1)
    .max(2 * PASSWORD_LENGTH.most),
});

export type LoginOutcome =
  | { readonly kind: 'granted'; readonly grant: Grant }
  | { readonly kind: 'refused' }
  | { readonly kind: 'wait'; readonly wait_ms: number };

/** Logs users in by name and password: nothing tells a wrong name from a wrong password. */
export async function logIn(
  { user, password }: z.infer<typeof loginRequest>,
  address: string,
  { users, throttle }: { readonly users: Users; readonly throttle: LoginThrottle },
): Promise<LoginOutcome> {
  const wait_ms = throttle.begin(address, user);
  if (wait_ms > 0) return { kind: 'wait', wait_ms };
  const grant = await users.verify(user, password);
  if (grant === null) return { kind: 'refused' };
  throttle.succeeded(address, user);
  return { kind: 'granted', grant };
}
