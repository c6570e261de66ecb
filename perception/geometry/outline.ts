import { boundsOf, type PixelView } from '../regions.ts';
import type { Outline } from './silhouette.ts';

/** A neighbour nearer by more than this, and above the table, hides the object instead of ending it. */
const OCCLUDER_STEP_M = 0.006;
const OCCLUDER_HEIGHT_M = 0.008;

/** Outline of a region: every pair of a pixel inside and a 4-neighbour outside gives its midpoint. */
export function traceOutline(view: PixelView, pixels: Int32Array): Outline {
  const { width, height, camera } = view;
  const { left, top, right, bottom } = boundsOf(view, pixels);
  const stride = right - left + 3;
  const inside = new Uint8Array(stride * (bottom - top + 3));
  for (const i of pixels) {
    const u = i % width;
    inside[((i - u) / width - top + 1) * stride + u - left + 1] = 1;
  }
  const points: number[] = [];
  const ray = new Float64Array(2);
  let edges = 0;
  let hidden = 0;
  for (const i of pixels) {
    const u = i % width;
    const v = (i - u) / width;
    const at = (v - top + 1) * stride + u - left + 1;
    for (let side = 0; side < 4; side++) {
      const du = side === 0 ? -1 : side === 1 ? 1 : 0;
      const dv = side === 2 ? -1 : side === 3 ? 1 : 0;
      if (inside[at + du + dv * stride] === 1) continue;
      edges++;
      const off = u + du < 0 || u + du >= width || v + dv < 0 || v + dv >= height;
      if (off || hides(view, i, i + du + dv * width)) {
        hidden++;
        continue;
      }
      camera.normalise(u + du / 2, v + dv / 2, ray);
      points.push(camera.fx * ray[0], camera.fy * ray[1]);
    }
  }
  return { points: Float64Array.from(points), hidden: edges > 0 ? hidden / edges : 1 };
}

function hides(view: PixelView, i: number, j: number): boolean {
  return view.z[j] > OCCLUDER_HEIGHT_M && view.depth[i] > 0 && view.depth[j] < view.depth[i] - OCCLUDER_STEP_M;
}
