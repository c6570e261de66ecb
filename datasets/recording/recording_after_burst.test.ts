import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TOPICS } from '../../contracts/index.ts';
import { LIVE_COLOUR, liveRecorded, liveRecorder } from '../../test/support/live_recorder.ts';
import { withFolder } from '../../test/support/recording.ts';

const BURST = 20_000;
const PERIOD_NS = 100_000n;
const STATES = TOPICS.joint_states.name;

/** Nothing of this process runs meanwhile. */
const block = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** Memory of this process, without what may be freed, bytes. */
function held(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('states that come in a burst, because the process was kept waiting', () => {
  it('are all recorded, in order, where their memory may wait', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'a.mcap');
      const { recorder, bus, published, state } = await liveRecorder(file);
      state();
      block(2000);
      for (let k = 0; k < BURST; k++) state(PERIOD_NS);
      const { waiting_messages, left_out_messages } = recorder.diagnostics();
      expect(Number(waiting_messages)).toBeGreaterThanOrEqual(BURST);
      expect(left_out_messages).toBe(0);
      const { left_out } = await recorder.finish();
      const { messages, recording } = await liveRecorded(file);
      expect([left_out, recording.left_out]).toEqual([0, '{}']);
      expect(bus.stats().reduce((sum, { dropped }) => sum + dropped, 0)).toBe(0);
      expect(messages.map(({ topic, sequence }) => `${topic} ${sequence}`)).toEqual(
        Array.from({ length: published.states }, (_, k) => `${STATES} ${k}`),
      );
      expect(messages.every(({ log_ns }, k) => k === 0 || log_ns > messages[k - 1].log_ns)).toBe(true);
    }));

  it('beyond that are left out and counted once each, behind all that matters less', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'a.mcap');
      const queue_bytes = 2e6;
      const { recorder, disk, published, state, picture, latency } = await liveRecorder(file, { queue_bytes });
      disk.hold();
      for (let k = 0; k < BURST; k++) {
        state(PERIOD_NS);
        if (k % 400 === 0) picture();
        if (k % 100 === 0) latency();
        if (k % 1000 === 0) expect(Number(recorder.diagnostics().waiting_MB)).toBeLessThanOrEqual(queue_bytes / 1e6);
      }
      disk.resume();
      const { left_out } = await recorder.finish();
      const { messages, count, recording } = await liveRecorded(file);
      const lost = {
        [STATES]: published.states - count(STATES),
        [LIVE_COLOUR]: published.pictures - count(LIVE_COLOUR),
        [TOPICS.latency.name]: published.latencies - count(TOPICS.latency.name),
      };
      expect(JSON.parse(recording.left_out)).toEqual(Object.fromEntries(Object.entries(lost).filter(([, n]) => n > 0)));
      expect(left_out).toBe(lost[STATES] + lost[LIVE_COLOUR] + lost[TOPICS.latency.name]);
      const because: Record<string, number> = JSON.parse(recording.left_out_because);
      expect(Object.values(because).reduce((sum, n) => sum + n, 0)).toBe(left_out);
      expect(lost[STATES]).toBeGreaterThan(BURST / 4);
      expect(lost).toMatchObject({ [TOPICS.latency.name]: published.latencies });
      // The newest are left out: what is recorded is without a gap.
      const states = messages.filter(({ topic }) => topic === STATES);
      expect(states.map(({ log_ns }) => log_ns)).toEqual(states.map((_, k) => BigInt(k + 1) * PERIOD_NS));
    }));

  it('take no more memory, however many bursts there are while the disk stands still', () =>
    withFolder(async (folder) => {
      const queue_bytes = 4e6;
      const { recorder, disk, state, latency } = await liveRecorder(join(folder, 'a.mcap'), { queue_bytes });
      disk.hold();
      const before = held();
      const after: number[] = [];
      for (let burst = 0; burst < 6; burst++) {
        for (let k = 0; k < BURST; k++) {
          if (burst === 0) latency();
          else state(PERIOD_NS);
        }
        await null;
        after.push(held() - before);
      }
      // What it counts is what it takes, and what was put out is not kept.
      expect(Math.max(...after), after.join()).toBeLessThan(2 * queue_bytes);
      disk.resume();
      await recorder.finish();
    }));
});
