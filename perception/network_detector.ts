import type { Detection, Detections } from '../contracts/index.ts';
import { ClassicalDetector } from './classical.ts';
import { RegionsDescriber } from './describe_regions.ts';
import {
  type DetectionPlacement,
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
import { type HeadPlanes, HeadReader, type ModelInterface, VISION_INTERFACE } from './models/index.ts';
import { NetworkInput } from './network_input.ts';
import { NetworkRegions } from './network_regions.ts';
import type { PixelView } from './regions.ts';
import type { Inference } from './runtime/index.ts';

/** What a network is called in detections, and the hash of its file. */
export interface NetworkName {
  readonly model: string;
  readonly model_sha256: string | null;
}

/** Weight of the network's word on the class against the outline's, per object (mean log odds of its cells). */
const CLASS_WEIGHT = 0.5;
/** A mask's part of less than this share of its largest is a neighbour's edge, which has a mask of its own. */
const LEAST_PART = 0.5;

/**
 * Detector with the network in front: it says where objects are and of which class, at half the size of the picture; their
 * outlines, sizes and poses come from the full picture. A run that fails is answered by the classical detector.
 */
export class NetworkDetector implements Detector {
  readonly source = 'onnx';
  readonly model: string;
  readonly model_sha256: string | null;
  readonly degraded_reason = '';
  timing: DetectionTiming = NO_TIMING;
  placement: DetectionPlacement | null = null;
  masks: readonly Int32Array[] = [];
  evidence: readonly DetectionEvidence[] = [];
  private readonly network: Inference;
  /** The last detection that was asked for: buffers are for one at a time. */
  private last: Promise<unknown> = Promise.resolve();
  private readonly stopwatch: Stopwatch;
  /** The last picture, whose arrays serve the next. */
  private levelled: PixelView | null = null;
  private readonly viewer: FrameViewer;
  private readonly describer = new RegionsDescriber();
  private readonly fallback: ClassicalDetector | null;
  private readonly writer: NetworkInput;
  private readonly heads: HeadReader;
  private readonly input: Float32Array;
  private readonly inputs: Readonly<Record<string, Float32Array>>;
  private readonly regions = new NetworkRegions();

  /**
   * @param shape  what the network takes and gives, as its manifest says
   * @param classical  whether colour and depth alone answer frames that the network does not
   * @param cameras  how sure their calibrations are, which the covariances rest on
   */
  constructor(
    network: Inference,
    name: NetworkName,
    stopwatch: Stopwatch = NO_STOPWATCH,
    shape: ModelInterface = VISION_INTERFACE,
    classical = true,
    cameras: CameraUncertainties = ALL_AS_PUT_UP,
  ) {
    this.viewer = new FrameViewer(undefined, cameras);
    const [input] = shape.inputs;
    this.writer = new NetworkInput(shape.preprocessing, input.layout);
    this.heads = new HeadReader(shape);
    this.input = new Float32Array(this.writer.size);
    this.inputs = { [input.name]: this.input };
    this.network = network;
    this.model = name.model;
    this.model_sha256 = name.model_sha256;
    this.stopwatch = stopwatch;
    this.fallback = classical ? new ClassicalDetector('', stopwatch, cameras) : null;
  }

  detect(frame: RgbdFrame): Promise<Detections> {
    const detections = this.last.then(() => this.detectAlone(frame));
    this.last = detections.catch(() => {});
    return detections;
  }

  private async detectAlone(frame: RgbdFrame): Promise<Detections> {
    const start = this.stopwatch();
    const view = this.viewer.view(frame);
    this.writer.write(view, this.input);
    const prepared = this.stopwatch();
    let planes: HeadPlanes;
    try {
      planes = this.heads.read(await this.network.run(this.inputs));
    } catch (error) {
      if (this.fallback === null) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      const detections = this.fallback.detectNow(frame, `${this.model} failed: ${reason}`);
      this.timing = this.fallback.timing;
      this.masks = this.fallback.masks;
      this.evidence = this.fallback.evidence;
      this.placement = null;
      return detections;
    }
    const ran = this.stopwatch();
    this.levelled = levelView(view, undefined, this.levelled);
    const detections = this.describe(this.levelled, planes);
    this.timing = { pre_s: prepared - start, model_s: ran - prepared, post_s: this.stopwatch() - ran };
    this.placement = { provider: this.network.provider, batch: this.network.batch ?? 1 };
    return {
      stamp_ns: frame.colour.stamp_ns,
      frame_id: 'world',
      request_id: frame.request_id,
      source: 'onnx',
      degraded_reason: this.network.degraded_reason,
      model: this.model,
      detections,
    };
  }

  async close(): Promise<void> {
    await this.network.release();
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    return {
      ...{ model: this.model, provider: this.network.provider, degraded_reason: this.network.degraded_reason },
      ...this.network.diagnostics?.(),
    };
  }

  private describe(view: PixelView, planes: HeadPlanes): Detection[] {
    const detections: Detection[] = [];
    const masks: Int32Array[] = [];
    const evidence: DetectionEvidence[] = [];
    for (const { region: found, objectness, log_odds_cylinder, mask } of this.regions.find(view, planes)) {
      const odds = CLASS_WEIGHT * log_odds_cylinder;
      const parts = this.describer.describe(view, [found]);
      const largest = parts.reduce((most, { region }) => Math.max(most, region.pixels.length), 0);
      for (const { region, estimate } of parts) {
        if (mask !== null && region.pixels.length < LEAST_PART * largest) continue;
        const detection = toDetection(detections.length, view, region, estimate, odds, objectness);
        detections.push(detection);
        masks.push(region.pixels);
        evidence.push(evidenceOf(detection.class, estimate, objectness, odds));
      }
    }
    this.masks = masks;
    this.evidence = evidence;
    return detections;
  }
}
