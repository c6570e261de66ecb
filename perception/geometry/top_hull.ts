import type { PixelView } from '../regions.ts';
import { hullInto } from './convex_hull.ts';

/** Pixels this near to the height of the top are of it (m). */
const TOP_BAND_M = 0.004;
const FEW = 256;

/** Convex hulls of tops, in arrays that are reserved once. */
export class TopHull {
  private points = new Float64Array(2 * FEW);
  private order = new Int32Array(FEW);
  private chain = new Int32Array(2 * FEW + 1);

  /**
   * World x, y of the hull of the pixels on a top, in its plane: depth noise does not move them. The first and the last pixel
   * of every row are enough, and what is convex in the picture is so in a plane.
   * @param pixels  ascending
   * @param with_depth  whether depth says which pixels are of the top; else all are
   */
  of(view: PixelView, pixels: Int32Array, height_m: number, with_depth: boolean): Float64Array {
    const { width, z, rays, camera } = view;
    let n = 0;
    for (let k = 0; k < pixels.length; ) {
      const end = pixels[k] - (pixels[k] % width) + width;
      let [first, last] = [-1, -1];
      for (; k < pixels.length && pixels[k] < end; k++) {
        const i = pixels[k];
        if (with_depth && !(Math.abs(z[i] - height_m) < TOP_BAND_M)) continue;
        if (first < 0) first = i;
        last = i;
      }
      if (first < 0) continue;
      this.add(n++, rays, first);
      if (last !== first) this.add(n++, rays, last);
    }
    const { points, order, chain } = this;
    const length = hullInto(points, order, n, chain);
    const hull = new Float64Array(2 * length);
    const at = new Float64Array(2);
    for (let k = 0; k < length; k++) {
      camera.onPlane(points[2 * chain[k] + 1], points[2 * chain[k]], height_m, at);
      hull[2 * k] = at[0];
      hull[2 * k + 1] = at[1];
    }
    return hull;
  }

  /** Rows first: that is the order in which pixels come. */
  private add(n: number, rays: Float32Array, i: number): void {
    if (n === this.order.length) this.grow();
    this.points[2 * n] = rays[2 * i + 1];
    this.points[2 * n + 1] = rays[2 * i];
    this.order[n] = n;
  }

  private grow(): void {
    const { points, order } = this;
    this.points = new Float64Array(2 * points.length);
    this.points.set(points);
    this.order = new Int32Array(2 * order.length);
    this.order.set(order);
    this.chain = new Int32Array(4 * order.length + 1);
  }
}
