import type { CameraName, Detection, ObjectClass } from '../../contracts/index.ts';
import { poseYawError } from '../../perception/index.ts';
import type { SeenObject, WorldPicture } from './worlds.ts';

/** Masks that cover this much of each other show the same object: intersection over union. */
export const SAME_MASK_IOU = 0.5;
/** Objects of which at least this share is in view are asked for, and those of which this share is have their pose judged. */
export const ASKED_VISIBLE = 0.4;
export const POSED_VISIBLE = 0.6;
/** Objects that show fewer pixels than this, whole, are too small to ask for. */
const LEAST_WHOLE_PX = 40;
/** 95 % of chi-squared with 3 and with 1 degrees of freedom. */
export const CHI2_95 = { position: 7.814727903251179, yaw: 3.841458820694124 } as const;

/** What has to be known of a picture to judge what was said of it. */
export type JudgedPicture = Pick<WorldPicture, 'camera' | 'instances' | 'objects'>;

/** What a detector said of one picture. */
export interface PictureAnswer {
  readonly detections: readonly Detection[];
  /** Pixels of each detection, in the same order. */
  readonly masks: readonly Int32Array[];
}

/** One object of one picture, with what was said of it. */
export interface ObjectResult {
  /** Index into the picture's objects. */
  readonly object: number;
  readonly camera: CameraName;
  readonly class: ObjectClass;
  readonly visible: number;
  readonly found: boolean;
  /** Of the detection that found it; 0 where none did. */
  readonly score: number;
  readonly class_right: boolean;
  /** Against the truth; null unless it was found and enough of it is in view. */
  readonly pose: PoseResult | null;
}

export interface PoseResult {
  readonly position_m: number;
  /** Up to the true shape's symmetry (poseYawError); null for what has no yaw, or a wrong class. */
  readonly yaw_rad: number | null;
  /** Squared Mahalanobis distances by the stated covariance. */
  readonly position_chi2: number;
  readonly yaw_chi2: number | null;
}

/** One detection of one picture. */
export interface DetectionResult {
  readonly camera: CameraName;
  readonly class: ObjectClass;
  readonly score: number;
  /** Index into the picture's objects of what it shows; −1 for nothing. */
  readonly object: number;
  /** Shows an object, whatever it was called; and it was called what it is. */
  readonly shows: boolean;
  readonly right: boolean;
}

export interface PictureResult {
  /** Objects that are asked for. */
  readonly objects: readonly ObjectResult[];
  readonly detections: readonly DetectionResult[];
}

/**
 * Compares what a detector said of a picture with its truth. An object is found by the detection of the highest score whose
 * mask covers it by SAME_MASK_IOU at least; others of the same object show nothing (as COCO counts).
 */
export function judgePicture(picture: JudgedPicture, { detections, masks }: PictureAnswer): PictureResult {
  const { camera, objects, instances } = picture;
  const finder = objects.map(() => -1);
  const shown = detections.map(() => -1);
  for (const k of detections.map((_, i) => i).sort((a, b) => detections[b].score - detections[a].score || a - b)) {
    const i = objectUnder(masks[k], instances, objects);
    if (i < 0 || finder[i] >= 0) continue;
    finder[i] = k;
    shown[k] = i;
  }
  return {
    objects: objects.flatMap((object, i) => {
      const visible = visibleShare(object);
      if (object.whole_pixels < LEAST_WHOLE_PX || visible < ASKED_VISIBLE) return [];
      const found = finder[i] < 0 ? null : detections[finder[i]];
      return [
        {
          ...{ object: i, camera, class: object.class, visible, found: found !== null },
          score: found?.score ?? 0,
          class_right: found?.class === object.class,
          pose: found !== null && visible >= POSED_VISIBLE ? comparePose(object, found) : null,
        },
      ];
    }),
    detections: detections.map(({ class: kind, score }, k) => {
      const shows = shown[k] >= 0;
      const right = shows && objects[shown[k]].class === kind;
      return { camera, class: kind, score, object: shown[k], shows, right };
    }),
  };
}

/** The same result where detections of lower scores are not taken: neither do they find anything nor do they count. */
export function takenFrom(least_score: number, { objects, detections }: PictureResult): PictureResult {
  return {
    objects: objects.map((object) =>
      object.score >= least_score ? object : { ...object, found: false, score: 0, class_right: false, pose: null },
    ),
    detections: detections.filter(({ score }) => score >= least_score),
  };
}

export function visibleShare({ pixels, whole_pixels }: SeenObject): number {
  return whole_pixels === 0 ? 0 : Math.min(1, pixels / whole_pixels);
}

/** Index of the object that a mask shows, −1 for none. */
function objectUnder(mask: Int32Array, instances: Int16Array, objects: readonly SeenObject[]): number {
  const common = new Int32Array(objects.length);
  for (const pixel of mask) if (instances[pixel] >= 0) common[instances[pixel]]++;
  return objects.findIndex(({ pixels }, i) => {
    const union = mask.length + pixels - common[i];
    return union > 0 && common[i] / union >= SAME_MASK_IOU;
  });
}

function comparePose(object: SeenObject, { pose, covariance, class: kind, shape }: Detection): PoseResult {
  const d = object.pose.position.map((value, k) => pose.position[k] - value);
  const position_chi2 = mahalanobis3(d, covariance);
  const yaw_rad =
    kind === object.class && shape.type === 'box'
      ? Math.abs(poseYawError({ yaw: yawOf(pose.orientation), shape }, truthOf(object)))
      : null;
  return {
    ...{ position_m: Math.hypot(...d), yaw_rad },
    position_chi2,
    yaw_chi2: yaw_rad === null ? null : yaw_rad ** 2 / covariance[35],
  };
}

const truthOf = ({ shape, pose }: SeenObject) => ({ yaw: yawOf(pose.orientation), shape });
const yawOf = ([x, y, z, w]: readonly number[]): number => Math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z));

/** dᵀ C⁻¹ d with the upper left 3×3 of a 6×6, by Cramer's rule. */
function mahalanobis3(d: readonly number[], C: readonly number[]): number {
  const [a, b, c, e, f, g] = [C[0], C[1], C[2], C[7], C[8], C[14]];
  const cofactors = [e * g - f * f, c * f - b * g, b * f - c * e, a * g - c * c, b * c - a * f, a * e - b * b];
  const det = a * cofactors[0] + b * cofactors[1] + c * cofactors[2];
  const [x, y, z] = d;
  const [m00, m01, m02, m11, m12, m22] = cofactors;
  const form = x * (m00 * x + 2 * (m01 * y + m02 * z)) + y * (m11 * y + 2 * m12 * z) + m22 * z * z;
  return form / det;
}
