import type { Detection, Detections } from '../../contracts/index.ts';
import type { DetectionEvidence, Detector, RgbdFrame } from '../../perception/index.ts';

/** One detection with what it rests on. */
export interface Answered {
  readonly detection: Detection;
  readonly evidence: DetectionEvidence;
}

/** A red box of 40 mm with a score, and evidence as good as `quality` says (0 poor, 1 ideal). */
export function answeredBox(quality: number, class_log_odds = -40, x_m = 0.5): Answered {
  return {
    detection: {
      ...{ id: 0, class: class_log_odds > 0 ? 'cylinder' : 'box', colour: 'red', score: quality },
      pose: { position: [x_m, 0, 0.02], orientation: [0, 0, 0, 1] },
      shape:
        class_log_odds > 0
          ? { type: 'cylinder', radius: 0.02, length: 0.04 }
          : { type: 'box', size: [0.04, 0.04, 0.04] },
      covariance: Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 1e-6 : 0)),
      ...{ image_box: [10, 10, 20, 20], pixels: 300 },
    },
    evidence: {
      ...{ objectness: 0.5 + 0.49 * quality, outline_log_odds: class_log_odds, network_log_odds: 0 },
      ...{ rms_px: 1.5 - 1.2 * quality, hidden: 0.5 - 0.5 * quality, filled: 0.5 + 0.5 * quality, height_m: 0.04 },
    },
  };
}

/** Answers each frame with what `answer` gives; keeps nothing else. */
export class AnsweringDetector implements Detector {
  readonly source: 'onnx' | 'classical';
  readonly model: string;
  readonly model_sha256 = null;
  readonly degraded_reason = '';
  readonly timing = { pre_s: 0.001, model_s: 0.002, post_s: 0.003 };
  masks: readonly Int32Array[] = [];
  evidence: readonly DetectionEvidence[] = [];
  asked = 0;
  closed = false;
  private readonly answer: (frame: RgbdFrame) => readonly Answered[];

  constructor(model: string, answer: (frame: RgbdFrame) => readonly Answered[], source: 'onnx' | 'classical' = 'onnx') {
    this.model = model;
    this.answer = answer;
    this.source = source;
  }

  async detect(frame: RgbdFrame): Promise<Detections> {
    this.asked++;
    const answered = this.answer(frame);
    this.masks = answered.map(() => Int32Array.of(1, 2, 3));
    this.evidence = answered.map(({ evidence }) => evidence);
    return {
      ...{ stamp_ns: frame.colour.stamp_ns, frame_id: 'world', request_id: frame.request_id, source: this.source },
      ...{ degraded_reason: '', model: this.model, detections: answered.map(({ detection }) => detection) },
    };
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** The smallest frame there is. */
export function smallFrame(request_id = 'overview/1'): RgbdFrame {
  const size = { stamp_ns: 1n, frame_id: 'camera', width: 1, height: 1 };
  return {
    request_id,
    colour: { ...size, data: new Uint8Array(3) },
    depth: { ...size, data: new Float32Array(1) },
    info: {
      ...size,
      ...{ name: 'overview', K: [1, 0, 0, 0, 1, 0, 0, 0, 1], D: [0, 0, 0, 0, 0], distortion_model: 'plumb_bob' },
      T_world_camera_optical: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
    },
  };
}
