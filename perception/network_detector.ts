import type { Detection, Detections } from '../contracts/index.ts';
import { ClassicalDetector } from './classical.ts';
import { RegionsDescriber } from './describe_regions.ts';
import {
  checkFrame,
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
import {
  type Grid,
  gridOf,
  type HeadPlanes,
  HeadReader,
  type ModelInterface,
  VISION_INTERFACE,
} from './models/index.ts';
import { NetworkInput } from './network_input.ts';
import { NetworkRegions } from './network_regions.ts';
import type { PixelView } from './regions.ts';
import type { Inference } from './runtime/index.ts';

/** What a network is called in detections, and the hash of its file. */
export interface NetworkName {
  readonly model: string;
  readonly model_sha256: string | null;
}

/** What is made once for the pictures of one camera, and its last one, whose arrays serve the next. */
interface CameraEye {
  readonly width: number;
  readonly height: number;
  readonly grid: Grid;
  readonly input: Float32Array;
  readonly inputs: Readonly<Record<string, Float32Array>>;
  readonly viewer: FrameViewer;
  readonly heads: HeadReader;
  readonly regions: NetworkRegions;
  levelled: PixelView | null;
}

/** Cameras beyond so many start anew. */
const MOST_CAMERAS = 8;
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
  private readonly describer = new RegionsDescriber();
  private readonly fallback: ClassicalDetector | null;
  private readonly writer: NetworkInput;
  private readonly shape: ModelInterface;
  private readonly cameras: CameraUncertainties;
  /** By the camera's name. */
  private readonly eyes = new Map<string, CameraEye>();

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
    this.shape = shape;
    this.cameras = cameras;
    this.writer = new NetworkInput(shape.preprocessing, shape.inputs[0].layout);
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
    const eye = this.eyeOf(frame);
    const view = eye.viewer.view(frame);
    this.writer.write(view, eye.input);
    const prepared = this.stopwatch();
    let planes: HeadPlanes;
    try {
      planes = eye.heads.read(await this.network.run(eye.inputs, eye.grid));
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
    eye.levelled = levelView(view, undefined, eye.levelled);
    const detections = this.describe(eye.regions, eye.levelled, planes);
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

  /** What is kept for a camera; made anew when its pictures change in size. */
  private eyeOf(frame: RgbdFrame): CameraEye {
    const { info } = frame;
    const known = this.eyes.get(info.name);
    if (known !== undefined && known.width === info.width && known.height === info.height) return known;
    checkFrame(frame);
    if (this.eyes.size >= MOST_CAMERAS) this.eyes.clear();
    const grid = gridOf(this.shape.preprocessing, info);
    const [{ name }] = this.shape.inputs;
    const input = new Float32Array(this.writer.channels * grid.width * grid.height);
    const eye: CameraEye = {
      ...{ width: info.width, height: info.height, grid, input, inputs: { [name]: input }, levelled: null },
      ...{ viewer: new FrameViewer(this.writer, this.cameras), heads: new HeadReader(this.shape, grid) },
      regions: new NetworkRegions(),
    };
    this.eyes.set(info.name, eye);
    return eye;
  }

  private describe(regions: NetworkRegions, view: PixelView, planes: HeadPlanes): Detection[] {
    const detections: Detection[] = [];
    const masks: Int32Array[] = [];
    const evidence: DetectionEvidence[] = [];
    for (const { region: found, objectness, log_odds_cylinder, of_one } of regions.find(view, planes)) {
      const odds = CLASS_WEIGHT * log_odds_cylinder;
      const parts = this.describer.describe(view, [found]);
      const largest = parts.reduce((most, { region }) => Math.max(most, region.pixels.length), 0);
      for (const { region, estimate } of parts) {
        if (of_one && region.pixels.length < LEAST_PART * largest) continue;
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
