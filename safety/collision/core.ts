import { segmentBox } from './segment_box.ts';
import { segmentCylinder } from './segment_cylinder.ts';
import { segmentOrigin, segmentSegment } from './segment_segment.ts';

/**
 * Kinds of cores a capsule's axis is measured against; a ball around each gives its rounding. Sizes, six numbers a core:
 * point none; segment its ends; box half extents; cylinder radius and half length.
 */
export const CORE = { point: 0, segment: 1, box: 2, cylinder: 3 } as const;

/** Signed distance of a segment and a core in the core's frame (m) into out[0]; `out` has at least 4 entries. */
export function segmentCore(
  kind: number,
  segment: Float64Array,
  size: Float64Array,
  at: number,
  out: Float64Array,
): void {
  if (kind === CORE.box) segmentBox(segment, size, at, out);
  else if (kind === CORE.segment) segmentSegment(segment, size, at, out);
  else if (kind === CORE.cylinder) segmentCylinder(segment, size, at, out);
  else segmentOrigin(segment, out);
}
