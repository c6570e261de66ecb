import type { Detection } from '../../contracts/index.ts';
import type { RgbdFrame } from '../detector.ts';
import { type ObjectResidual, objectResidual } from './object_residual.ts';
import { RayCache } from './ray_cache.ts';
import { TableLevel } from './table_level.ts';
import { UnclaimedThings } from './unclaimed_things.ts';

/** A detection is judged by itself where no more than this share of what is about it is of something else. */
const CROWDED = 0.1;
/** Parts of one colour that crowd each other may be of one thing that was taken for several; in a heap there are more. */
const MOST_PARTS = 3;
/** Outside of heaps so much of what is about a detection may be of other colours. */
const CROWDED_BY_OTHERS = 0.3;

/** What no class explains of the things in a picture. */
export interface ObjectValues {
  /** Of every detection; null for one that cannot be told from what it touches. */
  readonly residuals: readonly (ObjectResidual | null)[];
  /** Surface of the largest thing that nothing was detected in, m²; 0 without one. */
  readonly unclaimed_m2: number;
}

/** Holds what was detected in pictures of one camera against their depth, whose table says where the camera is. */
export class ObjectMeter {
  private readonly rays = new RayCache();
  private readonly level = new TableLevel();
  private readonly unclaimed = new UnclaimedThings();

  measure(frame: RgbdFrame, detections: readonly Detection[], masks: readonly Int32Array[]): ObjectValues {
    const rays = this.rays.of(frame.info);
    const camera = this.level.cameraOf(frame, rays);
    const all = detections.map((detection, k) =>
      masks[k] === undefined ? null : objectResidual(frame, camera, rays, detection, masks[k]),
    );
    const crowded = all.filter((one) => one !== null && one.crowded > CROWDED).length;
    const alone = (one: ObjectResidual): boolean =>
      one.crowded <= CROWDED || (crowded <= MOST_PARTS && one.crowded_by_others <= CROWDED_BY_OTHERS);
    return {
      residuals: all.map((one) => (one !== null && alone(one) ? one : null)),
      unclaimed_m2: this.unclaimed.measure(frame, camera, rays, masks),
    };
  }
}
