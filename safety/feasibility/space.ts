import type { Vector3 } from '../../contracts/index.ts';
import {
  forwardKinematics,
  frameIndex,
  framePose,
  invertPose,
  RobotData,
  type RobotModel,
  transformPoint,
} from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { CollisionGuard } from '../collision/collision_guard.ts';
import { selfPairs } from '../collision/self_pairs.ts';
import type { Envelope } from '../envelope.ts';
import { JointGuard } from '../joint_guard.ts';
import { boundsOf } from '../joint_limits.ts';
import type { ObstacleShape } from '../obstacle.ts';
import { climb, type PositionSearch, slidingJoints, startPositions } from './extreme.ts';
import { type Findings, shortList } from './report.ts';

/** Positions from which the workspace is looked for, and steps towards it from each. */
const STARTS = 24;
const APPROACHES = 40;
/** Positions from which the farthest reach is looked for. */
const REACH_STARTS = 4;
/** Positions tried before the arm is said to have no clear one. */
const CLEAR_STARTS = 120;
/** Aim so far inside the workspace (m). */
const INSET_M = 1e-6;

/** Where the tool of an arm is and how clear the arm is, at single positions; `q` has all coordinates of the robot. */
export class ArmPlaces {
  private readonly envelope: Envelope;
  private readonly model: RobotModel;
  private readonly data: RobotData;
  private readonly frame: number;
  private readonly pose = new Float64Array(12);
  private readonly collision: CollisionGuard;
  private readonly search: Omit<PositionSearch, 'value'>;
  private readonly nearest = [0, 0, 0];

  constructor(envelope: Envelope, robot: Robot, hz: number) {
    this.envelope = envelope;
    this.model = robot.model;
    this.data = new RobotData(robot.model);
    this.frame = frameIndex(robot.model, envelope.tool.frame);
    this.search = {
      lower: envelope.joints.map((joint) => joint.position_lower_rad),
      upper: envelope.joints.map((joint) => joint.position_upper_rad),
      prismatic: slidingJoints(robot),
    };
    const joints = envelope.joints.map((joint) => new JointGuard(boundsOf(joint), hz));
    this.collision = new CollisionGuard(robot, joints, {
      hz,
      self_margin_m: Math.min(envelope.clearance.self_m, GREATEST_MARGIN_M),
      obstacle_margin_m: Math.min(envelope.clearance.obstacle_m, GREATEST_MARGIN_M),
      keep_out: envelope.keep_out,
    });
  }

  /** The tool frame's origin (m); valid until the next call. */
  toolAt(q: Float64Array): Float64Array {
    forwardKinematics(this.model, this.data, q);
    framePose(this.model, this.data, this.frame, this.pose);
    return this.pose.subarray(9);
  }

  /** Distance of the tool at `q` to the workspace (m), 0 inside; notes the nearest point, a little inside. */
  outsideBy(q: Float64Array): number {
    const box = this.envelope.workspace;
    if (box === null) return 0;
    const x = this.toolAt(q);
    let square = 0;
    for (let axis = 0; axis < 3; axis++) {
      const lower = box.lower_m[axis];
      const upper = box.upper_m[axis];
      square += Math.max(0, lower - x[axis], x[axis] - upper) ** 2;
      const inset = Math.min(INSET_M, 0.25 * (upper - lower));
      this.nearest[axis] = Math.min(Math.max(x[axis], lower + inset), upper - inset);
    }
    return Math.sqrt(square);
  }

  /** Moves `q` so that the tool comes into the workspace, or near; returns how far outside it is left (m). */
  approach(q: Float64Array): number {
    let distance = this.outsideBy(q);
    for (let k = 0; k < APPROACHES && distance > 0; k++) {
      const before = distance;
      // Towards the nearest point of the box, by one joint after the other.
      const [x, y, z] = this.nearest;
      climb({ ...this.search, value: (at) => -squareFrom(this.toolAt(at), [x, y, z]) }, q, 1);
      distance = this.outsideBy(q);
      if (before - distance < 1e-9) break;
    }
    return distance;
  }

  /** Greatest distance of the tool from the root link's origin within the joint limits (m). */
  toolReach(home_q: Float64Array): number {
    const search = { ...this.search, value: (q: Float64Array) => squareFrom(this.toolAt(q), [0, 0, 0]) };
    const found = startPositions(home_q, search.lower, search.upper, REACH_STARTS).map((q) => climb(search, q));
    return Math.sqrt(Math.max(...found));
  }

  /** Least distance of the arm to itself and to keep-out volumes beyond what the envelope asks for (m). */
  clearanceAt(q: Float64Array): number {
    return this.collision.clearanceOf(q);
  }

  /** Whether the arm may stand at `q`. */
  allows(q: Float64Array): boolean {
    return this.outsideBy(q) === 0 && this.clearanceAt(q) >= 0;
  }
}

/** Greatest clearance that can be asked for (m). */
const GREATEST_MARGIN_M = 0.999;

const PAIRS = new WeakMap<Robot, number>();

/** How many pairs of capsules are watched when none needs a margin; found once for a robot, since it takes a second. */
function pairsWithoutMargin(robot: Robot): number {
  const count = PAIRS.get(robot) ?? selfPairs(robot, 0).length;
  PAIRS.set(robot, count);
  return count;
}

/** A keep-out volume that holds the middle of a collision shape of the root link, which cannot leave it. */
function fixedPartInside({ keep_out }: Envelope, { model }: Robot): { index: number; link: string } | null {
  for (const { body, link, p } of model.collision) {
    if (body >= 0) continue;
    const index = keep_out.findIndex(({ shape, pose }) =>
      isInside(shape, transformPoint(invertPose(pose), [p[0], p[1], p[2]])),
    );
    if (index >= 0) return { index, link };
  }
  return null;
}

/** Whether a point in the frame of a shape is inside it, faces excluded. */
function isInside(shape: ObstacleShape, [x, y, z]: Vector3): boolean {
  switch (shape.type) {
    case 'box':
      return [x, y, z].every((value, axis) => Math.abs(value) < 0.5 * shape.size[axis]);
    case 'sphere':
      return Math.hypot(x, y, z) < shape.radius;
    case 'cylinder':
      return Math.hypot(x, y) < shape.radius && Math.abs(z) < 0.5 * shape.length;
    case 'capsule':
      return Math.hypot(x, y, Math.max(0, Math.abs(z) - 0.5 * shape.length)) < shape.radius;
  }
}

/**
 * Whether there is a place for the arm at all: no keep-out volume holds its base, and from some start within the joint limits
 * a position is found whose tool is in the workspace, where the arm is clear of itself and of keep-out volumes. The home
 * pose need not be one, so that is a warning: a robot may be started elsewhere.
 */
export function checkSpace(envelope: Envelope, robot: Robot, places: ArmPlaces, { errors, warnings }: Findings): void {
  for (const field of ['self_m', 'obstacle_m'] as const) {
    const value = envelope.clearance[field];
    if (value <= GREATEST_MARGIN_M) continue;
    const reason = 'wider than an arm';
    errors.push({ place: `clearance.${field}`, value, bound: 'at most', limit: GREATEST_MARGIN_M, reason });
  }
  const self_m = envelope.clearance.self_m;
  const unwatched = self_m === 0 ? 0 : pairsWithoutMargin(robot) - selfPairs(robot, self_m).length;
  if (unwatched > 0) {
    warnings.push({
      place: 'clearance.self_m',
      value: self_m,
      bound: 'at most',
      limit: 'what these have',
      reason: `${unwatched} pairs of links are nearer than this by construction and are not watched`,
    });
  }
  const fixed = fixedPartInside(envelope, robot);
  if (fixed !== null) {
    errors.push({
      place: `keep_out.${fixed.index}`,
      value: envelope.keep_out[fixed.index].id,
      bound: 'only',
      limit: `clear of ${fixed.link}`,
      reason: 'infeasible: holds a link that cannot leave it',
    });
  }
  checkRoom(envelope, robot, places, errors);

  const q = robot.home_q;
  envelope.joints.forEach(({ position_lower_rad, position_upper_rad }, i) => {
    const below = q[i] < position_lower_rad;
    if (!below && q[i] <= position_upper_rad) return;
    warnings.push({
      place: `joints.${i}.${below ? 'position_lower_rad' : 'position_upper_rad'}`,
      value: below ? position_lower_rad : position_upper_rad,
      bound: below ? 'at most' : 'at least',
      limit: q[i],
      reason: 'excludes the home pose, where the arm then cannot be started',
    });
  });
  if (places.outsideBy(q) > 0) {
    const reason = `excludes the tool at the home pose by ${places.outsideBy(q).toFixed(3)} m`;
    const limit = `around ${shortList(places.toolAt(q))}`;
    warnings.push({ place: 'workspace', value: 'given', bound: 'only', limit, reason });
  }
  const clearance = places.clearanceAt(q);
  if (clearance < 0) {
    warnings.push({
      place: 'clearance',
      value: `${(-clearance).toFixed(3)} m short`,
      bound: 'at most',
      limit: 'what the arm has at the home pose, where it then cannot be started',
      reason: 'nearer to itself or to a keep-out volume than allowed',
    });
  }
}

function checkRoom(envelope: Envelope, robot: Robot, places: ArmPlaces, errors: Findings['errors']): void {
  const lower = envelope.joints.map((joint) => joint.position_lower_rad);
  const upper = envelope.joints.map((joint) => joint.position_upper_rad);
  let least = Number.POSITIVE_INFINITY;
  let clearest = Number.NEGATIVE_INFINITY;
  const starts = startPositions(robot.home_q, lower, upper, CLEAR_STARTS);
  for (let start = 0; start < CLEAR_STARTS && (start < STARTS || least === 0); start++) {
    const q = starts[start];
    const distance = places.approach(q);
    least = Math.min(least, distance);
    if (distance > 0) continue;
    clearest = Math.max(clearest, places.clearanceAt(q));
    if (clearest >= 0) return;
  }
  if (least > 0) {
    errors.push({
      place: 'workspace',
      value: 'given',
      bound: 'only',
      limit: 'within reach',
      reason: `infeasible: no position within the joint limits brings the tool nearer than ${least.toFixed(3)} m, of ${STARTS} searches`,
    });
    return;
  }
  errors.push({
    place: envelope.keep_out.length > 0 ? 'keep_out' : 'clearance.self_m',
    value: envelope.keep_out.length > 0 ? `${envelope.keep_out.length} volumes` : envelope.clearance.self_m,
    bound: 'only',
    limit: 'what leaves room for the arm',
    reason: `infeasible: at all positions found in the workspace the arm is too near to itself or to a keep-out volume, by ${(-clearest).toFixed(3)} m at least`,
  });
}

function squareFrom(x: ArrayLike<number>, point: readonly number[]): number {
  return (x[0] - point[0]) ** 2 + (x[1] - point[1]) ** 2 + (x[2] - point[2]) ** 2;
}
