import { InputError } from '../contracts/index.ts';
import { frameIndex, framePoint, placeBodies, RobotData, type RobotModel } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { LIMIT_SLACK, ROUNDING_SHARE } from './bounded_joint.ts';
import type { TailGuard } from './guarded_motion.ts';
import type { JointGuard } from './joint_guard.ts';
import { reasonBit } from './reasons.ts';
import { longestStop, TailPieces } from './tail_pieces.ts';
import { ToolMotionBound } from './tool_motion_bound.ts';

/** Poses looked at for one tail before it is refused as too close to tell; the Panda's tails need 70 at most. */
const POSE_BUDGET = 512;
/** Pieces of so many cycles are looked at cycle by cycle. */
const LEAF_CYCLES = 6;

/**
 * Keeps the linear speed and acceleration of a point of the robot (the tool frame's origin) under two limits, over the
 * proposed state and the whole stop from it.
 *
 * Speed and acceleration are those anyone computes from the joint positions sent, with x_k the point at cycle k by forward
 * kinematics: |x_k − x_{k−1}|·hz and |x_k − 2 x_{k−1} + x_{k−2}|·hz². Both hold at every cycle within 1e-9 of the limit
 * and the rounding of positions: 4e-14·hz m/s and 4e-14·hz² m/s² for each metre of reach.
 *
 * Bounds on the whole motion settle most proposals, then the tail is halved until ToolMotionBound settles every piece or
 * the piece is short enough to be looked at cycle by cycle. Allocates nothing after construction.
 */
export class ToolGuard implements TailGuard {
  readonly refusal = reasonBit('tool_speed');
  /** m/s and m/s²; Infinity for none. */
  speed_limit = Number.POSITIVE_INFINITY;
  acceleration_limit = Number.POSITIVE_INFINITY;
  /** Poses computed since the start, for measurements. */
  poses = 0;

  /** What `findDistance` found, m. */
  readonly distance = new Float64Array(1);

  private readonly model: RobotModel;
  private readonly data: RobotData;
  private readonly joints: readonly JointGuard[];
  private readonly frame: number;
  /** Bodies up to the one that carries the frame. */
  private readonly bodies: number;
  private readonly hz: number;
  private readonly bound: ToolMotionBound;
  private readonly q: Float64Array;
  /** Its entries 9 to 11 are the tool's position (m). */
  private readonly pose = new Float64Array(12);
  /** Where the tool was at the cycle looked at last, one and two before: 3·3. */
  private readonly trail = new Float64Array(9);
  /** Limits with their room for rounding. */
  private readonly ceiling = new Float64Array(2);
  private readonly pieces = new TailPieces();

  /**
   * @param frame  a link that the joints move
   * @param joints  guards of the robot's first coordinates
   * @param hz  cycles per second
   */
  constructor(robot: Robot, frame: string, joints: readonly JointGuard[], hz: number) {
    const { model } = robot;
    this.frame = frameIndex(model, frame);
    if (this.frame < 0) {
      throw new InputError(
        `tool.frame ${frame}`,
        `must be a link of ${model.name}: ${model.frames.map((f) => f.name).join(', ')}`,
      );
    }
    this.bodies = model.frames[this.frame].body + 1;
    this.model = model;
    this.data = new RobotData(model);
    this.joints = joints;
    this.hz = hz;
    this.bound = new ToolMotionBound(model, this.frame, joints, hz);
    this.q = robot.home_q.slice();
  }

  /** Whether the proposals of all joints and the stops from them keep both limits. */
  allows(): boolean {
    if (this.speed_limit === Number.POSITIVE_INFINITY && this.acceleration_limit === Number.POSITIVE_INFINITY)
      return true;
    const { hz, ceiling, bound } = this;
    ceiling[0] = this.speed_limit * LIMIT_SLACK + ROUNDING_SHARE * hz;
    ceiling[1] = this.acceleration_limit * LIMIT_SLACK + ROUNDING_SHARE * hz * hz;
    bound.boundWhole();
    if (this.settles()) return true;

    // The bounds on a piece cover the speed of its first cycle, but not its acceleration, which depends on the past.
    if (this.acceleration_limit === Number.POSITIVE_INFINITY) return this.tailKeeps(-1);
    this.look(-2);
    this.look(-1);
    this.look(0);
    return this.keeps() && this.tailKeeps(0);
  }

  /** Into `distance`, how far the tool is from one row of joint positions to another (rad), given by their first entries. */
  findDistance(from: Float64Array, from_at: number, to: Float64Array, to_at: number): void {
    const { q, pose, joints, model, data, frame } = this;
    for (let k = 0; k < joints.length; k++) q[k] = from[from_at + k];
    placeBodies(model, data, q, this.bodies);
    framePoint(model, data, frame, pose, 9);
    const x = pose[9];
    const y = pose[10];
    const z = pose[11];
    for (let k = 0; k < joints.length; k++) q[k] = to[to_at + k];
    placeBodies(model, data, q, this.bodies);
    framePoint(model, data, frame, pose, 9);
    const dx = pose[9] - x;
    const dy = pose[10] - y;
    const dz = pose[11] - z;
    this.distance[0] = Math.sqrt(dx * dx + dy * dy + dz * dz);
  }

  /** Halves the tail until the bounds around the middle of every piece settle it; the trail ends at cycle `walked`. */
  private tailKeeps(walked: number): boolean {
    const { pieces } = this;
    const budget = this.poses + POSE_BUDGET;
    for (pieces.begin(longestStop(this.joints)); !pieces.done; ) {
      const { from, to } = pieces;
      if (this.poses > budget) return false;
      if (to - from <= LEAF_CYCLES) {
        if (walked !== from) {
          this.look(from - 1);
          this.look(from);
          if (from === 0 && !this.keeps()) return false;
        }
        walked = from;
        while (walked < to) {
          this.look(++walked);
          if (!this.keeps()) return false;
        }
        pieces.settle();
        continue;
      }
      const middle = (from + to) >> 1;
      this.place(middle);
      this.bound.boundPiece(this.data, this.pose, from, middle, to);
      if (this.settles()) pieces.settle();
      else pieces.halve(middle);
    }
    return true;
  }

  private settles(): boolean {
    return this.bound.greatest[0] <= this.ceiling[0] && this.bound.greatest[1] <= this.ceiling[1];
  }

  /** Pose at cycle `count` of the tail; 0 is the proposal, −1 and −2 what was sent before. */
  private place(count: number): void {
    const { joints, q } = this;
    for (let k = 0; k < joints.length; k++) {
      const joint = joints[k];
      if (count >= 0) {
        joint.tail.locate(count);
        q[k] = joint.next_p + joint.tail.displacement;
      } else q[k] = count === -1 ? joint.p : joint.p - joint.v / this.hz;
    }
    this.poses++;
    placeBodies(this.model, this.data, q, this.bodies);
    framePoint(this.model, this.data, this.frame, this.pose, 9);
  }

  /** As place, and appends the tool to the trail. */
  private look(count: number): void {
    const { trail, pose } = this;
    this.place(count);
    trail.copyWithin(3, 0, 6);
    trail[0] = pose[9];
    trail[1] = pose[10];
    trail[2] = pose[11];
  }

  /** Whether the last three places of the trail keep the limits. */
  private keeps(): boolean {
    const { trail, ceiling, hz } = this;
    let speed = 0;
    let acceleration = 0;
    for (let axis = 0; axis < 3; axis++) {
      const step = trail[axis] - trail[3 + axis];
      const change = step - (trail[3 + axis] - trail[6 + axis]);
      speed += step * step;
      acceleration += change * change;
    }
    return Math.sqrt(speed) * hz <= ceiling[0] && Math.sqrt(acceleration) * hz * hz <= ceiling[1];
  }
}
