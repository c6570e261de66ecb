import type { CameraInfo } from '../contracts/index.ts';
import { CameraModel } from './camera_model.ts';
import { checkFrame, type RgbdFrame } from './detector.ts';
import { NetworkInput } from './network_input.ts';
import { type PixelRays, type PixelView, pixelRays, viewPixels } from './regions.ts';

/** The pixels of a frame with what the camera's geometry says of them; keeps the rays of the last camera. */
export class FrameViewer {
  private key = '';
  private camera: CameraModel | null = null;
  private rays: PixelRays | null = null;
  private readonly input: NetworkInput;

  /** @param input  how frames are put before the network; by default as before the shipped ones */
  constructor(input: NetworkInput = new NetworkInput()) {
    this.input = input;
  }

  /** @throws InputError if the frame's parts contradict each other */
  view(frame: RgbdFrame): PixelView {
    checkFrame(frame);
    const { width, height } = frame.info;
    const key = keyOf(frame.info);
    if (this.camera === null || this.rays === null || key !== this.key) {
      this.camera = new CameraModel(frame.info);
      this.rays = pixelRays(this.camera, width, height);
      this.key = key;
    }
    return viewPixels(frame, this.camera, this.rays);
  }

  /** Writes the frame as the network takes it. */
  writeInput(frame: RgbdFrame, out: Float32Array, offset = 0): void {
    this.input.write(this.view(frame), out, offset);
  }
}

function keyOf(info: CameraInfo): string {
  return [info.width, info.height, ...info.K, ...info.D, ...info.T_world_camera_optical].join(' ');
}
