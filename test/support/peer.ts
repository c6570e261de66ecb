import type { TestContext } from 'vitest';

/**
 * For the live layer of a comparison with another package: when the peer is absent, prints one line with the remedy and
 * skips the test, or fails it when SUREPICK_REQUIRE is `all` or names the peer. Call it first in the test's body.
 *
 * @param remedy  how to get the peer, e.g. `install Python 3.10 to 3.13 and allow pip to fetch pin`
 */
export function requirePeer(ctx: TestContext, name: string, remedy: string, available: boolean): void {
  if (available) return;
  const required = (process.env.SUREPICK_REQUIRE ?? '').split(',').map((word) => word.trim());
  if (required.includes('all') || required.includes(name)) {
    throw new Error(`${name} is required by SUREPICK_REQUIRE and absent: ${remedy}`);
  }
  const note = `skipped: ${name}: ${remedy}`;
  process.stdout.write(`${note}\n`);
  ctx.skip(note);
}
