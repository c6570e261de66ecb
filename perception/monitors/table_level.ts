import { CameraModel } from '../camera_model.ts';
import type { RgbdFrame } from '../detector.ts';
import { levelView } from '../level_view.ts';
import { soundDepth } from '../sound_depth.ts';

/** Of the picture's rows every so many-th tells where the table is. */
const ROWS = 4;
const NO_COLOURS = new Uint8Array(0);

/** Finds where a camera is by the table it sees, as detectors do, from some rows of the picture. */
export class TableLevel {
  private rays = new Float32Array(0);
  private rates = new Float32Array(0);
  private z = new Float32Array(0);
  private depth = new Float32Array(0);

  /**
   * The camera, turned and lifted so that the table is at z = 0; as it is said to be where too little table is seen.
   * @param all_rays  of all pixels at optical depth 1
   */
  cameraOf({ depth, info }: RgbdFrame, all_rays: Float32Array): CameraModel {
    const { width, height } = info;
    const rows = Math.ceil(height / ROWS);
    if (this.z.length !== width * rows) {
      this.rays = new Float32Array(2 * width * rows);
      this.rates = new Float32Array(width * rows);
      this.z = new Float32Array(width * rows);
      this.depth = new Float32Array(width * rows);
    }
    const { rays, rates, z } = this;
    for (let row = 0; row < rows; row++) {
      const from = row * ROWS * width;
      this.depth.set(depth.data.subarray(from, from + width), row * width);
      rays.set(all_rays.subarray(2 * from, 2 * (from + width)), 2 * row * width);
    }
    const camera = new CameraModel(info);
    const sound = soundDepth(this.depth);
    for (let i = 0; i < z.length; i++) {
      rates[i] = camera.heightRate(rays[2 * i], rays[2 * i + 1]);
      z[i] = sound[i] > 0 ? camera.T[11] + sound[i] * rates[i] : Number.NaN;
    }
    return levelView({ camera, width, height: rows, rays, rates, depth: sound, rgb: NO_COLOURS, z }).camera;
  }
}
