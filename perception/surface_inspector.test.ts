import { describe, expect, test } from 'vitest';
import { createRng, type InspectSurfaceGoal, type Rng } from '../contracts/index.ts';
import { sweep } from '../test/support/sweep.ts';
import type { RgbdFrame } from './detector.ts';
import { FrameViewer } from './frame_viewer.ts';
import { heldSurface } from './held_surface.ts';
import { SurfaceInspector } from './surface_inspector.ts';

const [WIDTH, HEIGHT, F] = [96, 72, 343];
/** A box whose +x side looks straight into a camera 0.28 m before it. */
const HELD: InspectSurfaceGoal = {
  shape: { type: 'box', size: [0.04, 0.044, 0.05] },
  pose: { position: [0.3, 0, 0.2], orientation: [0, 0, 0, 1] },
};
const DISTANCE_M = 0.28;
const PIXEL_M = DISTANCE_M / F;

interface Spot {
  readonly radius_m: number;
  /** Grey levels. */
  readonly contrast: number;
}

/** Paint with shading and noise over the whole picture, and a spot in the middle. */
function frameOf(rng: Rng, sigma: number, spot: Spot | null, shading = 0): RgbdFrame {
  const data = new Uint8Array(3 * WIDTH * HEIGHT);
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const [u, v] = [(i % WIDTH) - (WIDTH - 1) / 2, Math.floor(i / WIDTH) - (HEIGHT - 1) / 2];
    const inSpot = spot !== null && (Math.hypot(u, v) * DISTANCE_M) / F < spot.radius_m;
    const light = 1 + shading * (u / WIDTH) + shading * (v / HEIGHT) ** 2;
    for (const [c, paint] of [150, 70, 40].entries()) {
      data[3 * i + c] = Math.round(paint * light + (inSpot ? spot.contrast : 0) + sigma * rng.normal());
    }
  }
  const header = { stamp_ns: 0n, frame_id: 'camera', width: WIDTH, height: HEIGHT };
  return {
    request_id: 'test',
    colour: { ...header, data },
    depth: { ...header, data: new Float32Array(WIDTH * HEIGHT).fill(DISTANCE_M) },
    info: {
      ...header,
      name: 'test',
      K: [F, 0, (WIDTH - 1) / 2, 0, F, (HEIGHT - 1) / 2, 0, 0, 1],
      D: [0, 0, 0, 0, 0],
      distortion_model: 'plumb_bob',
      // looks along −x: right is +y, down is −z
      T_world_camera_optical: [0, 0, -1, 0.32 + DISTANCE_M, 1, 0, 0, 0, 0, -1, 0, 0.2, 0, 0, 0, 1],
    },
  };
}

const score = (frame: RgbdFrame): number => new SurfaceInspector().inspect(frame, HELD).score;

describe('surface inspector', () => {
  test('noise alone, shaded or not, of any strength, scores the same: under the threshold', () => {
    const rng = createRng(1);
    const means = [1, 2.5, 6].map((sigma) => {
      const scores = Array.from({ length: sweep(14, 30) }, (_, k) =>
        score(frameOf(rng, sigma, null, k % 2 === 0 ? 0 : 0.3)),
      );
      expect(Math.max(...scores), `sigma ${sigma}`).toBeLessThan(7.9);
      return scores.reduce((sum, x) => sum + x, 0) / scores.length;
    });
    expect(Math.max(...means) - Math.min(...means)).toBeLessThan(0.6);
  });

  test('a spot scores its contrast times the root of its pixels and channels over the noise', () => {
    const rng = createRng(2);
    for (const spot of [
      { radius_m: 0.003, contrast: -30 },
      { radius_m: 0.004, contrast: 20 },
      { radius_m: 0.005, contrast: -12 },
    ]) {
      const sigma = 2.5;
      const pixels = Math.PI * ((spot.radius_m * F) / DISTANCE_M) ** 2;
      const ideal = (Math.abs(spot.contrast) * Math.sqrt(3 * pixels)) / sigma;
      const found = score(frameOf(rng, sigma, spot));
      // a square in or about a disc keeps at least 0.8 of a matched filter's gain
      expect(found / ideal, JSON.stringify(spot)).toBeGreaterThan(0.7);
      expect(found / ideal, JSON.stringify(spot)).toBeLessThan(1.1);
    }
  });

  test('more contrast, more area and less noise never lower the verdict', () => {
    const order = ['good', 'unsure', 'defective'];
    const verdict = (spot: Spot | null, sigma = 2.5): number =>
      order.indexOf(new SurfaceInspector().inspect(frameOf(createRng(3), sigma, spot), HELD).verdict);
    const contrasts = [0, 2, 4, 8, 16, 32].map((contrast) => verdict({ radius_m: 0.004, contrast }));
    expect(contrasts).toEqual([...contrasts].sort());
    expect(contrasts[0]).toBe(0);
    expect(contrasts).toContain(1);
    expect(contrasts[5]).toBe(2);
    expect(verdict({ radius_m: 0.004, contrast: 20 }, 12)).toBeLessThan(2);
  });

  test('a pattern all over is no spot, and a spot on a pattern still is one', () => {
    const rng = createRng(5);
    const checkered = (spot: Spot | null): RgbdFrame => {
      const frame = frameOf(rng, 2.5, spot);
      const { data } = frame.colour;
      for (let i = 0; i < WIDTH * HEIGHT; i++) {
        const dark = (Math.floor((i % WIDTH) / 5) + Math.floor(i / WIDTH / 5)) % 2 === 0;
        if (dark) for (let c = 0; c < 3; c++) data[3 * i + c] = Math.max(0, data[3 * i + c] - 4);
      }
      return frame;
    };
    const inspector = new SurfaceInspector();
    for (let k = 0; k < 10; k++) {
      expect(inspector.inspect(checkered(null), HELD).verdict, `picture ${k}`).toBe('good');
      expect(inspector.inspect(checkered({ radius_m: 0.004, contrast: 60 }), HELD).verdict, `picture ${k}`).toBe(
        'defective',
      );
    }
  });

  test('what cannot be seen well enough is not judged', () => {
    const away = { ...HELD, pose: { ...HELD.pose, position: [0.3, 0.5, 0.2] as const } };
    const inspector = new SurfaceInspector();
    const frame = frameOf(createRng(4), 2.5, { radius_m: 0.005, contrast: 60 });
    expect(inspector.inspect(frame, away)).toEqual({ verdict: 'unsure', score: 0, area_m2: 0 });
    const small = { ...HELD, shape: { type: 'box', size: [0.04, 0.02, 0.02] } as const };
    expect(inspector.inspect(frame, small).verdict).toBe('unsure');
  });
});

describe('the side of a held object', () => {
  test('is its face less a margin, in metres, without what stands before it', () => {
    const frame = frameOf(createRng(5), 0, null);
    const patch = heldSurface(new FrameViewer().view(frame), HELD);
    if (patch === null) throw new Error('no patch');
    expect(patch.area_m2).toBeCloseTo((0.044 - 0.007) * (0.05 - 0.007), 4);
    const [u, v] = [0, 1].map((k) => patch.uv.filter((_, i) => i % 2 === k));
    expect(Math.abs(Math.max(...u) - (0.044 / 2 - 0.0035))).toBeLessThan(PIXEL_M);
    expect(Math.abs(Math.max(...v) - (0.05 / 2 - 0.0035))).toBeLessThan(PIXEL_M);
    frame.depth.data.fill(0.25, 0, frame.depth.data.length / 2);
    const half = heldSurface(new FrameViewer().view(frame), HELD);
    expect(half?.pixels.length).toBe(patch.pixels.length / 2);
  });

  test('of a cylinder is what of its mantle looks at the camera, along the arc', () => {
    const held = { ...HELD, shape: { type: 'cylinder', radius: 0.02, length: 0.05 } as const };
    const frame = frameOf(createRng(6), 0, null);
    frame.depth.data.fill(0);
    const patch = heldSurface(new FrameViewer().view(frame), held);
    if (patch === null) throw new Error('no patch');
    const arc = patch.uv.filter((_, i) => i % 2 === 0);
    // the angle between normal and view, about 45.6° less what perspective turns away
    expect(Math.max(...arc) / 0.02).toBeGreaterThan(0.68);
    expect(Math.max(...arc) / 0.02).toBeLessThan(0.8);
    expect(Math.min(...arc)).toBeCloseTo(-Math.max(...arc), 3);
    expect(patch.area_m2).toBeCloseTo(2 * Math.max(...arc) * (0.05 - 0.007), 4);
  });
});
