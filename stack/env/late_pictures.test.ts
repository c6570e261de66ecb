import { expect, it } from 'vitest';
import { LatePictures } from './late_pictures.ts';

const STEP_NS = 40_000_000n;

/** Numbers of the pictures that are seen at each of 12 steps, of which some never come. */
function seen(latency_s: number, dropped: readonly number[] = []): readonly number[] {
  const pictures = new LatePictures(latency_s, 1);
  const [rgb, depth] = [new Uint8Array(3), new Float32Array(1)];
  return Array.from({ length: 12 }, (_, k) => {
    const now_ns = BigInt(k) * STEP_NS;
    if (pictures.empty || !dropped.includes(k)) pictures.take(now_ns, Uint8Array.of(k, k, k), Float32Array.of(k));
    pictures.show(now_ns, rgb, depth);
    expect([...rgb]).toEqual([depth[0], depth[0], depth[0]]);
    return depth[0];
  });
}

it('a picture is seen as many steps late as are nearest to the delay, the first one until then', () => {
  expect(seen(0)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(seen(0.019)).toEqual(seen(0));
  expect(seen(0.05)).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(seen(0.2)).toEqual([0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6]);
});

it('in the place of one that never comes stands the last one that did; the first is waited for', () => {
  expect(seen(0, [0, 3, 4])).toEqual([0, 1, 2, 2, 2, 5, 6, 7, 8, 9, 10, 11]);
  expect(seen(0.08, [3, 4])).toEqual([0, 0, 0, 1, 2, 2, 5, 5, 6, 7, 8, 9]);
});

it('nothing is seen of a time before time began anew', () => {
  const pictures = new LatePictures(0.08, 1);
  const [rgb, depth] = [new Uint8Array(3), new Float32Array(1)];
  for (const [k, stamp_ns] of [0n, STEP_NS, 0n].entries()) pictures.take(stamp_ns, rgb, Float32Array.of(k));
  pictures.show(STEP_NS, rgb, depth);
  expect(depth[0]).toBe(2);
});
