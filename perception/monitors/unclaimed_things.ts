import type { CameraModel } from '../camera_model.ts';
import type { RgbdFrame } from '../detector.ts';

/** Pixels between those that are looked at. */
const STEP = 2;
/** A thing stands between these heights above the table; what goes on above them is a robot or furniture (m). */
const LOW_M = 0.012;
const TALL_M = 0.15;
/** A thing for a hand is no longer than this, and no thinner (m). */
const LONGEST_M = 0.14;
const THINNEST_M = 0.025;
/** It fills at least this share of the box about it. */
const FILL = 0.5;
/** Neighbours farther apart in depth are of two things (m). */
const LINK_M = 0.03;
/** Cells about a detection that are its own, and cells along the picture's border, as a share of its rows, that things may not reach. */
const OWN = 2;
const BORDER = 1 / 32;

const FREE = 0;
const LOW = 1;
const CLAIMED = 2;
const TALL = 3;

/** Things that depth shows to stand on the table and that nothing was detected in. */
export class UnclaimedThings {
  private kinds = new Uint8Array(0);
  private readonly queue: number[] = [];
  private columns = 0;
  private rows = 0;

  /**
   * Surface (m²) across the line of sight of the largest such thing; 0 without one.
   * @param camera  levelled by the table
   * @param rays  of all pixels at optical depth 1
   * @param masks  pixel indices of all detections
   */
  measure({ depth, info }: RgbdFrame, camera: CameraModel, rays: Float32Array, masks: readonly Int32Array[]): number {
    this.columns = Math.ceil(info.width / STEP);
    this.rows = Math.ceil(info.height / STEP);
    if (this.kinds.length !== this.columns * this.rows) this.kinds = new Uint8Array(this.columns * this.rows);
    this.mark(depth.data, camera, rays, info.width);
    for (const mask of masks) this.claim(mask, info.width);
    let largest = 0;
    for (let k = 0; k < this.kinds.length; k++) {
      if (this.kinds[k] === LOW) largest = Math.max(largest, this.follow(k, depth.data, camera, info.width));
    }
    return largest;
  }

  private mark(z: Float32Array, camera: CameraModel, rays: Float32Array, width: number): void {
    const { kinds, columns, rows } = this;
    const base = camera.T[11];
    for (let row = 0, k = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, k++) {
        const i = row * STEP * width + column * STEP;
        const height = z[i] > 0 ? base + z[i] * camera.heightRate(rays[2 * i], rays[2 * i + 1]) : 0;
        kinds[k] = height > TALL_M ? TALL : height > LOW_M ? LOW : FREE;
      }
    }
  }

  private claim(mask: Int32Array, width: number): void {
    const { columns, rows } = this;
    for (const i of mask) {
      const u = Math.floor((i % width) / STEP);
      const v = Math.floor(i / width / STEP);
      for (let y = Math.max(0, v - OWN); y <= Math.min(rows - 1, v + OWN); y++) {
        for (let x = Math.max(0, u - OWN); x <= Math.min(columns - 1, u + OWN); x++)
          this.kinds[y * columns + x] = CLAIMED;
      }
    }
  }

  /** Surface of the thing that cell k is of, if it is one for a hand and seen whole by itself; it is looked at once. */
  private follow(start: number, z: Float32Array, camera: CameraModel, width: number): number {
    const { kinds, queue } = this;
    const { columns, rows } = this;
    queue.length = 0;
    queue.push(start);
    kinds[start] = FREE;
    let [left, right, top, bottom, sum, whole] = [columns, 0, rows, 0, 0, true];
    for (let head = 0; head < queue.length; head++) {
      const k = queue[head];
      const column = k % columns;
      const row = (k - column) / columns;
      const depth = z[row * STEP * width + column * STEP];
      left = Math.min(left, column);
      right = Math.max(right, column);
      top = Math.min(top, row);
      bottom = Math.max(bottom, row);
      sum += depth;
      if (column === 0 || row === 0 || column === columns - 1 || row === rows - 1) continue;
      for (const next of [k - 1, k + 1, k - columns, k + columns]) {
        if (kinds[next] === TALL || kinds[next] === CLAIMED) whole = false;
        if (kinds[next] !== LOW) continue;
        const there = z[Math.floor(next / columns) * STEP * width + (next % columns) * STEP];
        if (Math.abs(there - depth) > LINK_M) continue;
        kinds[next] = FREE;
        queue.push(next);
      }
    }
    const edge = rows * BORDER;
    whole &&= left >= edge && top >= edge && right < columns - edge && bottom < rows - edge;
    const side = (STEP * sum) / queue.length / camera.fx;
    const wide = (right - left + 1) * side;
    const high = (bottom - top + 1) * side;
    const surface = queue.length * side * side;
    const fits = Math.max(wide, high) < LONGEST_M && Math.min(wide, high) > THINNEST_M;
    return whole && fits && surface > FILL * wide * high ? surface : 0;
  }
}
