import type { Detection, PictureFault } from '../../contracts/index.ts';
import type { RgbdFrame } from '../detector.ts';
import { ObjectMeter } from './object_meter.ts';
import { PictureFeatures } from './picture_features.ts';
import type { CameraLimits } from './picture_limits.ts';
import { FEATURE_INDEX, FEATURE_TESTS, OBJECT_TESTS, type PictureTest, scoreOf } from './picture_tests.ts';

/** Something wrong with a picture. */
export interface PictureFinding {
  readonly fault: PictureFault;
  /** The test, its value and its limit. */
  readonly detail: string;
  /** How far beyond the middle of sound pictures, in units of the limit: over 1. */
  readonly score: number;
}

export interface PictureMonitorOptions {
  /** Pictures older than this are delayed, s; by default as fitted. */
  readonly oldest_s?: number;
  /** Whether what was detected is held against the shape it is taken for, and what was not against bare table. Default true. */
  readonly objects?: boolean;
}

const NOT_DETECTED = -1;

/**
 * Says what is wrong with the pictures of one camera, by what sound pictures look like. Reads frames, detections and clock
 * alone; the same pictures in the same order give the same findings.
 */
export class PictureMonitor {
  private readonly limits: CameraLimits;
  private readonly objects: boolean;
  private readonly features = new PictureFeatures();
  private readonly things = new ObjectMeter();

  constructor(limits: CameraLimits, { oldest_s, objects = true }: PictureMonitorOptions = {}) {
    this.objects = objects;
    const age = limits.age_s_high;
    this.limits =
      oldest_s === undefined
        ? limits
        : { ...limits, age_s_high: { middle: Math.min(0, age?.middle ?? 0), limit: oldest_s } };
  }

  /** Forgets the pictures so far. */
  reset(): void {
    this.features.reset();
  }

  /** Tells of a picture as it comes, whether or not it will be looked at: what repeats it later is known. */
  arrive(frame: RgbdFrame): void {
    this.features.arrive(frame);
  }

  /** What is wrong with a picture as a whole. @param age_s  from its exposure to now */
  look(frame: RgbdFrame, age_s: number): PictureFinding[] {
    const values = this.features.measure(frame, age_s);
    const found: PictureFinding[] = [];
    for (let k = 0; k < FEATURE_TESTS.length; k++) this.test(FEATURE_TESTS[k], values[FEATURE_INDEX[k]], found);
    return found;
  }

  /**
   * What no class explains among the things in it: findings of the detection of each index that has any, and at −1 those of
   * what was not detected.
   */
  lookAtObjects(
    frame: RgbdFrame,
    detections: readonly Detection[],
    masks: readonly Int32Array[],
  ): ReadonlyMap<number, readonly PictureFinding[]> {
    const strange = new Map<number, readonly PictureFinding[]>();
    if (!this.objects) return strange;
    const { residuals, unclaimed_m2 } = this.things.measure(frame, detections, masks);
    const [surface, outline, unclaimed] = OBJECT_TESTS;
    const keep = (k: number, found: PictureFinding[]) => found.length > 0 && strange.set(k, found);
    residuals.forEach((residual, k) => {
      if (residual === null) return;
      const found: PictureFinding[] = [];
      this.test(surface, residual.surface_m, found);
      this.test(outline, residual.outline_px, found);
      keep(k, found);
    });
    const left: PictureFinding[] = [];
    this.test(unclaimed, unclaimed_m2, left);
    keep(NOT_DETECTED, left);
    return strange;
  }

  private test({ name, fault }: PictureTest, value: number, found: PictureFinding[]): void {
    const limit = this.limits[name];
    const score = scoreOf(value, limit);
    if (!(score > 1)) return;
    const [feature, side] = [name.slice(0, name.lastIndexOf('_')), name.endsWith('_low') ? 'least' : 'most'];
    found.push({
      fault,
      score,
      detail: `${feature} ${value.toPrecision(3)}, at ${side} ${limit.limit.toPrecision(3)}`,
    });
  }
}
