import {
  type CameraName,
  type Confidence,
  type Detections,
  type PictureFault,
  stampToSeconds,
  VERDICTS,
} from '../../contracts/index.ts';
import type { RgbdFrame } from '../detector.ts';
import { loadPictureLimits } from './picture_limits.ts';
import { type PictureFinding, PictureMonitor, type PictureMonitorOptions } from './picture_monitor.ts';

/** So many faulty pictures in a row, looking again has not helped: a person is to look. */
const ESCALATE_AFTER = 10;

/**
 * Makes watches of a camera's pictures by the shipped limits, each for one node. Throws InputError for limits that are none.
 */
export async function openPictureWatch(
  camera: CameraName,
  options: PictureMonitorOptions = {},
): Promise<() => PictureWatch> {
  const limits = await loadPictureLimits(camera);
  return () => new PictureWatch(new PictureMonitor(limits, options));
}

/**
 * Looks at the pictures of one camera and at what was detected in them, and says so in the detections: nothing that rests on
 * a faulty picture, or that no class explains, is accepted.
 */
export class PictureWatch {
  /** How the camera stands elsewhere than it is taken to; empty where it does not. */
  moved = '';
  private readonly monitor: PictureMonitor;
  private in_a_row = 0;
  private pictures = 0;
  private looked = new WeakMap<RgbdFrame, readonly PictureFinding[]>();
  private readonly counts = new Map<PictureFault, number>();
  private last = '';

  constructor(monitor: PictureMonitor) {
    this.monitor = monitor;
  }

  reset(): void {
    this.monitor.reset();
    this.looked = new WeakMap();
    this.moved = '';
    this.in_a_row = 0;
    this.last = '';
  }

  /** To be told of every picture as it comes, looked at or not. */
  arrive(frame: RgbdFrame): void {
    this.monitor.arrive(frame);
  }

  /** What is wrong with a picture as a whole: looked at once, and kept with it. */
  look(frame: RgbdFrame, now_ns: bigint): readonly PictureFinding[] {
    const known = this.looked.get(frame);
    if (known !== undefined) return known;
    const whole = this.monitor.look(frame, stampToSeconds(now_ns - frame.colour.stamp_ns));
    this.in_a_row = whole.length > 0 ? this.in_a_row + 1 : 0;
    if (this.moved !== '') whole.push({ fault: 'moved', detail: this.moved, score: 2 });
    this.looked.set(frame, whole);
    this.pictures++;
    this.last = whole.length > 0 ? describe(whole) : '';
    this.count(whole);
    return whole;
  }

  /**
   * What was detected in a frame, with what is wrong with the picture.
   * @param masks  of the detections, in their order; null where things do not stand on the table: the picture alone is judged
   */
  judge(frame: RgbdFrame, seen: Detections, masks: readonly Int32Array[] | null, now_ns: bigint): Detections {
    const whole = this.look(frame, now_ns);
    const strange =
      masks === null
        ? new Map<number, readonly PictureFinding[]>()
        : this.monitor.lookAtObjects(frame, seen.detections, masks);
    const of_objects = [...strange.values()].flat();
    this.count(of_objects);
    const faults = [...new Set([...whole, ...of_objects].map(({ fault }) => fault))];
    if (faults.length === 0) return { ...seen, faults };
    const of_picture = inWords(whole, describe);
    const verdict = this.in_a_row > ESCALATE_AFTER ? 'escalate' : 'look_again';
    const detections = seen.detections.map((detection, k) => {
      const own = strange.get(k);
      if (of_picture === '' && own === undefined) return detection;
      const reason = of_picture || `no class explains it: ${describe(own ?? [])}`;
      return {
        ...detection,
        confidence: doubted(detection.confidence, detection.class, verdict, reason, own !== undefined),
      };
    });
    // Without the values, so that it stays the same while the fault does.
    const names = (findings: readonly PictureFinding[]) => [...new Set(findings.map(({ fault }) => fault))].join(', ');
    const degraded_reason = seen.degraded_reason || inWords(whole, names);
    return { ...seen, faults, degraded_reason, detections };
  }

  /** Pictures looked at, those with each fault, and what was wrong last. */
  diagnostics(): Readonly<Record<string, string | number>> {
    const faults = [...this.counts].map(([fault, count]) => [`pictures_${fault}`, count]);
    return { pictures_judged: this.pictures, ...Object.fromEntries(faults), picture_fault: this.last };
  }

  private count(findings: readonly PictureFinding[]): void {
    for (const fault of new Set(findings.map((one) => one.fault)))
      this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
  }
}

/** What is wrong with a picture, and with the camera that took it; empty for nothing. */
function inWords(whole: readonly PictureFinding[], words: (findings: readonly PictureFinding[]) => string): string {
  const of_picture = whole.filter(({ fault }) => fault !== 'moved');
  const of_camera = whole.filter(({ fault }) => fault === 'moved');
  const told = of_picture.length === 0 ? [] : [`the picture is ${words(of_picture)}`];
  return [...told, ...(of_camera.length === 0 ? [] : [`the camera has ${words(of_camera)}`])].join('; ');
}

/** Faults with the finding that shows each of them best. */
function describe(findings: readonly PictureFinding[]): string {
  const best = new Map<PictureFault, PictureFinding>();
  for (const finding of findings) {
    const known = best.get(finding.fault);
    if (known === undefined || finding.score > known.score) best.set(finding.fault, finding);
  }
  return [...best.values()].map(({ fault, detail }) => `${fault} (${detail})`).join(', ');
}

/** What is known of an object less what can no longer be relied on; the more cautious verdict of both. */
function doubted(
  known: Confidence | undefined,
  name: Confidence['possible'][number],
  verdict: Confidence['verdict'],
  reason: string,
  unknown: boolean,
): Confidence {
  const before = known ?? { visible: 0, possible: [name], verdict: 'accept', reason: '' };
  const possible =
    unknown && !before.possible.includes('unknown') ? [...before.possible, 'unknown' as const] : before.possible;
  const graver = VERDICTS.indexOf(before.verdict) > VERDICTS.indexOf(verdict);
  return { ...before, possible, verdict: graver ? before.verdict : verdict, reason: graver ? before.reason : reason };
}
