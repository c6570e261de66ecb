import { type CameraInfo, type ColourImage, type DepthImage, type Detections, InputError } from '../contracts/index.ts';
import type { DetectionEvidence } from './evidence.ts';

/** One frame of a colour-and-depth camera; the images share size, stamp and geometry (depth registered to colour). */
export interface RgbdFrame {
  /** Names the frame in results and logs, e.g. `overview/12`. */
  readonly request_id: string;
  readonly colour: ColourImage;
  readonly depth: DepthImage;
  readonly info: CameraInfo;
}

/** Time one detection spent before, in and after the network, s; 0 without a stopwatch. */
export interface DetectionTiming {
  readonly pre_s: number;
  readonly model_s: number;
  readonly post_s: number;
}

/** Where a network ran for one detection. */
export interface DetectionPlacement {
  readonly provider: string;
  readonly batch: number;
}

/** Finds objects on the table. It reads images, depth and camera geometry and nothing else. */
export interface Detector {
  readonly source: 'onnx' | 'classical';
  /** Name and version of what detects, e.g. `vision@1.0.0`. */
  readonly model: string;
  /** SHA-256 of the model's file; null without one. */
  readonly model_sha256: string | null;
  /** Why another detector was asked for and this one answers; empty when it is the one asked for. */
  readonly degraded_reason: string;
  /** How long the parts of the last detection took. */
  readonly timing: DetectionTiming;
  /** Where the network ran for the last detection, and how many frames it took at once; absent where none ran. */
  readonly placement?: DetectionPlacement | null;
  /** What its runtime has to say of itself in /diagnostics, with units in the names. */
  diagnostics?(): Readonly<Record<string, string | number>>;
  /** Pixels of every detection of the last frame, indices ascending, in the detections' order. */
  readonly masks: readonly Int32Array[];
  /** What every detection of the last frame rests on, in the detections' order; absent where the detector does not tell. */
  readonly evidence?: readonly DetectionEvidence[];
  /** Detections in frame world. A frame whose parts contradict each other is refused with an InputError. */
  detect(frame: RgbdFrame): Promise<Detections>;
  /** Releases what was loaded. */
  close(): Promise<void>;
}

/** Seconds of a monotonic clock; stages measure with what they are given and read no clock of their own. */
export type Stopwatch = () => number;
export const NO_STOPWATCH: Stopwatch = () => 0;
export const NO_TIMING: DetectionTiming = { pre_s: 0, model_s: 0, post_s: 0 };

/** Throws an InputError unless the three parts of a frame fit together. */
export function checkFrame(frame: RgbdFrame): void {
  const { colour, depth, info, request_id } = frame;
  const size = `${info.width}x${info.height}`;
  for (const [name, image, values] of [
    ['colour', colour, 3],
    ['depth', depth, 1],
  ] as const) {
    if (image.width !== info.width || image.height !== info.height) {
      throw new InputError(`${request_id} ${name} image of ${image.width}x${image.height}`, `camera info says ${size}`);
    }
    if (image.data.length !== values * info.width * info.height) {
      throw new InputError(
        `${request_id} ${name} image with ${image.data.length} values`,
        `${size} needs ${values * info.width * info.height}`,
      );
    }
  }
  if (
    !(info.K[0] > 0 && info.K[4] > 0) ||
    ![...info.K, ...info.D, ...info.T_world_camera_optical].every(Number.isFinite)
  ) {
    throw new InputError(
      `${request_id} camera info`,
      'K, D and T_world_camera_optical must be finite, focal lengths positive',
    );
  }
}
