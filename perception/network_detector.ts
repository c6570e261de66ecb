import type { Detection, Detections } from '../contracts/index.ts';
import { ClassicalDetector } from './classical.ts';
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
import { FrameViewer } from './frame_viewer.ts';
import { describeRegion } from './geometry/index.ts';
import {
  INPUT_CHANNELS,
  INPUT_HEIGHT,
  INPUT_SIZE,
  INPUT_WIDTH,
  VISION_CLASSES,
  writeNetworkInput,
} from './network_input.ts';
import { findRegions, type PixelView, type Region } from './regions.ts';
import type { Inference, NetworkSpec } from './runtime/index.ts';

/** What the vision network takes and gives. */
export const VISION_MODEL_SPEC: NetworkSpec = {
  inputs: [{ name: 'image', type: 'float32', shape: [1, INPUT_CHANNELS, INPUT_HEIGHT, INPUT_WIDTH] }],
  outputs: [{ name: 'probabilities', type: 'float32', shape: [1, VISION_CLASSES.length, INPUT_HEIGHT, INPUT_WIDTH] }],
};

/** What a network is called in detections, and the hash of its file. */
export interface NetworkName {
  readonly model: string;
  readonly model_sha256: string | null;
}

const PLANE = INPUT_WIDTH * INPUT_HEIGHT;
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
  masks: readonly Int32Array[] = [];
  evidence: readonly DetectionEvidence[] = [];
  private readonly network: Inference;
  private readonly stopwatch: Stopwatch;
  private readonly viewer = new FrameViewer();
  private readonly fallback: ClassicalDetector;
  private readonly input = new Float32Array(INPUT_SIZE);
  private readonly inputs = { image: this.input };

  constructor(network: Inference, name: NetworkName, stopwatch: Stopwatch = NO_STOPWATCH) {
    this.network = network;
    this.model = name.model;
    this.model_sha256 = name.model_sha256;
    this.stopwatch = stopwatch;
    this.fallback = new ClassicalDetector('', stopwatch);
  }

  async detect(frame: RgbdFrame): Promise<Detections> {
    const start = this.stopwatch();
    const view = this.viewer.view(frame);
    writeNetworkInput(view, this.input);
    const prepared = this.stopwatch();
    let probabilities: Float32Array;
    try {
      ({ probabilities } = await this.network.run(this.inputs));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const detections = this.fallback.detectNow(frame, `${this.model} failed: ${reason}`);
      this.timing = this.fallback.timing;
      this.masks = this.fallback.masks;
      this.evidence = this.fallback.evidence;
      return detections;
    }
    const ran = this.stopwatch();
    const detections = this.describe(view, probabilities);
    this.timing = { pre_s: prepared - start, model_s: ran - prepared, post_s: this.stopwatch() - ran };
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

  private describe(view: PixelView, probabilities: Float32Array): Detection[] {
    const cells = cellsOf(view);
    const gate = objectGate(probabilities, cells);
    const detections: Detection[] = [];
    const masks: Int32Array[] = [];
    const evidence: DetectionEvidence[] = [];
    for (const region of findRegions(view, gate)) {
      const estimate = describeRegion(view, region);
      if (estimate === null) continue;
      const { objectness, log_odds_cylinder } = regionOpinion(probabilities, cells, region);
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

/** Cell of the network's picture under every pixel. */
function cellsOf({ width, height }: PixelView): Int32Array {
  const cells = new Int32Array(width * height);
  for (let v = 0, i = 0; v < height; v++) {
    const row = INPUT_WIDTH * Math.min(INPUT_HEIGHT - 1, Math.floor((v * INPUT_HEIGHT) / height));
    for (let u = 0; u < width; u++, i++)
      cells[i] = row + Math.min(INPUT_WIDTH - 1, Math.floor((u * INPUT_WIDTH) / width));
  }
  return cells;
}

/** Pixels where the network, or a cell beside, sees an object. */
function objectGate(p: Float32Array, cells: Int32Array): Uint8Array {
  const near = new Uint8Array(PLANE);
  for (let row = 0, i = 0; row < INPUT_HEIGHT; row++) {
    for (let column = 0; column < INPUT_WIDTH; column++, i++) {
      if (p[BOX * PLANE + i] + p[CYLINDER * PLANE + i] < GATE_PROBABILITY) continue;
      for (let r = Math.max(0, row - 1); r <= Math.min(INPUT_HEIGHT - 1, row + 1); r++) {
        near.fill(1, r * INPUT_WIDTH + Math.max(0, column - 1), r * INPUT_WIDTH + Math.min(INPUT_WIDTH, column + 2));
      }
    }
  }
  const gate = new Uint8Array(cells.length);
  for (let i = 0; i < cells.length; i++) gate[i] = near[cells[i]];
  return gate;
}

/** Mean probability of an object, and mean log odds of a cylinder against a box, over a region's cells. */
function regionOpinion(
  p: Float32Array,
  cells: Int32Array,
  { pixels }: Region,
): { objectness: number; log_odds_cylinder: number } {
  let objectness = 0;
  let odds = 0;
  for (const i of pixels) {
    const box = p[BOX * PLANE + cells[i]];
    const cylinder = p[CYLINDER * PLANE + cells[i]];
    objectness += box + cylinder;
    odds += Math.log((cylinder + 0.01) / (box + 0.01));
  }
  return { objectness: Math.min(1, objectness / pixels.length), log_odds_cylinder: odds / pixels.length };
}
