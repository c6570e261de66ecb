import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { drawnFrame } from '../../test/support/escalation_rig.ts';
import type { RgbdFrame } from '../detector.ts';
import { isSameView, whyChanged } from './same_patch.ts';

const BOX = [15, 10, 10, 10] as const;

/** The same picture again, with the noise of a sensor. */
function again(frame: RgbdFrame, seed: number): RgbdFrame {
  const rng = createRng(seed).stream('noise');
  const data = frame.colour.data.map((value) => Math.max(0, Math.min(255, value + 3 * rng.normal())));
  const depth = frame.depth.data.map((value) => (rng.uniform() < 0.05 ? 0 : value + 0.0015 * rng.normal()));
  return { ...frame, colour: { ...frame.colour, data }, depth: { ...frame.depth, data: depth } };
}

describe('a part of a picture, looked at again', () => {
  it('is the same under noise and holes in the depth', () => {
    const frame = drawnFrame(0n);
    for (let seed = 0; seed < 50; seed++) expect(whyChanged(frame, again(frame, seed), BOX), `seed ${seed}`).toBe('');
  });

  it('has changed once what is there is another, or has gone, whatever lies beside it', () => {
    const frame = drawnFrame(0n);
    expect(whyChanged(frame, drawnFrame(1n, 'overview', 90), BOX)).toBe(
      '100 % of its place in the picture has changed',
    );
    expect(whyChanged(frame, drawnFrame(1n, 'overview', 200, 0.83), BOX)).not.toBe('');
    expect(whyChanged(frame, drawnFrame(1n, 'overview', 90), [0, 0, 10, 10])).toBe('');
    expect(whyChanged(frame, frame, [50, 50, 5, 5])).toBe('its place is outside the picture');
  });

  it('tells a camera that has moved', () => {
    const frame = drawnFrame(0n);
    const moved = frame.info.T_world_camera_optical.map((x, k) => (k === 3 ? x + 0.002 : x));
    expect(isSameView(frame, drawnFrame(5n))).toBe(true);
    expect(isSameView(frame, { ...frame, info: { ...frame.info, T_world_camera_optical: moved } })).toBe(false);
  });
});
