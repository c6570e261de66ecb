import type { CameraInfo } from '../contracts/index.ts';
import { CameraModel } from './camera_model.ts';
import { checkFrame, type RgbdFrame } from './detector.ts';
import { AS_PUT_UP, type CameraUncertainty, cameraCovariance } from './geometry/index.ts';
import type { Grid } from './models/preprocessing.ts';
import { NetworkInput } from './network_input.ts';
import { type LensRays, lensRays, type PixelRays, type PixelView, pixelRays, viewPixels } from './regions.ts';

/** How sure each camera's calibration is, by the camera's name. */
export type CameraUncertainties = (camera: string) => CameraUncertainty;
export const ALL_AS_PUT_UP: CameraUncertainties = () => AS_PUT_UP;

/**
 * The pixels of a frame with what the camera's geometry says of them; keeps the rays of the last camera, those of its lens
 * while it moves. What it gives is valid until the next call.
 */
export class FrameViewer {
  /** Of the camera and of the lens that are known: their numbers. */
  private pose: readonly number[] = [];
  private lens_numbers: readonly number[] = [];
  private lens: LensRays | null = null;
  private rates: Float32Array = new Float32Array(0);
  private heights: Float32Array = new Float32Array(0);
  private camera: CameraModel | null = null;
  private rays: PixelRays | null = null;
  private readonly input: NetworkInput;
  private readonly uncertainties: CameraUncertainties;
  private readonly covariances = new Map<string, Float64Array>();

  /**
   * @param input  how frames are put before the network; by default as before the shipped ones
   * @param uncertainties  how sure the cameras' calibrations are
   */
  constructor(input: NetworkInput = new NetworkInput(), uncertainties: CameraUncertainties = ALL_AS_PUT_UP) {
    this.input = input;
    this.uncertainties = uncertainties;
  }

  /** @throws InputError if the frame's parts contradict each other */
  view(frame: RgbdFrame): PixelView {
    checkFrame(frame);
    const { info } = frame;
    const { T_world_camera_optical: T } = info;
    const lens_known = this.lens !== null && isLens(info, this.lens_numbers);
    if (this.camera === null || this.rays === null || !lens_known || !areEqual(T, this.pose)) {
      this.camera = new CameraModel(info);
      this.rays = pixelRays(this.camera, this.lensOf(info, this.camera, lens_known), this.rates);
      this.pose = [...T];
    }
    return {
      ...viewPixels(frame, this.camera, this.rays, this.heights),
      camera_covariance: this.covarianceOf(frame.info.name),
    };
  }

  private lensOf(info: CameraInfo, camera: CameraModel, known: boolean): LensRays {
    if (known && this.lens !== null) return this.lens;
    const lens = lensRays(camera, info.width, info.height);
    this.lens = lens;
    this.lens_numbers = [info.width, info.height, ...info.K, ...info.D];
    this.rates = new Float32Array(info.width * info.height);
    this.heights = new Float32Array(info.width * info.height);
    return lens;
  }

  private covarianceOf(camera: string): Float64Array {
    const known = this.covariances.get(camera);
    if (known !== undefined) return known;
    const covariance = cameraCovariance(this.uncertainties(camera));
    this.covariances.set(camera, covariance);
    return covariance;
  }

  /** Writes the frame as the network takes it; returns its cells. */
  writeInput(frame: RgbdFrame, out: Float32Array, offset = 0): Grid {
    return this.input.write(this.view(frame), out, offset);
  }
}

/** Whether a lens has these numbers: width, height, K, D. */
function isLens({ width, height, K, D }: CameraInfo, numbers: readonly number[]): boolean {
  if (numbers[0] !== width || numbers[1] !== height || numbers.length !== 2 + K.length + D.length) return false;
  for (let k = 0; k < K.length; k++) if (K[k] !== numbers[2 + k]) return false;
  for (let k = 0; k < D.length; k++) if (D[k] !== numbers[2 + K.length + k]) return false;
  return true;
}

function areEqual(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}
