import { describe, expect, it } from 'vitest';
import type { Detection } from '../../contracts/index.ts';
import { CameraModel } from '../camera_model.ts';
import type { RgbdFrame } from '../detector.ts';
import { objectResidual } from './object_residual.ts';
import { RayCache } from './ray_cache.ts';

const [width, height] = [120, 90];
const [focal, above] = [200, 0.6];
const header = { stamp_ns: 0n, frame_id: 'c', width, height };
/** Looks straight down at the origin. */
const T = [1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, above, 0, 0, 0, 1];
const K = [focal, 0, 60, 0, focal, 45, 0, 0, 1];
const info = { ...header, name: 'overview', K, D: [0, 0, 0, 0, 0], distortion_model: 'plumb_bob' as const };

/** Height of the surface over a point of the picture, found by marching along its ray; 0 for the table. */
function scene(surface: (x: number, y: number) => number): { frame: RgbdFrame; mask: Int32Array } {
  const depth = new Float32Array(width * height).fill(above);
  const mask: number[] = [];
  for (let i = 0; i < depth.length; i++) {
    const [x, y] = [((i % width) - 60) / focal, -(Math.floor(i / width) - 45) / focal];
    for (let z = above - 0.1; z < above; z += 0.0002) {
      if (surface(x * z, y * z) < above - z) continue;
      depth[i] = z;
      mask.push(i);
      break;
    }
  }
  const colour = { ...header, data: new Uint8Array(3 * width * height) };
  const frame = {
    request_id: '',
    colour,
    depth: { ...header, data: depth },
    info: { ...info, T_world_camera_optical: T },
  };
  return { frame, mask: Int32Array.from(mask) };
}

const BOX: Detection = {
  ...{ id: 0, class: 'box', colour: 'red', score: 1, shape: { type: 'box', size: [0.06, 0.06, 0.05] }, pixels: 0 },
  pose: { position: [0, 0, 0.025], orientation: [0, 0, 0, 1] },
  ...{ covariance: new Array<number>(36).fill(0), image_box: [49, 34, 23, 23] },
};
const ROUND: Detection = { ...BOX, class: 'cylinder', shape: { type: 'cylinder', radius: 0.03, length: 0.05 } };
const box = (x: number, y: number) => (Math.max(Math.abs(x), Math.abs(y)) < 0.03 ? 0.05 : -1);
const round = (x: number, y: number) => (Math.hypot(x, y) < 0.03 ? 0.05 : -1);
const cone = (x: number, y: number) => (Math.hypot(x, y) < 0.03 ? 0.05 * (1 - Math.hypot(x, y) / 0.03) : -1);

function residual(surface: (x: number, y: number) => number, detection: Detection) {
  const { frame, mask } = scene(surface);
  return objectResidual(frame, new CameraModel(frame.info), new RayCache().of(frame.info), detection, mask);
}

describe('what a shape leaves unexplained', () => {
  it.each([
    ['a box', box, BOX],
    ['a cylinder', round, ROUND],
  ] as const)('is next to nothing of %s', (_name, surface, detection) => {
    const { surface_m, outline_px, crowded } = residual(surface, detection);
    expect(surface_m).toBeLessThan(0.0005);
    expect(outline_px).toBeLessThan(0.5);
    expect(crowded).toBe(0);
  });

  it('is the depth of a cone that is taken for a cylinder, and the corners of a box that is', () => {
    expect(residual(cone, ROUND).surface_m).toBeGreaterThan(0.003);
    expect(residual(box, ROUND).outline_px).toBeGreaterThan(residual(box, BOX).outline_px + 0.4);
  });

  it('is the same where the camera stands a few millimetres off, and not where the shape is far away', () => {
    const lower = (x: number, y: number) => box(x, y) - 0.004;
    expect(residual(lower, BOX).surface_m).toBeLessThan(0.001);
    expect(residual((x, y) => box(x, y) - 0.02, BOX).surface_m).toBeGreaterThan(0.005);
  });

  it('is not told of things beside others', () => {
    const beside = (x: number, y: number) => Math.abs(x) > 0.042 && Math.abs(x) < 0.06 && Math.abs(y) < 0.04;
    const two = (x: number, y: number) => (beside(x, y) ? 0.05 : box(x, y));
    const { frame } = scene(two);
    const { mask } = scene(box);
    const { crowded } = objectResidual(frame, new CameraModel(frame.info), new RayCache().of(frame.info), BOX, mask);
    expect(crowded).toBeGreaterThan(0.1);
  });
});
