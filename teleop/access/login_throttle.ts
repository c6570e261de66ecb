import { isIPv6 } from 'node:net';
import type { WallClock } from './secret_bytes.ts';

export interface ThrottleLimits {
  /** Wrong passwords that cost nothing. */
  readonly free: number;
  /** The first wait; each further one is twice as long, up to the longest. */
  readonly first_ms: number;
  readonly longest_ms: number;
}

/** A user's name is known to others: its waits stay short, or they could keep it out. */
export const THROTTLE_LIMITS = {
  user: { free: 5, first_ms: 1000, longest_ms: 30_000 },
  address: { free: 5, first_ms: 1000, longest_ms: 600_000 },
} as const satisfies Record<string, ThrottleLimits>;

interface Failures {
  readonly count: number;
  readonly until_ms: number;
}

const FORGET_MS = 3_600_000;
const MOST = 10_000;

/**
 * Waits between attempts to log in, growing with those that fail, by address and by user. An attempt counts as failed until it
 * has succeeded, so that many at once gain nothing. Where a user has logged in from before, others' failures do not keep it out.
 */
export class LoginThrottle {
  private readonly now: WallClock;
  private readonly failures = new Map<string, Failures>();
  private readonly known = new Set<string>();

  constructor(now: WallClock) {
    this.now = now;
  }

  /** Begins an attempt: 0 where it may be made, else how long to wait, ms. */
  begin(address: string, user: string): number {
    const now_ms = this.now();
    const keys = this.keysOf(address, user);
    const wait_ms = Math.max(...keys.map(({ key }) => (this.failures.get(key)?.until_ms ?? 0) - now_ms));
    if (wait_ms > 0) return wait_ms;
    for (const { key, limits } of keys) this.fail(key, limits, now_ms);
    return 0;
  }

  /** The attempt that began has succeeded. */
  succeeded(address: string, user: string): void {
    for (const { key } of this.keysOf(address, user)) this.failures.delete(key);
    if (this.known.size >= MOST) this.known.clear();
    this.known.add(`${networkOf(address)} ${user}`);
  }

  private keysOf(address: string, user: string): readonly { key: string; limits: ThrottleLimits }[] {
    const network = networkOf(address);
    const from = { key: `address ${network}`, limits: THROTTLE_LIMITS.address };
    return this.known.has(`${network} ${user}`)
      ? [from]
      : [from, { key: `user ${user}`, limits: THROTTLE_LIMITS.user }];
  }

  private fail(key: string, { free, first_ms, longest_ms }: ThrottleLimits, now_ms: number): void {
    if (this.failures.size >= MOST) this.forget(now_ms);
    const before = this.failures.get(key);
    const count = before === undefined || now_ms - before.until_ms > FORGET_MS ? 1 : before.count + 1;
    const wait_ms = count < free ? 0 : Math.min(longest_ms, first_ms * 2 ** Math.min(count - free, 30));
    this.failures.set(key, { count, until_ms: now_ms + wait_ms });
  }

  private forget(now_ms: number): void {
    for (const [key, { until_ms }] of this.failures) if (now_ms - until_ms > FORGET_MS) this.failures.delete(key);
    const oldest = this.failures.keys().next();
    if (this.failures.size >= MOST && oldest.done !== true) this.failures.delete(oldest.value);
  }
}

/** Who has one IPv6 address has a network of them: its first 64 bits. An IPv4 address as it is. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1];
  if (!isIPv6(address)) return address;
  const [head, tail] = address.toLowerCase().split('%')[0].split('::');
  const groups = (text: string | undefined) => (text ? text.split(':') : []);
  const [first, last] = [groups(head), groups(tail)];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const all = [...first, ...Array<string>(zeros).fill('0'), ...last];
  return all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
