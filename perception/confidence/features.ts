import type { Detection } from '../../contracts/index.ts';
import type { DetectionEvidence } from '../evidence.ts';

/** What the log odds of "this is an object" are made of, by name; a calibration names them, so that an old one is noticed. */
export const DETECTION_FEATURES = [
  'objectness',
  'outline_rms',
  'outline_rms_2',
  'hidden',
  'uncovered',
  'pixels',
  'pixels_2',
  'height',
  'height_2',
  'spread',
  'slender',
  'class_margin',
] as const;

const LEAST = 1e-3;
/** Log odds of a class beyond this say no more. */
const MARGIN = 8;

/**
 * Features of one detection in the order of DETECTION_FEATURES; finite for whatever a detector gives.
 * @param evidence  null where the detector does not tell: then its score stands for what is known
 */
export function featuresOf(detection: Detection, evidence: DetectionEvidence | null): Float64Array {
  const { pixels, covariance } = detection;
  const size = sizesOf(detection);
  const seen = evidence ?? guessed(detection, size.height_m);
  const log_rms = Math.log(finite(seen.rms_px, 1) + 0.1);
  const log_pixels = Math.log(Math.max(1, pixels) / 300);
  const log_height = Math.log(Math.max(LEAST, finite(seen.height_m, LEAST)) / 0.04);
  const spread_m = Math.sqrt(Math.max(0, finite(covariance[0] + covariance[7], 1)));
  const margin = Math.abs(seen.outline_log_odds + seen.network_log_odds);
  return Float64Array.of(
    logit(finite(seen.objectness, 0)),
    log_rms,
    log_rms * log_rms,
    finite(seen.hidden, 1),
    1 - finite(seen.filled, 0),
    log_pixels,
    log_pixels * log_pixels,
    log_height,
    log_height * log_height,
    Math.log(spread_m + 1e-4),
    Math.log(Math.max(LEAST, size.long_m) / Math.max(LEAST, size.short_m)),
    Math.min(MARGIN, finite(margin, 0)),
  );
}

/** Log odds of p, kept within those of 0.001 and 0.999. */
export function logit(p: number): number {
  const kept = Math.min(1 - LEAST, Math.max(LEAST, p));
  return Math.log(kept / (1 - kept));
}

function sizesOf({ shape }: Detection): { height_m: number; long_m: number; short_m: number } {
  if (shape.type === 'box') {
    const [a, b, height_m] = shape.size;
    return { height_m, long_m: Math.max(a, b), short_m: Math.min(a, b) };
  }
  const diameter = 2 * shape.radius;
  return { height_m: shape.type === 'cylinder' ? shape.length : diameter, long_m: diameter, short_m: diameter };
}

function guessed({ score, class: kind }: Detection, height_m: number): DetectionEvidence {
  const odds = logit(score) * (kind === 'cylinder' ? 1 : -1);
  return {
    ...{ objectness: score, outline_log_odds: odds, network_log_odds: 0 },
    ...{ rms_px: 0.3, hidden: 0, filled: score, height_m },
  };
}

function finite(value: number, otherwise: number): number {
  return Number.isFinite(value) ? value : otherwise;
}
