import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { toldObject, toldState, toldTask } from '../../test/support/told_states.ts';
import { HISTORY_KEPT, LiveHistory } from './history.ts';

const MINUTE_MS = 60_000;
/** Ten times what a page is told: states at 300 Hz, pictures at 150 Hz, what was seen at 50 Hz. */
const STATE_MS = 1000 / 300;

it('keeps its memory flat over 20 minutes at ten times the rate', { timeout: 240_000 }, async () => {
  let now_ms = 0;
  let k = 0;
  const history = new LiveHistory(['a', 'b', 'c', 'd', 'e', 'f', 'g'], () => now_ms, 8 << 20);
  const [state, one] = [toldState(0), toldObject(1)];
  const jpegs = [new Uint8Array(20_000).fill(3), new Uint8Array(33_000).fill(7)];
  const run = (minutes: number): void => {
    for (const end = now_ms + minutes * MINUTE_MS; now_ms < end; now_ms += STATE_MS) {
      k++;
      const reason = `waits for a picture ${k % 997}`;
      const task = toldTask({ kind: 'pick', stage: `s${k >> 6}`, reason });
      history.take({ ...state, sent_ms: now_ms, task });
      if (k % 2 === 0) history.addPicture(k % 4 === 0 ? 'overview' : 'wrist', now_ms, jpegs[(k >> 3) % 2]);
      const objects = [one, { ...one, id: k }];
      if (k % 6 === 0) history.take({ type: 'scene', objects, outlines: [], path: [], degraded: '', bodies: [] });
      if (k % 30 === 0) history.add('deed', `speed ${k}`, 'ana');
    }
  };
  // What buffers held is given back beside the program: a little later.
  const used = async () => {
    for (let k = 0; k < 3; k++) {
      globalThis.gc?.();
      await setTimeout(20);
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  expect(HISTORY_KEPT.ms).toBe(10 * MINUTE_MS);
  run(10);
  const [bytes, before] = [history.bytes, await used()];
  run(10);
  expect((await used()) - before).toBeLessThan(1e6);
  expect(Math.abs(history.bytes - bytes)).toBeLessThan(0.3e6);
  expect(history.bytes).toBeLessThan(30e6);
});
