import { wilson95 } from '../../contracts/index.ts';
import {
  costReport,
  type DecisionCosts,
  type Detector,
  type Inquiry,
  type Outcome,
  type RouteCounts,
  RoutedDetector,
  type Stopwatch,
} from '../../perception/index.ts';
import { judgePicture } from './accuracy.ts';
import type { WorldPicture } from './worlds.ts';

/** What one way to answer made of the worlds. */
export interface WayReport {
  /** Objects asked for, and the share found and called what they are, with its 95 % interval. */
  readonly objects: number;
  readonly recall: number;
  readonly recall95: readonly [number, number];
  /** Of what was accepted: how much, and the share that was right. */
  readonly accepted: number;
  readonly precision: number;
  readonly precision95: readonly [number, number];
  /** Expected cost of decisions, s an object. */
  readonly cost_s: number;
  /** Time of detectors, s a picture. */
  readonly time_s: number;
}

export interface RoutingReport {
  readonly pictures: number;
  readonly routed: WayReport;
  readonly always_full: WayReport;
  readonly always_fast: WayReport;
  readonly counts: RouteCounts;
  /** Share of pictures that the full model was asked about, and of always asking it the time that is saved. */
  readonly asked: number;
  readonly saving: number;
}

export interface RoutingRun {
  /** Says `ask_full` where it pays. */
  readonly fast: Detector;
  readonly full: Detector;
  readonly worldOf: (k: number) => readonly WorldPicture[];
  readonly worlds: number;
  readonly costs: DecisionCosts;
  readonly deadline_s: number;
  readonly stopwatch: Stopwatch;
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

const INQUIRIES: readonly Inquiry[] = ['look_again', 'escalate'];

/** Compares asking the full model where the fast one doubts with always asking it, on the same pictures. */
export async function evaluateRouting(run: RoutingRun): Promise<RoutingReport> {
  const { fast, full, costs, deadline_s, stopwatch } = run;
  const router = new RoutedDetector(fast, full, { deadline_s, costs, stopwatch });
  const ways = { routed: new Way(), always_full: new Way(), always_fast: new Way() };
  let pictures = 0;
  for (let k = 0; k < run.worlds && run.signal?.aborted !== true; k++) {
    for (const picture of run.worldOf(k)) {
      pictures++;
      await ways.routed.take(picture, router, stopwatch);
      await ways.always_fast.take(picture, fast, stopwatch);
      await ways.always_full.take(picture, full, stopwatch);
    }
    run.onProgress?.(k + 1);
  }
  const { counts } = router;
  const asked = counts.doubted + counts.failed;
  const full_s = ways.always_full.time_s;
  return {
    pictures,
    routed: ways.routed.report(costs, pictures),
    always_full: ways.always_full.report(costs, pictures),
    always_fast: ways.always_fast.report(costs, pictures),
    counts,
    asked: asked / Math.max(1, pictures),
    saving: full_s > 0 ? 1 - ways.routed.time_s / full_s : 0,
  };
}

interface Judged extends Outcome {
  readonly accepted: boolean;
}

/** One way to answer, counted over pictures. */
class Way {
  time_s = 0;
  private readonly outcomes: Judged[] = [];
  private objects = 0;
  private found = 0;

  async take(picture: WorldPicture, detector: Detector, stopwatch: Stopwatch): Promise<void> {
    const began_s = stopwatch();
    const { detections } = await detector.detect(picture.frame);
    this.time_s += stopwatch() - began_s;
    const { objects, detections: judged } = judgePicture(picture, { detections, masks: detector.masks });
    this.objects += objects.length;
    this.found += objects.filter((object) => object.found && object.class_right).length;
    judged.forEach(({ score, right }, j) => {
      this.outcomes.push({ probability: score, right, accepted: detections[j].confidence?.verdict === 'accept' });
    });
  }

  report(costs: DecisionCosts, pictures: number): WayReport {
    const { objects, found, outcomes } = this;
    const accepted = outcomes.filter((one) => one.accepted);
    const right = accepted.filter((one) => one.right).length;
    return {
      ...{ objects, recall: found / Math.max(1, objects), recall95: wilson95(found, objects) },
      ...{ accepted: accepted.length, precision: right / Math.max(1, accepted.length) },
      precision95: wilson95(right, accepted.length),
      cost_s: costReport(outcomes, objects - found, costs, INQUIRIES).policy_s,
      time_s: this.time_s / Math.max(1, pictures),
    };
  }
}
