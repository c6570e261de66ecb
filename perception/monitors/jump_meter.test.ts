import { describe, expect, it } from 'vitest';
import type { RgbdFrame } from '../detector.ts';
import { JumpMeter } from './jump_meter.ts';

function measured(
  width: number,
  height: number,
  level: (u: number, v: number) => number,
  z: (u: number, v: number) => number,
): JumpMeter {
  const header = { stamp_ns: 0n, frame_id: 'c', width, height };
  const at =
    <T>(of: (u: number, v: number) => T) =>
    (i: number) =>
      of(i % width, Math.floor(i / width));
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => at(level)(Math.floor(i / 3)));
  const depth = Float32Array.from({ length: width * height }, (_, i) => at(z)(i));
  const info = { ...header, name: 'c', K: [], D: [], distortion_model: 'plumb_bob' as const };
  const frame: RgbdFrame = {
    ...{ request_id: '', colour: { ...header, data }, depth: { ...header, data: depth } },
    info: { ...info, T_world_camera_optical: [] },
  };
  const meter = new JumpMeter();
  meter.measure(frame);
  return meter;
}

describe.each([
  [128, 128],
  [320, 240],
])('the meter of jumps, %s x %s', (width, height) => {
  const thing = (u: number, v: number, column: number) =>
    Math.abs(u - column * width) < 0.1 * width && Math.abs(v - 0.5 * height) < 0.2 * height;
  const z = (u: number, v: number) => (thing(u, v, 0.2) || thing(u, v, 0.8) ? 0.6 : 0.7);

  it('sees in the colours what stands before something else', () => {
    const bare = measured(width, height, (u, v) => (z(u, v) < 0.65 ? 180 : 100), z);
    expect(bare).toMatchObject({ agreement: 1, worst_agreement: 1, white: 0 });
  });

  it('misses what only depth shows where a part of the picture is covered', () => {
    const covered = (u: number, v: number) => (u > 0.55 * width ? 90 : z(u, v) < 0.65 ? 180 : 100);
    const { agreement, worst_agreement } = measured(width, height, covered, z);
    expect(worst_agreement).toBe(0);
    expect(agreement).toBeGreaterThan(0.4);
    expect(agreement).toBeLessThan(0.6);
  });

  it('finds jumps within white', () => {
    expect(measured(width, height, () => 254, z)).toMatchObject({ white: 1, agreement: 0 });
  });

  it('says nothing without jumps, and of noise where depth is far', () => {
    const none = { agreement: Number.NaN, worst_agreement: Number.NaN, white: Number.NaN };
    expect(
      measured(
        width,
        height,
        () => 100,
        () => 0.7,
      ),
    ).toMatchObject(none);
    const noisy = (u: number, v: number) => 2.5 + 0.1 * Math.sin(12.9898 * u + 78.233 * v);
    expect(measured(width, height, () => 100, noisy)).toMatchObject(none);
  });
});
