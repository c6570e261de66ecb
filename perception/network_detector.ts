import type { Detection, Detections } from '../contracts/index.ts';
import { ClassicalDetector } from './classical.ts';
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
import { describeRegion } from './geometry/index.ts';
import { type HeadPlanes, HeadReader, type ModelInterface, VISION_INTERFACE } from './models/index.ts';
import { NetworkInput, VISION_CLASSES } from './network_input.ts';
import { findRegions, type PixelView, type Region } from './regions.ts';
import type { Inference } from './runtime/index.ts';

/** What a network is called in detections, and the hash of its file. */
export interface NetworkName {
  readonly model: string;
  readonly model_sha256: string | null;
}

const BOX = VISION_CLASSES.indexOf('box');
const CYLINDER = VISION_CLASSES.indexOf('cylinder');
/** Cells with at least this probability of box or cylinder, and their neighbours, may be of objects. */
const GATE_PROBABILITY = 0.3;
/** Weight of the network's word on the class against the outline's, per object (mean log odds of its cells). */
const CLASS_WEIGHT = 0.5;

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
  private readonly viewer: FrameViewer;
  private readonly fallback: ClassicalDetector | null;
  private readonly writer: NetworkInput;
  private readonly heads: HeadReader;
  private readonly input: Float32Array;
  private readonly inputs: Readonly<Record<string, Float32Array>>;
  private cells: Int32Array = new Int32Array(0);
  private cells_width = 0;

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
    const detections = this.describe(view, planes);
    this.timing = { pre_s: prepared - start, model_s: ran - prepared, post_s: this.stopwatch() - ran };
    this.placement = { provider: this.network.provider, batch: 1 };
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

  /** As cellsOf, for a camera's pictures once. */
  private cellsUnder(view: PixelView, planes: HeadPlanes): Int32Array {
    if (view.width !== this.cells_width || view.width * view.height !== this.cells.length) {
      this.cells = cellsOf(view, planes);
      this.cells_width = view.width;
    }
    return this.cells;
  }

  private describe(view: PixelView, planes: HeadPlanes): Detection[] {
    const cells = this.cellsUnder(view, planes);
    const gate = objectGate(planes, cells);
    const detections: Detection[] = [];
    const masks: Int32Array[] = [];
    const evidence: DetectionEvidence[] = [];
    for (const region of findRegions(view, gate)) {
      const estimate = describeRegion(view, region);
      if (estimate === null) continue;
      const { objectness, log_odds_cylinder } = regionOpinion(planes, cells, region);
      const odds = CLASS_WEIGHT * log_odds_cylinder;
      const detection = toDetection(detections.length, view, region, estimate, odds, objectness);
      detections.push(detection);
      masks.push(region.pixels);
      evidence.push(evidenceOf(detection.class, estimate, objectness, odds));
    }
    this.masks = masks;
    this.evidence = evidence;
    return detections;
  }
}

/** Cell of the network's grid under every pixel. */
function cellsOf({ width, height }: PixelView, grid: HeadPlanes): Int32Array {
  const cells = new Int32Array(width * height);
  for (let v = 0, i = 0; v < height; v++) {
    const row = grid.width * Math.min(grid.height - 1, Math.floor((v * grid.height) / height));
    for (let u = 0; u < width; u++, i++)
      cells[i] = row + Math.min(grid.width - 1, Math.floor((u * grid.width) / width));
  }
  return cells;
}

/** Pixels where the network, or a cell beside, sees an object. */
function objectGate({ semantic: p, width, height }: HeadPlanes, cells: Int32Array): Uint8Array {
  const plane = width * height;
  const near = new Uint8Array(plane);
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      if (p[BOX * plane + i] + p[CYLINDER * plane + i] < GATE_PROBABILITY) continue;
      for (let r = Math.max(0, row - 1); r <= Math.min(height - 1, row + 1); r++) {
        near.fill(1, r * width + Math.max(0, column - 1), r * width + Math.min(width, column + 2));
      }
    }
  }
  const gate = new Uint8Array(cells.length);
  for (let i = 0; i < cells.length; i++) gate[i] = near[cells[i]];
  return gate;
}

/** Mean probability of an object, and mean log odds of a cylinder against a box, over a region's cells. */
function regionOpinion(
  { semantic: p, width, height }: HeadPlanes,
  cells: Int32Array,
  { pixels }: Region,
): { objectness: number; log_odds_cylinder: number } {
  const plane = width * height;
  let objectness = 0;
  let odds = 0;
  for (const i of pixels) {
    const box = p[BOX * plane + cells[i]];
    const cylinder = p[CYLINDER * plane + cells[i]];
    objectness += box + cylinder;
    odds += Math.log((cylinder + 0.01) / (box + 0.01));
  }
  return { objectness: Math.min(1, objectness / pixels.length), log_odds_cylinder: odds / pixels.length };
}
