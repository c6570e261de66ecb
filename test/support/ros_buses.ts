import { afterEach, expect, vi } from 'vitest';
import { RosBus, type RosBusOptions } from '../../ros/index.ts';

/** On a loaded machine a message of another process may take long; what never comes fails after this. */
export const eventually = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 5 });

/** Buses of one test, closed after it; errors of all of them as `where: error`. */
export function busesForTests() {
  const open: RosBus[] = [];
  const errors: string[] = [];
  afterEach(async () => {
    for (const bus of open.splice(0)) await bus.shutdown();
    errors.length = 0;
  });
  const make = async (node_name: string, options: Partial<RosBusOptions> = {}) => {
    const onError = (error: unknown, where: string) => void errors.push(`${where}: ${error}`);
    const bus = await RosBus.create({ node_name, server_wait_s: 5, onError, ...options });
    open.push(bus);
    return bus;
  };
  /** Waits until a publisher of `from` has `count` subscribers. */
  const matched = (from: RosBus, topic: { readonly name: string }, count = 1) =>
    eventually(() => expect(from.subscribers(topic)).toBe(count));
  return { make, errors, matched };
}
