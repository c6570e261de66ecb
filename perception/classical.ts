import type { Detection, Detections } from '../contracts/index.ts';
import { RegionsDescriber } from './describe_regions.ts';
import {
  type DetectionTiming,
  type Detector,
  NO_STOPWATCH,
  NO_TIMING,
  type RgbdFrame,
  type Stopwatch,
} from './detector.ts';
import { toDetection } from './estimate.ts';
import { type DetectionEvidence, evidenceOf } from './evidence.ts';
import { ALL_AS_PUT_UP, type CameraUncertainties, FrameViewer } from './frame_viewer.ts';
import { levelView } from './level_view.ts';
import { findRegions, type PixelView } from './regions.ts';

export const CLASSICAL_MODEL = 'classical';

/** Detector by colour and depth alone: coloured things above the table, each fitted by a box and a cylinder. */
export class ClassicalDetector implements Detector {
  readonly source = 'classical';
  readonly model = CLASSICAL_MODEL;
  readonly model_sha256 = null;
  timing: DetectionTiming = NO_TIMING;
  masks: readonly Int32Array[] = [];
  evidence: readonly DetectionEvidence[] = [];
  readonly degraded_reason: string;
  private readonly stopwatch: Stopwatch;
  /** The last picture, whose arrays serve the next. */
  private levelled: PixelView | null = null;
  private readonly viewer: FrameViewer;
  private readonly describer = new RegionsDescriber();

  /**
   * @param reason  why no network is used; empty when nobody asked for one
   * @param cameras  how sure their calibrations are, which the covariances rest on
   */
  constructor(reason = '', stopwatch: Stopwatch = NO_STOPWATCH, cameras: CameraUncertainties = ALL_AS_PUT_UP) {
    this.viewer = new FrameViewer(undefined, cameras);
    this.degraded_reason = reason;
    this.stopwatch = stopwatch;
  }

  async detect(frame: RgbdFrame): Promise<Detections> {
    return this.detectNow(frame, this.degraded_reason);
  }

  async close(): Promise<void> {}

  /** As `detect`, at once, with a reason of this frame's own. */
  detectNow(frame: RgbdFrame, reason: string): Detections {
    const start = this.stopwatch();
    const view = this.viewer.view(frame);
    const middle = this.stopwatch();
    this.levelled = levelView(view, undefined, this.levelled);
    const { detections, masks, evidence } = describe(this.levelled, this.describer);
    this.masks = masks;
    this.evidence = evidence;
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

interface Described {
  readonly detections: Detection[];
  readonly masks: Int32Array[];
  readonly evidence: DetectionEvidence[];
}

function describe(view: PixelView, describer: RegionsDescriber): Described {
  const detections: Detection[] = [];
  const masks: Int32Array[] = [];
  const evidence: DetectionEvidence[] = [];
  for (const { region, estimate } of describer.describe(view, findRegions(view, null))) {
    const detection = toDetection(detections.length, view, region, estimate, 0, 1);
    detections.push(detection);
    masks.push(region.pixels);
    evidence.push(evidenceOf(detection.class, estimate, 1, 0));
  }
  return { detections, masks, evidence };
}
