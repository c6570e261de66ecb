import { describe, expect, it } from 'vitest';
import { requireRos } from '../../test/support/ros.ts';
import { stream } from '../../test/support/ros_stream.ts';

const SECONDS = 4;

describe('joint states beside images', () => {
  it('arrive at their rate, none lost, and both processes end cleanly', async (ctx) => {
    const { sent, heard, exits } = await stream(await requireRos(ctx), SECONDS);
    expect(exits).toEqual([0, 0]);
    expect([...sent.errors, ...heard.errors]).toEqual([]);
    expect(sent.states).toBeGreaterThan(98 * SECONDS);
    expect(heard).toMatchObject({ first: 1, last: sent.states, states: sent.states, gaps: 0, broken: 0 });
    expect(heard.images).toBeGreaterThan(0.5 * sent.images);
    // What an empty loop of the sender is late by is not the bus's.
    const slack = 0.01 + (sent.late_p99_ms + heard.late_p99_ms) / (1_000 * (SECONDS - 1));
    expect(heard.rate_hz).toBeGreaterThan(100 * (1 - slack));
    expect(heard.rate_hz).toBeLessThan(100 * (1 + slack));
  });
});
