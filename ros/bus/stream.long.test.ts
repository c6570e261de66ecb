import { describe, expect, it } from 'vitest';
import { requireRos } from '../../test/support/ros.ts';
import { floors, stream } from '../../test/support/ros_stream.ts';

describe('ten minutes of joint states at 100 Hz beside images at 30 Hz', () => {
  it('lose nothing, keep their rate, and leave the memory of both processes flat', async (ctx) => {
    const { sent, heard, exits } = await stream(await requireRos(ctx), 600);
    const memory = [sent.rss_mb, heard.rss_mb].map((rss_mb) => floors(rss_mb, 120, 4));
    expect(exits).toEqual([0, 0]);
    expect([...sent.errors, ...heard.errors]).toEqual([]);
    expect(heard).toMatchObject({ first: 1, last: sent.states, states: sent.states, gaps: 0, broken: 0 });
    expect(heard.images).toBeGreaterThan(0.95 * sent.images);
    expect(heard.rate_hz).toBeGreaterThan(99);
    expect(heard.rate_hz).toBeLessThan(101);
    for (const [first, ...later] of memory) expect(Math.max(...later) - first).toBeLessThan(10);
  }, 900_000);
});
