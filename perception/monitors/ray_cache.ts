import type { CameraInfo } from '../../contracts/index.ts';
import { CameraModel } from '../camera_model.ts';
import { lensRays } from '../regions.ts';

/** Keeps the rays of the last lens. */
export class RayCache {
  private key = '';
  private rays: Float32Array = new Float32Array(0);

  /** Normalised, undistorted coordinates of all pixels, x, y interleaved, row-major. */
  of(info: CameraInfo): Float32Array {
    const key = `${info.width} ${info.height} ${info.K.join()} ${info.D.join()}`;
    if (key !== this.key) {
      this.key = key;
      this.rays = lensRays(new CameraModel(info), info.width, info.height).rays;
    }
    return this.rays;
  }
}
