import { describe, expect, it } from 'vitest';
import type { Detection } from '../../contracts/index.ts';
import type { RgbdFrame } from '../detector.ts';
import { ObjectMeter } from './object_meter.ts';

const [width, height, focal, above] = [160, 120, 160, 0.6];
const header = { stamp_ns: 0n, frame_id: 'c', width, height };
const K = [focal, 0, 80, 0, focal, 60, 0, 0, 1];

/** A camera that looks down from 0.6 m, said to be `lift` higher (m) and turned by `tilt` about its x axis (rad). */
function frameOf(
  surface: (x: number, y: number) => number,
  lift = 0,
  tilt = 0,
): { frame: RgbdFrame; mask: Int32Array } {
  const depth = new Float32Array(width * height).fill(above);
  const data = new Uint8Array(3 * width * height).fill(120);
  const mask: number[] = [];
  for (let i = 0; i < depth.length; i++) {
    const [x, y] = [((i % width) - 80) / focal, -(Math.floor(i / width) - 60) / focal];
    for (let z = above - 0.06; z < above; z += 0.0005) {
      if (surface(x * z, y * z) < above - z) continue;
      depth[i] = z;
      mask.push(i);
      data[3 * i] = 200;
      break;
    }
  }
  const [c, s] = [Math.cos(tilt), Math.sin(tilt)];
  const T = [1, 0, 0, 0, 0, -c, s, 0, 0, -s, -c, above + lift, 0, 0, 0, 1];
  const info = { ...header, name: 'overview', K, D: [0, 0, 0, 0, 0], distortion_model: 'plumb_bob' as const };
  const frame = {
    ...{ request_id: '', colour: { ...header, data }, depth: { ...header, data: depth } },
    info: { ...info, T_world_camera_optical: T },
  };
  return { frame, mask: Int32Array.from(mask) };
}

const BOX: Detection = {
  ...{ id: 0, class: 'box', colour: 'red', score: 1, shape: { type: 'box', size: [0.06, 0.06, 0.05] }, pixels: 0 },
  pose: { position: [0, 0, 0.025], orientation: [0, 0, 0, 1] },
  ...{ covariance: new Array<number>(36).fill(0), image_box: [71, 51, 19, 19] },
};
const inside = (x: number, y: number) => Math.max(Math.abs(x), Math.abs(y)) < 0.03;
const box = (x: number, y: number) => (inside(x, y) ? 0.05 : -1);
const wedge = (x: number, y: number) => (inside(x, y) ? 0.05 * (0.5 + x / 0.06) : -1);
const two = (x: number, y: number) => Math.max(box(x, y), box(x - 0.13, y));
const frameAbout = (x: number, y: number) => {
  const far = Math.max(Math.abs(x), Math.abs(y));
  return far > 0.14 && far < 0.155 ? 0.04 : box(x, y);
};

function measured(surface: (x: number, y: number) => number, lift = 0, tilt = 0) {
  const { frame } = frameOf(surface, lift, tilt);
  const { mask } = frameOf(surface === wedge ? wedge : box);
  return new ObjectMeter().measure(frame, [BOX], [mask]);
}

describe('what no class explains', () => {
  it.each([
    [0, 0],
    [0.005, 0],
    [-0.005, 0],
    [0.003, 0.01],
    [-0.003, -0.01],
  ])('is little of a box by a camera that is %s m and %s rad off, and much of a wedge', (lift, tilt) => {
    const of_box = measured(box, lift, tilt).residuals[0]?.surface_m ?? Number.NaN;
    const of_wedge = measured(wedge, lift, tilt).residuals[0]?.surface_m ?? Number.NaN;
    expect(of_box).toBeLessThan(0.0006);
    expect(of_wedge).toBeGreaterThan(0.003);
  });

  it('is a thing that nothing was detected in, and not what was, a wall or bare table', () => {
    expect(measured(box).unclaimed_m2).toBe(0);
    expect(measured(frameAbout).unclaimed_m2).toBe(0);
    // As many whole cells as its top and the side in view take.
    expect(measured(two).unclaimed_m2).toBeGreaterThan(0.8 * 0.06 ** 2);
    expect(measured(two).unclaimed_m2).toBeLessThan(1.4 * 0.06 ** 2);
  });

  it('is not told of one among the parts of a heap, and is of few parts of one colour', () => {
    const { frame, mask } = frameOf(wedge);
    const half = mask.filter((i) => i % width < 80);
    const rest = mask.filter((i) => i % width >= 80);
    const parts = (n: number) =>
      new ObjectMeter().measure(
        frame,
        new Array<Detection>(n).fill(BOX),
        Array.from({ length: n }, (_, k) => (k % 2 === 0 ? half : rest)),
      );
    expect(parts(2).residuals.every((one) => one !== null && one.crowded > 0.1)).toBe(true);
    expect(parts(6).residuals.every((one) => one === null)).toBe(true);
  });
});
