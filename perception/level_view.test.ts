import { describe, expect, it } from 'vitest';
import { type CameraInfo, createRng, type Rng } from '../contracts/index.ts';
import type { RgbdFrame } from './detector.ts';
import { FrameViewer } from './frame_viewer.ts';
import { AS_PUT_UP, CAMERA_ERRORS, cameraCovariance, congruent, EXACT_CAMERA, rayShifts } from './geometry/index.ts';
import { levelView } from './level_view.ts';
import type { PixelView } from './regions.ts';

const [WIDTH, HEIGHT] = [80, 60];
const NOISE_M = 0.0015;

interface World {
  /** Where the camera truly is in the frame where it is thought to be: position (m), rotation vector (rad). */
  readonly error: readonly number[];
  /** A floor this much over the table in the left part of the picture, up to this column. */
  readonly floor_m?: number;
  readonly until?: number;
}

/** A camera 0.8 m over the table, 35° from the vertical, sees the table and may be off. */
function frameOf({ error, floor_m = 0, until = 0 }: World, rng: Rng): RgbdFrame {
  const [c, s] = [Math.cos(0.6), Math.sin(0.6)];
  const T: CameraInfo['T_world_camera_optical'] = [0, c, -s, 0.9, 1, 0, 0, 0, 0, -s, -c, 0.8, 0, 0, 0, 1];
  const header = { stamp_ns: 0n, frame_id: 'camera', width: WIDTH, height: HEIGHT };
  const info = {
    ...header,
    name: 'test',
    K: [90, 0, 39.5, 0, 90, 29.5, 0, 0, 1],
    D: [0, 0, 0, 0, 0],
    distortion_model: 'plumb_bob' as const,
    T_world_camera_optical: T,
  };
  const data = new Uint8Array(3 * WIDTH * HEIGHT).fill(150);
  const frame = {
    request_id: 'test',
    colour: { ...header, data },
    depth: { ...header, data: new Float32Array(WIDTH * HEIGHT) },
    info,
  };
  const { camera, rays } = new FrameViewer().view(frame);
  const truth = camera.moved(Float64Array.from(error));
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const rate = truth.heightRate(rays[2 * i], rays[2 * i + 1]);
    const height = i % WIDTH < until ? floor_m : 0;
    frame.depth.data[i] = (height - truth.T[11]) / rate + NOISE_M * rng.normal();
  }
  return frame;
}

const hard = (rng: Rng): number[] => Array.from({ length: 6 }, (_, k) => rng.range(-1, 1) * (k < 3 ? 0.003 : 0.004));

/** Variance of a pixel's height by the camera's errors (m²). */
function heightVariance({ camera, rays, depth }: PixelView, P: Float64Array, i: number): number {
  const shifts = new Float64Array(CAMERA_ERRORS);
  rayShifts(camera, rays[2 * i], rays[2 * i + 1], depth[i], Float64Array.of(0, 0, 1), shifts);
  return congruent(shifts, P, 1, CAMERA_ERRORS)[0];
}

/** Mean height of the pixels from a column on (m). */
function meanHeight(z: Float32Array, from: number): number {
  let [sum, n] = [0, 0];
  for (let i = 0; i < z.length; i++) {
    if (i % WIDTH < from) continue;
    sum += z[i];
    n++;
  }
  return sum / n;
}

describe('levelling a camera by the table', () => {
  it('brings the table to z = 0 everywhere, for cameras off as they may be, and is surer of heights after', () => {
    const seed = 3;
    const rng = createRng(seed).stream('level');
    for (let trial = 0; trial < 30; trial++) {
      const view = new FrameViewer().view(frameOf({ error: hard(rng) }, rng));
      const P = cameraCovariance(AS_PUT_UP);
      const level = levelView(view, P);
      for (const from of [0, WIDTH - 15]) {
        expect(Math.abs(meanHeight(level.z, from)), `seed ${seed} trial ${trial}`).toBeLessThan(6e-4);
      }
      const after = level.camera_covariance ?? P;
      for (const i of [0, WIDTH - 1, WIDTH * HEIGHT - 1]) {
        const variance = heightVariance(level, after, i);
        expect(variance, `seed ${seed} trial ${trial} pixel ${i}`).toBeLessThan(0.2 * heightVariance(view, P, i));
        expect(variance, `seed ${seed} trial ${trial} pixel ${i}`).toBeLessThan(0.001 ** 2);
      }
    }
  });

  it('takes the table and not a floor on it, even where the floor is the larger part', () => {
    const seed = 4;
    const rng = createRng(seed).stream('floor');
    for (let trial = 0; trial < 20; trial++) {
      const world = { error: hard(rng).map((value) => value / 3), floor_m: 0.006, until: 48 };
      const level = levelView(new FrameViewer().view(frameOf(world, rng)), cameraCovariance(AS_PUT_UP));
      expect(Math.abs(meanHeight(level.z, 48)), `seed ${seed} trial ${trial}`).toBeLessThan(0.003);
    }
  });

  it('leaves an exact camera and a picture without depth as they are', () => {
    const rng = createRng(5).stream('exact');
    const frame = frameOf({ error: [0, 0, 0.002, 0, 0, 0] }, rng);
    const view = new FrameViewer(undefined, () => EXACT_CAMERA).view(frame);
    expect(levelView(view).camera.T).toEqual(view.camera.T);
    const blind = { ...frame, depth: { ...frame.depth, data: new Float32Array(WIDTH * HEIGHT) } };
    const unseen = new FrameViewer().view(blind);
    expect(levelView(unseen).camera).toBe(unseen.camera);
  });
});
