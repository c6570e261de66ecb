import type { Colour, Confidence, Detection, Detections, ObjectClass, Shape, Vector3 } from '../contracts/index.ts';
import { matrixFromQuaternion } from '../dynamics/index.ts';
import { fuseConfidence } from './fuse_confidence.ts';

/** An object standing on the table, as several frames together saw it; frame world. */
export interface TableObject {
  readonly class: ObjectClass;
  readonly colour: Colour;
  /** Its own z axis is vertical. */
  readonly shape: Shape;
  /** Centre of the shape (m). */
  readonly position: Vector3;
  readonly yaw_rad: number;
  /** Frames it was seen in. */
  readonly seen: number;
  readonly score: number;
  /** How sure the detector is, over the frames; absent when it does not know. */
  readonly confidence?: Confidence;
  /** Who or what else said what it is where the detector was not sure; absent where nobody had to. */
  readonly named_by?: string;
}

/** One detection brought to "upright box or cylinder at a yaw". */
interface Upright {
  readonly detection: Detection;
  readonly shape: Shape;
  readonly position: Vector3;
  readonly yaw_rad: number;
}

/** Detections of two frames whose centres are this near (m) are one object. */
const SAME_PLACE_M = 0.025;

/**
 * Joins the detections of several frames, taken at rest: those at one place are one object; position, sizes and yaw are
 * medians, class and colour the sums of scores decide. Boxes are compared up to their symmetry (quarter turns with the
 * sides exchanged).
 */
export function fuseDetections(frames: readonly Detections[]): TableObject[] {
  const groups: Upright[][] = [];
  for (const frame of frames) {
    const taken = new Set<Upright[]>();
    for (const detection of frame.detections) {
      const upright = makeUpright(detection);
      let best: Upright[] | null = null;
      let least = SAME_PLACE_M;
      for (const group of groups) {
        const gap = Math.hypot(group[0].position[0] - upright.position[0], group[0].position[1] - upright.position[1]);
        if (gap < least && !taken.has(group)) {
          least = gap;
          best = group;
        }
      }
      if (best === null) {
        best = [];
        groups.push(best);
      }
      best.push(upright);
      taken.add(best);
    }
  }
  return groups.map(fuseGroup);
}

/** An object as a single detection shows it. */
export function asTableObject(detection: Detection): TableObject {
  return fuseGroup([makeUpright(detection)]);
}

function fuseGroup(group: readonly Upright[]): TableObject {
  const kind = vote(group, (detection) => detection.class);
  const members = group.filter((upright) => upright.detection.class === kind);
  const reference = members[0];
  const aligned = members.map((upright) => alignTo(upright, reference));
  const turn = aligned.map((upright) => halfTurnDifference(upright.yaw_rad, reference.yaw_rad));
  const coordinate = (k: 0 | 1 | 2): number => median(aligned.map((upright) => upright.position[k]));
  const confidence = fuseConfidence(group.map(({ detection }) => detection.confidence));
  return {
    class: kind,
    colour: vote(group, (detection) => detection.colour),
    shape: medianShape(aligned.map((upright) => upright.shape)),
    position: [coordinate(0), coordinate(1), coordinate(2)],
    yaw_rad: reference.yaw_rad + median(turn),
    seen: group.length,
    score: group.reduce((sum, { detection }) => sum + detection.score, 0) / group.length,
    ...(confidence === null ? {} : { confidence }),
  };
}

/**
 * A detection as an upright shape: the axis of the shape nearest to the vertical becomes z. A cylinder that lies becomes
 * the box around it.
 */
export function makeUpright(detection: Detection): Upright {
  const { pose, shape } = detection;
  const R = matrixFromQuaternion(pose.orientation);
  const position = pose.position;
  const vertical = [Math.abs(R[6]), Math.abs(R[7]), Math.abs(R[8])];
  const up = vertical.indexOf(Math.max(...vertical));
  if (shape.type === 'sphere' || (shape.type === 'cylinder' && up === 2))
    return { detection, shape, position, yaw_rad: 0 };
  const size = shape.type === 'box' ? shape.size : [2 * shape.radius, 2 * shape.radius, shape.length];
  const a = (up + 1) % 3;
  const b = (up + 2) % 3;
  // horizontal axis a of the shape, seen from above, is the x axis of the upright one
  const yaw_rad = Math.atan2(R[3 + a], R[a]);
  return { detection, shape: { type: 'box', size: [size[a], size[b], size[up]] }, position, yaw_rad };
}

/** The representation of a box (as it is, or a quarter turn on with sides exchanged) whose yaw is nearest the reference's. */
function alignTo(upright: Upright, reference: Upright): Upright {
  const { shape } = upright;
  if (shape.type !== 'box') return upright;
  if (Math.abs(halfTurnDifference(upright.yaw_rad, reference.yaw_rad)) <= Math.PI / 4) return upright;
  const [x, y, z] = shape.size;
  return { ...upright, shape: { type: 'box', size: [y, x, z] }, yaw_rad: upright.yaw_rad + Math.PI / 2 };
}

function medianShape(shapes: readonly Shape[]): Shape {
  const boxes = shapes.flatMap((shape) => (shape.type === 'box' ? [shape.size] : []));
  if (boxes.length * 2 > shapes.length) {
    const side = (k: 0 | 1 | 2): number => median(boxes.map((size) => size[k]));
    return { type: 'box', size: [side(0), side(1), side(2)] };
  }
  const round = shapes.flatMap((shape) => (shape.type === 'cylinder' ? [shape] : []));
  if (round.length === 0) return shapes[0];
  return {
    type: 'cylinder',
    radius: median(round.map((shape) => shape.radius)),
    length: median(round.map((shape) => shape.length)),
  };
}

/** Signed difference of two directions that are the same after half a turn, in (−π/2, π/2]. */
export function halfTurnDifference(a: number, b: number): number {
  const d = (a - b) / Math.PI;
  return (d - Math.round(d)) * Math.PI;
}

function vote<T extends string>(group: readonly Upright[], read: (detection: Detection) => T): T {
  const scores = new Map<T, number>();
  for (const { detection } of group)
    scores.set(read(detection), (scores.get(read(detection)) ?? 0) + detection.score + 1e-6);
  let best = read(group[0].detection);
  for (const [value, score] of scores) if (score > (scores.get(best) ?? 0)) best = value;
  return best;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Height of a shape along its z axis (m). */
export function shapeHeight(shape: Shape): number {
  return shape.type === 'box' ? shape.size[2] : shape.type === 'cylinder' ? shape.length : 2 * shape.radius;
}

/** Radius of the circle about an upright shape as seen from above (m). */
export function footprintRadius(shape: Shape): number {
  return shape.type === 'box' ? Math.hypot(shape.size[0], shape.size[1]) / 2 : shape.radius;
}

/** The first of a list and others evenly further down: neighbours fail for the same reasons. */
export function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, k) => items[Math.floor((k * (items.length - 1)) / Math.max(1, count - 1))]);
}

/** Free way to the nearest other object (m). */
export function roomAround(object: TableObject, seen: readonly TableObject[]): number {
  let room = Number.POSITIVE_INFINITY;
  for (const other of seen) {
    if (other === object) continue;
    const gap = Math.hypot(object.position[0] - other.position[0], object.position[1] - other.position[1]);
    room = Math.min(room, gap - footprintRadius(object.shape) - footprintRadius(other.shape));
  }
  return room;
}
