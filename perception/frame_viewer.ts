import type { CameraInfo } from '../contracts/index.ts';
import { CameraModel } from './camera_model.ts';
import { checkFrame, type RgbdFrame } from './detector.ts';
import { writeNetworkInput } from './network_input.ts';
import { type PixelView, pixelRays, viewPixels } from './regions.ts';

/** The pixels of a frame with what the camera's geometry says of them; keeps the rays of the last camera. */
export class FrameViewer {
  private key = '';
  private camera: CameraModel | null = null;
  private rays: Float32Array = new Float32Array(0);

  view(frame: RgbdFrame): PixelView {
    return viewPixels(frame, this.cameraOf(frame), this.rays);
  }

  /** Writes the frame as the network takes it. */
  writeInput(frame: RgbdFrame, out: Float32Array, offset = 0): void {
    const camera = this.cameraOf(frame);
    writeNetworkInput(frame, camera, this.rays, out, offset);
  }

  private cameraOf(frame: RgbdFrame): CameraModel {
    checkFrame(frame);
    const key = keyOf(frame.info);
    if (this.camera === null || key !== this.key) {
      this.camera = new CameraModel(frame.info);
      this.rays = pixelRays(this.camera, frame.info.width, frame.info.height);
      this.key = key;
    }
    return this.camera;
  }
}

function keyOf(info: CameraInfo): string {
  return [info.width, info.height, ...info.K, ...info.D, ...info.T_world_camera_optical].join(' ');
}
