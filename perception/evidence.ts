import type { ObjectClass } from '../contracts/index.ts';
import type { ObjectEstimate } from './geometry/index.ts';

/** What a detection rests on, before anything is made of it; calibration learns from it how far to believe. */
export interface DetectionEvidence {
  /** Mean probability of an object over the region's cells, 0..1; 1 where no network looked. */
  readonly objectness: number;
  /** Natural log odds of a cylinder against a box by outline, and by the network (0 where none looked). */
  readonly outline_log_odds: number;
  readonly network_log_odds: number;
  /** Root mean square distance of the outline from the shape taken, pixels. */
  readonly rms_px: number;
  /** Share of the outline that something hides, and share of the shape's silhouette that the region covers; 0..1. */
  readonly hidden: number;
  readonly filled: number;
  readonly height_m: number;
}

/**
 * @param kind  the class that was taken
 * @param objectness  0..1
 * @param network_log_odds  of a cylinder against a box, as they were weighed in
 */
export function evidenceOf(
  kind: ObjectClass,
  { box, cylinder, log_odds_cylinder, hidden, filled }: ObjectEstimate,
  objectness: number,
  network_log_odds: number,
): DetectionEvidence {
  const { rms, height } = kind === 'box' ? box : cylinder;
  const outline_log_odds = log_odds_cylinder;
  return { objectness, outline_log_odds, network_log_odds, rms_px: rms, hidden, filled, height_m: height };
}
