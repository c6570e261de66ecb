import type { Detection, PictureFault } from '../../contracts/index.ts';
import { CameraModel } from '../camera_model.ts';
import type { RgbdFrame } from '../detector.ts';
import { objectResidual } from './object_residual.ts';
import { PictureFeatures } from './picture_features.ts';
import type { CameraLimits } from './picture_limits.ts';
import { FEATURE_INDEX, FEATURE_TESTS, OBJECT_TESTS, type PictureTest, scoreOf } from './picture_tests.ts';

/** Detections are tested by themselves where no more than this share of what is about them is of something else. */
export const CROWDED = 0.1;

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
  /**
   * Whether what was detected is held against the shape it is taken for. For calibrated cameras: one that stands some
   * millimetres off makes known things look unknown. Default true.
   */
  readonly objects?: boolean;
}

/**
 * Says what is wrong with the pictures of one camera, by what sound pictures look like. Reads frames, detections and clock
 * alone; the same pictures in the same order give the same findings.
 */
export class PictureMonitor {
  private readonly limits: CameraLimits;
  private readonly objects: boolean;
  private readonly features = new PictureFeatures();

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

  /** What no class explains among what was detected in it: findings of the detection of each index that has any. */
  lookAtObjects(
    frame: RgbdFrame,
    detections: readonly Detection[],
    masks: readonly Int32Array[],
  ): ReadonlyMap<number, readonly PictureFinding[]> {
    const strange = new Map<number, readonly PictureFinding[]>();
    if (!this.objects) return strange;
    const camera = new CameraModel(frame.info);
    detections.forEach((detection, k) => {
      const mask = masks[k];
      if (mask === undefined) return;
      const found: PictureFinding[] = [];
      const { surface_m, outline_px, crowded } = objectResidual(frame, camera, detection, mask);
      // What things that touch look like together says nothing of either.
      if (crowded > CROWDED) return;
      const [surface, outline] = OBJECT_TESTS;
      this.test(surface, surface_m, found);
      this.test(outline, outline_px, found);
      if (found.length > 0) strange.set(k, found);
    });
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
