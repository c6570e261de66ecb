import { createRng, type Detection, type Rng } from '../../contracts/index.ts';
import type { RobotModel } from '../../dynamics/index.ts';
import { type Detector, poseYawError } from '../../perception/index.ts';
import type { SceneGenerator, SceneTruth, SceneVariation, VisionScene } from './scenes.ts';

/** Nearest detection farther than this from an object's centre is not of it, m. */
const MATCH_M = 0.03;
/** Objects of which less is seen are not asked for. */
export const WHOLE = 0.98;

/** Draws scene i of an evaluation; the same arguments give the same scene. */
export function evaluationScene(
  generator: SceneGenerator,
  seed: number,
  i: number,
  variation: SceneVariation,
  robot: RobotModel | null,
): VisionScene {
  const rng: Rng = createRng(seed).stream(`evaluation/${i}`);
  return generator.draw(rng, { variation, robot: rng.uniform() < 0.5 ? robot : null }, `evaluation/${i}`);
}

/** Errors of one detection against the object it shows. */
export interface ObjectError {
  readonly position_m: number;
  /** Full height. */
  readonly height_m: number;
  /** Largest error of a horizontal size (edges, the longer with the longer, or diameter); NaN when the class is wrong. */
  readonly size_m: number;
  /** Error of a box's yaw up to its symmetry; NaN otherwise. */
  readonly yaw_rad: number;
  readonly class_right: boolean;
  readonly colour_right: boolean;
  readonly score: number;
}

export interface DetectorReport {
  readonly scenes: number;
  /** Wholly visible objects, and how many of them were found with a score of at least `min_score`. */
  readonly objects: number;
  readonly found: number;
  readonly recall: number;
  /** Detections of at least `min_score` where no object is. */
  readonly spurious: number;
  readonly class_accuracy: number;
  readonly colour_accuracy: number;
  readonly position_mm: Quantiles;
  readonly size_mm: Quantiles;
  readonly height_mm: Quantiles;
  readonly yaw_deg: Quantiles;
  readonly errors: readonly ObjectError[];
}

export interface Quantiles {
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

/** Runs a detector over scenes with known objects. */
export async function evaluateDetector(
  detector: Detector,
  scenes: Iterable<VisionScene>,
  min_score = 0.5,
): Promise<DetectorReport> {
  const errors: ObjectError[] = [];
  let [count, objects, spurious] = [0, 0, 0];
  for (const scene of scenes) {
    count++;
    const { detections } = await detector.detect(scene.frame);
    const sure = detections.filter((detection) => detection.score >= min_score);
    for (const truth of scene.objects) {
      if (truth.visible < WHOLE) continue;
      objects++;
      const nearest = nearestTo(truth, sure);
      if (nearest !== null) errors.push(compare(truth, nearest));
    }
    spurious += sure.filter((detection) => !scene.objects.some((truth) => apart(truth, detection) < MATCH_M)).length;
  }
  const share = (right: (error: ObjectError) => boolean): number =>
    errors.filter(right).length / Math.max(1, errors.length);
  return {
    scenes: count,
    objects,
    found: errors.length,
    recall: errors.length / Math.max(1, objects),
    spurious,
    class_accuracy: share((error) => error.class_right),
    colour_accuracy: share((error) => error.colour_right),
    position_mm: quantiles(errors.map((error) => 1e3 * error.position_m)),
    size_mm: quantiles(errors.map((error) => 1e3 * error.size_m)),
    height_mm: quantiles(errors.map((error) => 1e3 * error.height_m)),
    yaw_deg: quantiles(errors.map((error) => (error.yaw_rad * 180) / Math.PI)),
    errors,
  };
}

function nearestTo(truth: SceneTruth, detections: readonly Detection[]): Detection | null {
  let best: Detection | null = null;
  for (const detection of detections) {
    const distance = apart(truth, detection);
    if (distance < MATCH_M && (best === null || distance < apart(truth, best))) best = detection;
  }
  return best;
}

function apart(truth: SceneTruth, { pose }: Detection): number {
  return Math.hypot(pose.position[0] - truth.position[0], pose.position[1] - truth.position[1]);
}

function compare(truth: SceneTruth, detection: Detection): ObjectError {
  const errors = sizeAndYaw(truth, detection);
  return {
    ...errors,
    position_m: apart(truth, detection),
    height_m: 2 * Math.abs(detection.pose.position[2] - truth.position[2]),
    class_right: detection.class === truth.class,
    colour_right: detection.colour === truth.colour,
    score: detection.score,
  };
}

function sizeAndYaw(truth: SceneTruth, { shape, pose }: Detection): { size_m: number; yaw_rad: number } {
  if (shape.type === 'cylinder' && truth.shape.type === 'cylinder') {
    return { size_m: 2 * Math.abs(shape.radius - truth.shape.radius), yaw_rad: Number.NaN };
  }
  if (shape.type !== 'box' || truth.shape.type !== 'box') return { size_m: Number.NaN, yaw_rad: Number.NaN };
  const yaw = 2 * Math.atan2(pose.orientation[2], pose.orientation[3]);
  const [told, known] = [shape.size, truth.shape.size].map(([a, b]) => [Math.max(a, b), Math.min(a, b)]);
  return {
    size_m: Math.max(Math.abs(told[0] - known[0]), Math.abs(told[1] - known[1])),
    yaw_rad: Math.abs(poseYawError({ yaw, shape }, { yaw: truth.yaw_rad, shape: truth.shape })),
  };
}

export function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  return { median: at(0.5), p95: at(0.95), max: sorted[sorted.length - 1] ?? Number.NaN };
}
