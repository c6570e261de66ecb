import { segmentBox } from './segment_box.ts';
import { segmentCylinder } from './segment_cylinder.ts';
import { segmentOrigin, segmentSegment } from './segment_segment.ts';

/**
 * Kinds of cores a capsule's axis is measured against; a ball around each gives its rounding. Sizes, six numbers a core:
 * point none; segment its ends; box half extents; cylinder radius and half length.
 */
export const CORE = { point: 0, segment: 1, box: 2, cylinder: 3 } as const;

/** Length of what segmentCore writes, scratch included. */
export const CORE_OUT = 9;

/**
 * Signed distance of a segment and a core, in the core's frame, with a plane between them; no allocation.
 *
 * @param segment  ends: ax ay az bx by bz (m)
 * @param size  of the core, six numbers from `at`
 * @param out  out[0]: the distance (m), negative in contact; out[1..3]: a unit direction n from the core to the segment;
 *   out[4]: the greatest n·x of the core, +Infinity if there is no such direction. So min(n·a, n·b) − out[4] bounds the
 *   distance of any other segment from a to b from below.
 */
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
