import type { Colour, Confidence, Detection, Detections, ObjectClass } from '../../contracts/index.ts';
import type { DetectionTiming, Detector, RgbdFrame } from '../../perception/index.ts';

export interface Doubts {
  readonly colour: Colour;
  readonly verdict: Exclude<Confidence['verdict'], 'accept'>;
  /** What such an object is taken for; by default what the detector says. */
  readonly guess?: ObjectClass;
  /** Cameras whose pictures leave the doubt; by default all. */
  readonly cameras?: readonly string[];
}

/** A detector that is sure of everything but what it is told to doubt: what another detector sees, with a confidence. */
export class DoubtingDetector implements Detector {
  readonly source: Detector['source'];
  readonly model: string;
  readonly model_sha256: string | null;
  readonly degraded_reason: string;
  private readonly inner: Detector;
  private readonly doubts: Doubts;

  constructor(inner: Detector, doubts: Doubts) {
    this.inner = inner;
    this.doubts = doubts;
    const { source, model, model_sha256, degraded_reason } = inner;
    this.source = source;
    this.model = model;
    this.model_sha256 = model_sha256;
    this.degraded_reason = degraded_reason;
  }

  get timing(): DetectionTiming {
    return this.inner.timing;
  }

  get masks(): readonly Int32Array[] {
    return this.inner.masks;
  }

  async detect(frame: RgbdFrame): Promise<Detections> {
    const seen = await this.inner.detect(frame);
    const { cameras } = this.doubts;
    const doubtful = cameras === undefined || cameras.includes(frame.request_id.split('/')[0]);
    return { ...seen, detections: seen.detections.map((detection) => this.judge(detection, doubtful)) };
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  private judge(detection: Detection, doubtful: boolean): Detection {
    const { colour, verdict, guess } = this.doubts;
    if (!doubtful || detection.colour !== colour) {
      return { ...detection, confidence: { visible: 1, possible: [detection.class], verdict: 'accept', reason: '' } };
    }
    const taken = guess ?? detection.class;
    const other = taken === 'box' ? 'cylinder' : 'box';
    const reason = `it may be a ${other} as well`;
    return { ...detection, class: taken, confidence: { visible: 0.6, possible: [taken, other], verdict, reason } };
  }
}
