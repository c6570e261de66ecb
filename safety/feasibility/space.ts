import type { Pose, Vector3 } from '../../contracts/index.ts';
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
import type { Envelope } from '../envelope.ts';
import type { ObstacleShape } from '../obstacle.ts';
import { climb, startPositions } from './extreme.ts';
import { type Findings, shortList } from './report.ts';
import { slidingJoints } from './torque.ts';

/** Positions from which the workspace is looked for, and steps towards it from each. */
const STARTS = 24;
const APPROACHES = 40;
/** Aim so far inside the workspace (m). */
const INSET_M = 1e-6;

/**
 * Where the tool and the parts of an arm are, for looking at single positions; `q` has all coordinates of the robot. A part
 * stands for one collision shape by its middle, which is certainly within the robot.
 */
export class ArmPlaces {
  private readonly envelope: Envelope;
  private readonly model: RobotModel;
  private readonly data: RobotData;
  private readonly frame: number;
  private readonly pose = new Float64Array(12);
  private readonly volumes: readonly { id: string; shape: ObstacleShape; T_volume_base: Pose }[];

  constructor(envelope: Envelope, robot: Robot) {
    this.envelope = envelope;
    this.model = robot.model;
    this.data = new RobotData(robot.model);
    this.frame = frameIndex(robot.model, envelope.tool.frame);
    this.volumes = envelope.keep_out.map(({ id, shape, pose }) => ({ id, shape, T_volume_base: invertPose(pose) }));
  }

  /** The tool frame's origin (m); valid until the next call. */
  toolAt(q: Float64Array): Float64Array {
    forwardKinematics(this.model, this.data, q);
    framePose(this.model, this.data, this.frame, this.pose);
    return this.pose.subarray(9);
  }

  /** Distance of the tool at `q` to the workspace, 0 inside (m), with the nearest point a little inside it. */
  outsideBy(q: Float64Array, nearest: number[] = [0, 0, 0]): number {
    const box = this.envelope.workspace;
    if (box === null) return 0;
    const x = this.toolAt(q);
    let square = 0;
    for (let axis = 0; axis < 3; axis++) {
      const lower = box.lower_m[axis];
      const upper = box.upper_m[axis];
      square += Math.max(0, lower - x[axis], x[axis] - upper) ** 2;
      const inset = Math.min(INSET_M, 0.25 * (upper - lower));
      nearest[axis] = Math.min(Math.max(x[axis], lower + inset), upper - inset);
    }
    return Math.sqrt(square);
  }

  /** Which moving part is in which keep-out volume at `q`, or null. */
  movingPartInside(q: Float64Array): { part: string; volume: string } | null {
    if (this.volumes.length === 0) return null;
    forwardKinematics(this.model, this.data, q);
    return this.partInside((body) => body >= 0);
  }

  /** Which fixed part is in which keep-out volume, or null. */
  fixedPartInside(): { part: string; volume: string } | null {
    return this.partInside((body) => body < 0);
  }

  /** Whether the arm may be at `q`, as far as this can tell. */
  allows(q: Float64Array): boolean {
    return this.outsideBy(q) === 0 && this.movingPartInside(q) === null;
  }

  private partInside(counts: (body: number) => boolean): { part: string; volume: string } | null {
    const { R, p } = this.data;
    for (const { body, link, p: local } of this.model.collision) {
      if (!counts(body)) continue;
      const at = (axis: number): number =>
        body < 0
          ? local[axis]
          : p[3 * body + axis] +
            R[9 * body + 3 * axis] * local[0] +
            R[9 * body + 3 * axis + 1] * local[1] +
            R[9 * body + 3 * axis + 2] * local[2];
      const point: Vector3 = [at(0), at(1), at(2)];
      for (const { id, shape, T_volume_base } of this.volumes) {
        if (isInside(shape, transformPoint(T_volume_base, point))) return { part: link, volume: id };
      }
    }
    return null;
  }
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
 * Whether there is a place for the arm at all: no keep-out volume holds a fixed part of it, and from some start within the
 * joint limits a position is found whose tool is in the workspace and none of whose parts is in a keep-out volume. The home
 * pose need not be one, so that is a warning: a robot may be started elsewhere.
 */
export function checkSpace(envelope: Envelope, robot: Robot, places: ArmPlaces, { errors, warnings }: Findings): void {
  const fixed = places.fixedPartInside();
  if (fixed !== null) {
    errors.push({
      place: `keep_out.${envelope.keep_out.findIndex(({ id }) => id === fixed.volume)}`,
      value: fixed.volume,
      bound: 'only',
      limit: `clear of ${fixed.part}`,
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
    warnings.push({
      place: 'workspace',
      value: 'given',
      bound: 'only',
      limit: `around ${shortList(places.toolAt(q))}`,
      reason,
    });
  }
  const inside = places.movingPartInside(q);
  if (inside !== null) {
    warnings.push({
      place: `keep_out.${envelope.keep_out.findIndex(({ id }) => id === inside.volume)}`,
      value: inside.volume,
      bound: 'only',
      limit: `clear of ${inside.part}`,
      reason: 'holds this link at the home pose, where the arm then cannot be started',
    });
  }
}

function checkRoom(envelope: Envelope, robot: Robot, places: ArmPlaces, errors: Findings['errors']): void {
  const lower = envelope.joints.map((joint) => joint.position_lower_rad);
  const upper = envelope.joints.map((joint) => joint.position_upper_rad);
  const prismatic = slidingJoints(robot);
  const nearest = [0, 0, 0];
  let least = Number.POSITIVE_INFINITY;
  let blocked = '';
  for (const q of startPositions(robot.home_q, lower, upper, STARTS)) {
    // Towards the nearest point of the box, again and again, by one joint after the other.
    let distance = places.outsideBy(q, nearest);
    for (let k = 0; k < APPROACHES && distance > 0; k++) {
      const before = distance;
      climb({ lower, upper, prismatic, value: (at) => -squareFrom(places.toolAt(at), nearest) }, q, 1);
      distance = places.outsideBy(q, nearest);
      if (before - distance < 1e-9) break;
    }
    least = Math.min(least, distance);
    if (distance > 0) continue;
    const inside = places.movingPartInside(q);
    if (inside === null) return;
    blocked = `${inside.part} is in ${inside.volume} at ${shortList(q.subarray(0, lower.length))}`;
  }
  if (least > 0) {
    errors.push({
      place: 'workspace',
      value: 'given',
      bound: 'only',
      limit: 'within reach',
      reason: `infeasible: no position within the joint limits brings the tool nearer than ${least.toFixed(3)} m, of ${STARTS} searches`,
    });
  } else {
    errors.push({
      place: 'keep_out',
      value: `${envelope.keep_out.length} volumes`,
      bound: 'only',
      limit: 'what leaves room for the arm',
      reason: `infeasible: all positions found in the workspace have a link in one, ${blocked}`,
    });
  }
}

function squareFrom(x: ArrayLike<number>, point: readonly number[]): number {
  return (x[0] - point[0]) ** 2 + (x[1] - point[1]) ** 2 + (x[2] - point[2]) ** 2;
}

/** Greatest distance of the tool from the root link's origin within the joint limits (m). */
export function toolReach({ joints }: Envelope, robot: Robot, places: ArmPlaces): number {
  const lower = joints.map((joint) => joint.position_lower_rad);
  const upper = joints.map((joint) => joint.position_upper_rad);
  const value = (q: Float64Array): number => squareFrom(places.toolAt(q), [0, 0, 0]);
  const found = startPositions(robot.home_q, lower, upper, 4).map((q) =>
    climb({ lower, upper, prismatic: slidingJoints(robot), value }, q),
  );
  return Math.sqrt(Math.max(...found));
}
