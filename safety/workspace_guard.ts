import { InputError } from '../contracts/index.ts';
import { frameIndex, framePoint, placeBodies, RobotData, type RobotModel } from '../dynamics/index.ts';
import type { TailGuard } from './guarded_motion.ts';
import type { JointGuard } from './joint_guard.ts';
import { reasonBit } from './reasons.ts';
import { longestStop, TailPieces } from './tail_pieces.ts';

/** Poses looked at for one tail before it is refused as too close to tell. */
const POSE_BUDGET = 96;
/** Rounding of the tool's position. */
const ROUNDING_M = 1e-12;

/**
 * Keeps a point of the robot (the tool frame's origin) inside a box of the root frame, over the proposed state and the
 * whole stop from it. Nearly always bounds on the motion settle it; near a face the tail is halved until they do, down to
 * single cycles.
 *
 * Bounds: a joint turning by δ moves the tool by at most reach·|δ|, and for joints i nearer the base than j the tool's
 * second derivative is at most reach_j, so |x(q + δ) − x(q) − J δ| ≤ ½ Σ_ij reach_max(i,j) |δ_i||δ_j|.
 *
 * A tool that is outside may come back: `assess` then widens the box in force to what the present stop needs, and it
 * follows the tool inwards and never widens again.
 */
export class WorkspaceGuard implements TailGuard {
  readonly refusal = reasonBit('workspace');
  /** Poses computed since the start, for measurements. */
  poses = 0;
  private readonly model: RobotModel;
  private readonly data: RobotData;
  private readonly joints: readonly JointGuard[];
  private readonly frame: number;
  /** Bodies up to the one that carries the frame. */
  private readonly bodies: number;
  private readonly box_lower: readonly number[];
  private readonly box_upper: readonly number[];
  /** The box in force. */
  private readonly lower = new Float64Array(3);
  private readonly upper = new Float64Array(3);
  outside = false;
  private readonly chain: Int32Array;
  private readonly reach: Float64Array;
  private readonly q: Float64Array;
  /** Its entries 9 to 11 are the tool's position (m). */
  private readonly pose = new Float64Array(12);
  private readonly clearance = new Float64Array(1);
  private readonly column = new Float64Array(3);
  /** Farthest move of the tool along each axis, from the pose last computed: least and greatest. */
  private readonly move_low = new Float64Array(3);
  private readonly move_high = new Float64Array(3);
  private readonly delta_low: Float64Array;
  private readonly delta_high: Float64Array;
  private readonly pieces = new TailPieces();
  /** A position of the joints whose distance to the box is known: the anchor of the cheapest bound. */
  private readonly anchor: Float64Array;
  private readonly anchor_clearance = new Float64Array(1).fill(-1);

  constructor(
    model: RobotModel,
    tool_frame: string,
    lower_m: readonly number[],
    upper_m: readonly number[],
    joints: readonly JointGuard[],
  ) {
    const frame = frameIndex(model, tool_frame);
    if (frame < 0) {
      throw new InputError(
        `workspace.tool_frame ${tool_frame}`,
        `must be a link of ${model.name}: ${model.frames.map((f) => f.name).join(', ')}`,
      );
    }
    this.model = model;
    this.data = new RobotData(model);
    this.joints = joints;
    this.frame = frame;
    this.box_lower = lower_m;
    this.box_upper = upper_m;
    this.lower.set(lower_m);
    this.upper.set(upper_m);
    this.bodies = model.frames[frame].body + 1;
    this.q = new Float64Array(model.nq);
    this.delta_low = new Float64Array(joints.length);
    this.delta_high = new Float64Array(joints.length);
    this.anchor = new Float64Array(joints.length);
    const chain: number[] = [];
    for (let body = model.frames[frame].body; body >= 0; body = model.parent[body]) chain.unshift(body);
    this.chain = Int32Array.from(chain);
    this.reach = reaches(model, frame, chain, joints.length);
  }

  /** Distance of the tool to the nearest face at joint positions `q` (nq), negative outside, m. */
  clearanceAt(q: Float64Array): number {
    this.q.set(q);
    this.look();
    return this.clearance[0];
  }

  /** Finds out whether the joints' states and the stops from them keep the tool inside; for when they are set anew. */
  assess(): boolean {
    this.outside = false;
    this.lower.set(this.box_lower);
    this.upper.set(this.box_upper);
    this.anchor_clearance[0] = -1;
    if (this.allows()) return true;
    this.outside = true;
    this.lower.fill(Number.NEGATIVE_INFINITY);
    this.upper.fill(Number.POSITIVE_INFINITY);
    this.followInwards();
    return false;
  }

  committed(): void {
    if (this.outside) this.followInwards();
  }

  /** Narrows the box in force to what the stop from the joints' states needs, down to the envelope's. */
  private followInwards(): void {
    const { joints, pose, lower, upper, move_low, move_high } = this;
    const cycles = longestStop(joints);
    move_low.fill(Number.POSITIVE_INFINITY);
    move_high.fill(Number.NEGATIVE_INFINITY);
    for (let count = 0; count <= cycles; count++) {
      for (let k = 0; k < joints.length; k++) {
        joints[k].tail.locate(count);
        this.q[k] = joints[k].p + joints[k].tail.displacement;
      }
      this.look();
      for (let axis = 0; axis < 3; axis++) {
        move_low[axis] = Math.min(move_low[axis], pose[9 + axis]);
        move_high[axis] = Math.max(move_high[axis], pose[9 + axis]);
      }
    }
    this.outside = false;
    for (let axis = 0; axis < 3; axis++) {
      lower[axis] = Math.min(this.box_lower[axis], Math.max(lower[axis], move_low[axis] - ROUNDING_M));
      upper[axis] = Math.max(this.box_upper[axis], Math.min(upper[axis], move_high[axis] + ROUNDING_M));
      this.outside ||= lower[axis] < this.box_lower[axis] || upper[axis] > this.box_upper[axis];
    }
    this.anchor_clearance[0] = -1;
  }

  /** Whether the proposals of all joints and the stops from them keep the tool inside. */
  allows(): boolean {
    const { joints, reach, anchor } = this;
    let bound = 0;
    let cycles = 0;
    for (let k = 0; k < joints.length; k++) {
      const joint = joints[k];
      const { end, turn } = joint.tail;
      const excursion = Math.max(end < 0 ? -end : end, turn < 0 ? -turn : turn);
      bound += reach[k] * (Math.abs(joint.next_p - anchor[k]) + excursion);
      if (joint.tail.cycles > cycles) cycles = joint.tail.cycles;
    }
    if (bound < this.anchor_clearance[0]) return true;

    for (let k = 0; k < joints.length; k++) {
      const joint = joints[k];
      const { end, turn } = joint.tail;
      this.q[k] = joint.next_p;
      anchor[k] = joint.next_p;
      this.delta_low[k] = Math.min(0, end, turn);
      this.delta_high[k] = Math.max(0, end, turn);
    }
    this.look();
    this.anchor_clearance[0] = this.clearance[0];
    if (this.clearance[0] < 0) return false;
    if (this.staysInside()) return true;
    return this.tailStaysInside(cycles);
  }

  /** Halves the tail until the motion bounds around the middle of every piece settle it. */
  private tailStaysInside(cycles: number): boolean {
    const { joints, pieces } = this;
    let poses = 0;
    for (pieces.begin(cycles); !pieces.done; ) {
      const { from, to } = pieces;
      const middle = (from + to + 1) >> 1;
      for (let k = 0; k < joints.length; k++) {
        const joint = joints[k];
        const { tail } = joint;
        tail.locate(middle);
        const here = tail.displacement;
        tail.locate(from);
        const first = tail.displacement - here;
        tail.locate(to);
        const last = tail.displacement - here;
        let low = Math.min(first, last, 0);
        let high = Math.max(first, last, 0);
        if (tail.turn_cycle > from && tail.turn_cycle < to) {
          low = Math.min(low, tail.turn - here);
          high = Math.max(high, tail.turn - here);
        }
        this.delta_low[k] = low;
        this.delta_high[k] = high;
        this.q[k] = joint.next_p + here;
      }
      this.look();
      if (++poses > POSE_BUDGET || this.clearance[0] < 0) return false;
      if (to - from <= 1 || this.staysInside()) pieces.settle();
      else pieces.halve(middle);
    }
    return true;
  }

  /** Tool pose at `q`, and into `clearance` its distance to the nearest face. */
  private look(): void {
    this.poses++;
    placeBodies(this.model, this.data, this.q, this.bodies);
    framePoint(this.model, this.data, this.frame, this.pose, 9);
    let clearance = Number.POSITIVE_INFINITY;
    for (let axis = 0; axis < 3; axis++) {
      const x = this.pose[9 + axis];
      clearance = Math.min(clearance, x - this.lower[axis], this.upper[axis] - x);
    }
    this.clearance[0] = clearance;
  }

  /** Whether joint moves within delta_low .. delta_high of the pose last computed keep the tool inside. */
  private staysInside(): boolean {
    const { move_low, move_high, delta_low, delta_high, reach, chain, model, data, column, pose } = this;
    move_low.fill(0);
    move_high.fill(0);
    const x = pose[9];
    const y = pose[10];
    const z = pose[11];
    let second = 0;
    let before = 0;
    for (let k = 0; k < delta_low.length; k++) {
      const low = delta_low[k];
      const high = delta_high[k];
      const size = Math.max(-low, high);
      second += 0.5 * reach[k] * size * (size + 2 * before);
      before += size;
      if (size === 0) continue;
      column.fill(0);
      for (let i = 0; i < chain.length; i++) {
        const body = chain[i];
        if (model.coordinate[body] !== k) continue;
        const S = data.S;
        const o = 6 * body;
        column[0] += S[o + 3] + S[o + 1] * z - S[o + 2] * y;
        column[1] += S[o + 4] + S[o + 2] * x - S[o] * z;
        column[2] += S[o + 5] + S[o] * y - S[o + 1] * x;
      }
      for (let axis = 0; axis < 3; axis++) {
        const c = column[axis];
        move_low[axis] += c > 0 ? c * low : c * high;
        move_high[axis] += c > 0 ? c * high : c * low;
      }
    }
    for (let axis = 0; axis < 3; axis++) {
      const at = pose[9 + axis];
      if (at + move_low[axis] - second < this.lower[axis] || at + move_high[axis] + second > this.upper[axis])
        return false;
    }
    return true;
  }
}

/**
 * Greatest distance from each coordinate's joint axis to the tool over all configurations (m), at least 1 for prismatic
 * joints (their own displacement); zero for coordinates the tool does not depend on. Coordinates that move several bodies
 * add up.
 */
function reaches(model: RobotModel, frame: number, chain: readonly number[], joints: number): Float64Array {
  const reach = new Float64Array(joints);
  const tool = model.frames[frame].p;
  let distance = Math.hypot(tool[0], tool[1], tool[2]);
  for (let i = chain.length - 1; i >= 0; i--) {
    const body = chain[i];
    const coordinate = model.coordinate[body];
    const prismatic = model.joint_type[body] === 1;
    const stroke = prismatic ? greatestStroke(model, body) : 0;
    if (coordinate < joints)
      reach[coordinate] += Math.abs(model.multiplier[body]) * (prismatic ? Math.max(1, distance) : distance);
    distance += stroke + Math.hypot(model.tree_p[3 * body], model.tree_p[3 * body + 1], model.tree_p[3 * body + 2]);
  }
  return reach;
}

function greatestStroke(model: RobotModel, body: number): number {
  const coordinate = model.coordinate[body];
  const m = model.multiplier[body];
  const at = (q: number): number => Math.abs(m * q + model.offset[body]);
  return Math.max(at(model.position_lower[coordinate]), at(model.position_upper[coordinate]));
}
