import type { CameraInfo, Detection, Detections } from '../contracts/index.ts';
import { CameraModel } from './camera_model.ts';
import {
  checkFrame,
  type DetectionTiming,
  type Detector,
  NO_STOPWATCH,
  NO_TIMING,
  type RgbdFrame,
  type Stopwatch,
} from './detector.ts';
import { toDetection } from './estimate.ts';
import { describeRegion } from './geometry/index.ts';
import { findRegions, type PixelView, pixelRays, viewPixels } from './regions.ts';

export const CLASSICAL_MODEL = 'classical';

/** The pixels of a frame with what the camera's geometry says of them; keeps the rays of the last camera. */
export class FrameViewer {
  private key = '';
  private camera: CameraModel | null = null;
  private rays: Float32Array = new Float32Array(0);

  view(frame: RgbdFrame): PixelView {
    checkFrame(frame);
    const key = keyOf(frame.info);
    if (this.camera === null || key !== this.key) {
      this.camera = new CameraModel(frame.info);
      this.rays = pixelRays(this.camera, frame.info.width, frame.info.height);
      this.key = key;
    }
    return viewPixels(frame, this.camera, this.rays);
  }
}

function keyOf(info: CameraInfo): string {
  return [info.width, info.height, ...info.K, ...info.D, ...info.T_world_camera_optical].join(' ');
}

/** Detector by colour and depth alone: coloured things above the table, each fitted by a box and a cylinder. */
export class ClassicalDetector implements Detector {
  readonly source = 'classical';
  readonly model = CLASSICAL_MODEL;
  timing: DetectionTiming = NO_TIMING;
  private readonly reason: string;
  private readonly stopwatch: Stopwatch;
  private readonly viewer = new FrameViewer();

  /** @param reason  why no network is used; empty when nobody asked for one */
  constructor(reason = '', stopwatch: Stopwatch = NO_STOPWATCH) {
    this.reason = reason;
    this.stopwatch = stopwatch;
  }

  async detect(frame: RgbdFrame): Promise<Detections> {
    return this.detectNow(frame, this.reason);
  }

  /** As `detect`, at once, with a reason of this frame's own. */
  detectNow(frame: RgbdFrame, reason: string): Detections {
    const start = this.stopwatch();
    const view = this.viewer.view(frame);
    const middle = this.stopwatch();
    const detections = describe(view);
    this.timing = { pre_s: middle - start, model_s: 0, post_s: this.stopwatch() - middle };
    return {
      stamp_ns: frame.colour.stamp_ns,
      frame_id: 'world',
      request_id: frame.request_id,
      source: 'classical',
      degraded_reason: reason,
      model: CLASSICAL_MODEL,
      detections,
    };
  }
}

function describe(view: PixelView): Detection[] {
  const detections: Detection[] = [];
  for (const region of findRegions(view, null)) {
    const estimate = describeRegion(view, region);
    if (estimate !== null) detections.push(toDetection(detections.length, view, region, estimate, 0, 1));
  }
  return detections;
}
