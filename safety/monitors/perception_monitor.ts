import type { Detections } from '../../contracts/index.ts';
import type { Finding, Monitor } from './finding.ts';

export interface PerceptionLimits {
  /** Longest that whoever waits for detections waits for the first and the next, s. */
  readonly silence_s: number;
  /** A picture counts as sure if the surest detection in it has at least this score and the network made it. */
  readonly score: number;
  /** Pictures in a row that are unsure, before that is a finding. */
  readonly pictures: number;
}

/** Somebody waits for detections, and none come any more. Before the first ones perception counts as not started. */
export class PerceptionLostMonitor implements Monitor {
  private readonly silence_s: number;
  private waits_s = Number.NaN;
  private started = false;

  constructor({ silence_s }: Pick<PerceptionLimits, 'silence_s'>) {
    this.silence_s = silence_s;
  }

  /** Whether anybody but the monitor waits for detections. */
  hearWaiting(waits: boolean, now_s: number): void {
    if (!waits) this.waits_s = Number.NaN;
    else if (Number.isNaN(this.waits_s)) this.waits_s = now_s;
  }

  hear(now_s: number): void {
    this.started = true;
    if (!Number.isNaN(this.waits_s)) this.waits_s = now_s;
  }

  look(now_s: number): Finding | null {
    if (!this.started || !(now_s - this.waits_s > this.silence_s)) return null;
    const detail = `no detections for over ${1000 * this.silence_s} ms, for which somebody waits`;
    return { fault: 'perception_lost', detail };
  }
}

/** Pictures in which nothing is seen for sure: the network abstains, or its best score is low. */
export class PerceptionUncertainMonitor implements Monitor {
  private readonly limits: PerceptionLimits;
  private unsure = 0;
  private why = '';

  constructor(limits: PerceptionLimits) {
    this.limits = limits;
  }

  hear({ detections, degraded_reason, source, faults = [] }: Detections): void {
    const { score } = this.limits;
    let best = 0;
    for (const detection of detections) best = Math.max(best, detection.score);
    // The same network elsewhere, e.g. on a CPU, sees as well, only later.
    const replaced = degraded_reason !== '' && source !== 'onnx';
    // A thing it does not know is in the picture; the picture itself is sound.
    const spoilt = faults.filter((fault) => fault !== 'unfamiliar');
    if (!replaced && spoilt.length === 0 && best >= score) {
      this.unsure = 0;
      return;
    }
    this.unsure++;
    const of_picture = spoilt.filter((fault) => fault !== 'moved');
    if (of_picture.length > 0) this.why = `the picture is ${of_picture.join(', ')}`;
    else if (spoilt.length > 0) this.why = 'the camera has moved since it was calibrated';
    else if (replaced) this.why = `the network was not used: ${degraded_reason}`;
    else if (detections.length === 0) this.why = 'nothing is seen';
    else this.why = `the surest detection has a score of ${best.toFixed(2)}, sure from ${score} on`;
  }

  /** What was unsure of earlier pictures says nothing of those to come. */
  forget(): void {
    this.unsure = 0;
  }

  look(): Finding | null {
    const { pictures } = this.limits;
    if (this.unsure < pictures) return null;
    return { fault: 'perception_uncertain', detail: `in ${pictures} pictures in a row: ${this.why}` };
  }
}
