import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { BOXED_NUMBER, heapGrowthPerCall } from '../../test/support/heap.ts';
import type { RgbdFrame } from '../detector.ts';
import { RepeatMeter } from './repeat_meter.ts';

const [width, height] = [64, 48];

/** A grey ramp with the noise of a sensor. */
function picture(rng: Rng, level = 100, sigma = 1.25): RgbdFrame {
  const header = { stamp_ns: 0n, frame_id: 'c', width, height };
  const n = width * height;
  const data = Uint8Array.from({ length: 3 * n }, (_, i) => level + ((i / 3) % width) + sigma * rng.normal() + 0.5);
  const depth = Float32Array.from({ length: n }, () => Math.round(700 + 0.4 * rng.normal()) / 1000);
  const info = {
    ...header,
    name: 'c',
    K: [],
    D: [],
    distortion_model: 'plumb_bob' as const,
    T_world_camera_optical: [],
  };
  return { request_id: '', colour: { ...header, data }, depth: { ...header, data: depth }, info };
}

describe('the meter of repeated pictures', () => {
  it('tells a repeated picture from another one of the same scene, up to eight pictures back', () => {
    const meter = new RepeatMeter();
    const rng = createRng(4, 'pictures');
    const pictures = Array.from({ length: 9 }, () => picture(rng));
    for (const one of pictures) {
      meter.compare(one);
      expect(meter.colour).toBeLessThan(0.1);
      expect(meter.depth).toBeLessThan(0.9);
    }
    for (const k of [8, 7, 4]) {
      meter.compare(pictures[k]);
      expect([meter.colour, meter.depth], `picture ${k}`).toEqual([1, 1]);
    }
    meter.compare(pictures[0]);
    expect(meter.colour).toBeLessThan(0.1);
  });

  it('sees one of both images that repeats', () => {
    const rng = createRng(5, 'pictures');
    const [first, second] = [picture(rng), picture(rng)];
    const meter = new RepeatMeter();
    meter.compare(first);
    meter.compare({ ...second, colour: first.colour });
    expect(meter.colour).toBe(1);
    expect(meter.depth).toBeLessThan(0.9);
  });

  it('does not take blown or black pictures for repeated ones', () => {
    const rng = createRng(6, 'pictures');
    for (const level of [400, -200]) {
      const meter = new RepeatMeter();
      const clip = (one: RgbdFrame): RgbdFrame => {
        const data = one.colour.data.map(() => (level > 255 ? 255 : 0));
        return { ...one, colour: { ...one.colour, data } };
      };
      meter.compare(clip(picture(rng)));
      meter.compare(clip(picture(rng)));
      expect(meter.colour).toBe(0);
    }
  });

  it('allocates nothing', () => {
    const meter = new RepeatMeter();
    const one = picture(createRng(7, 'pictures'));
    expect(heapGrowthPerCall(() => meter.compare(one), 300)).toBeLessThanOrEqual(BOXED_NUMBER);
  });
});
