import type { RobotModel } from '../../dynamics/index.ts';
import { LIMIT_SLACK, ROUNDING_SHARE } from '../bounded_joint.ts';
import type { TailGuard } from '../guarded_motion.ts';
import type { JointGuard } from '../joint_guard.ts';
import { reasonBit } from '../reasons.ts';
import { longestStop, TailPieces } from '../tail_pieces.ts';
import type { CollisionGuard } from './collision_guard.ts';
import type { LinkCapsules } from './link_capsules.ts';
import { type MotionPath, motionPath } from './motion_bounds.ts';
import { SurfaceMotion } from './surface_motion.ts';
import type { TailPoses } from './tail_poses.ts';

/** Poses looked at for one tail before it is refused as too close to tell. */
const POSE_BUDGET = 384;
/** Pieces of so many cycles are looked at cycle by cycle. */
const LEAF_CYCLES = 6;

/**
 * Keeps the speed of every link's surface under one limit over the proposed state and the whole stop from it.
 *
 * Speed is that of differences: no point of a link's capsules moves farther in one cycle than limit / hz, judged by the
 * greater motion of the two ends of the axis plus radius · 2 sin(θ/2), where θ is the turn of the link in that cycle. So
 * it is an upper bound, exact where a link turns about an axis across its own. Fingers count as they are carried, without
 * their own motion.
 *
 * Bounds on the whole motion by reach × joint speed settle links that are slow, then the tail is halved until the bounds
 * around the middle of every piece settle the others, or the piece is short enough to be looked at cycle by cycle.
 * Uses the poses of the collision guard, which must have been asked for the same proposals before, and allocates nothing
 * after construction.
 */
export class SurfaceSpeedGuard implements TailGuard {
  readonly refusal = reasonBit('tool_speed');
  /** m/s; Infinity for none. */
  speed_limit = Number.POSITIVE_INFINITY;
  /** What `findSpeed` found, m/s. */
  readonly speed = new Float64Array(1);
  /** Pieces and cycles looked at since the start, for measurements. */
  looks = 0;
  private readonly joints: readonly JointGuard[];
  private readonly poses: TailPoses;
  private readonly hz: number;
  private readonly surfaces: LinkCapsules;
  private readonly paths: readonly MotionPath[];
  private readonly motion: SurfaceMotion;
  /** Of each path: whether the bounds on the whole motion have not settled it. */
  private readonly open: Uint8Array;
  private readonly turn = new Float64Array(9);
  /** Limit with its room for rounding. */
  private readonly ceiling = new Float64Array(1);
  private readonly pieces = new TailPieces();

  /** @param hz  cycles per second */
  constructor(model: RobotModel, collision: CollisionGuard, joints: readonly JointGuard[], hz: number) {
    this.joints = joints;
    this.poses = collision.poses;
    this.hz = hz;
    this.surfaces = collision.pairs.capsules;
    const moved = [...new Set(this.surfaces.body)].filter((b) => b >= 0);
    this.paths = moved.map((b) => motionPath(model, this.surfaces, -1, b));
    this.motion = new SurfaceMotion(model, this.surfaces, this.paths, joints, this.poses, hz);
    this.open = new Uint8Array(moved.length);
  }

  /** Whether the proposals of all joints and the stops from them keep the limit. */
  allows(): boolean {
    if (this.speed_limit === Number.POSITIVE_INFINITY) return true;
    const { motion, open, ceiling } = this;
    ceiling[0] = this.speed_limit * LIMIT_SLACK + ROUNDING_SHARE * this.hz;
    motion.boundWhole();
    let opened = 0;
    for (let path = 0; path < open.length; path++) {
      open[path] = motion.greatest[path] > ceiling[0] ? 1 : 0;
      opened += open[path];
    }
    return opened === 0 || this.tailKeeps();
  }

  /** Into `speed`, how fast the fastest surface is at joint positions and velocities (rad/s), given by their first entries. */
  findSpeed(positions: ArrayLike<number>, velocity: Float64Array): void {
    const slot = this.poses.atPositions(positions);
    this.motion.findSpeed(slot, velocity);
    this.speed[0] = this.motion.fastest[0];
    this.poses.clear();
  }

  /** Halves the tail until the bounds around the middle of every piece settle it. */
  private tailKeeps(): boolean {
    const { pieces, motion } = this;
    let budget = POSE_BUDGET;
    if (!this.stepKeeps(0)) return false;
    for (pieces.begin(longestStop(this.joints)); !pieces.done; ) {
      const { from, to } = pieces;
      if (budget < 0) return false;
      if (to - from <= LEAF_CYCLES) {
        for (let cycle = from + 1; cycle <= to; cycle++) if (!this.stepKeeps(cycle)) return false;
        budget -= to - from;
        pieces.settle();
        continue;
      }
      const middle = (from + to) >> 1;
      budget--;
      this.looks++;
      this.makeRoom();
      motion.boundPiece(this.poses.at(middle), from, middle, to);
      if (this.settles()) pieces.settle();
      else pieces.halve(middle);
    }
    return true;
  }

  private settles(): boolean {
    const { open, motion, ceiling } = this;
    for (let path = 0; path < open.length; path++) {
      if (open[path] === 1 && !(motion.greatest[path] <= ceiling[0])) return false;
    }
    return true;
  }

  /** Whether no open link's surface is too fast from cycle `cycle` − 1 to `cycle` of the tail; 0 is the proposal. */
  private stepKeeps(cycle: number): boolean {
    const { poses, surfaces, turn, open, paths, hz } = this;
    this.looks++;
    this.makeRoom();
    const before = poses.nb * poses.at(cycle === 0 ? poses.present : cycle - 1);
    const after = poses.nb * poses.at(cycle);
    const { R, p } = poses;
    const { ends, radius, body, count } = surfaces;
    const most = this.ceiling[0] / hz;
    for (let path = 0; path < open.length; path++) {
      if (open[path] === 0) continue;
      const b = paths[path].moving;
      let square = 0;
      for (let k = 0; k < 9; k++) {
        const change = R[9 * (after + b) + k] - R[9 * (before + b) + k];
        turn[k] = change;
        square += change * change;
      }
      // The Frobenius norm of the change of a rotation by θ is √8 sin(θ/2).
      const rotation = Math.sqrt(0.5 * square);
      const x = p[3 * (after + b)] - p[3 * (before + b)];
      const y = p[3 * (after + b) + 1] - p[3 * (before + b) + 1];
      const z = p[3 * (after + b) + 2] - p[3 * (before + b) + 2];
      for (let c = 0; c < count; c++) {
        if (body[c] !== b) continue;
        const room = most - radius[c] * rotation;
        for (let e = 6 * c; e < 6 * c + 6; e += 3) {
          const dx = x + turn[0] * ends[e] + turn[1] * ends[e + 1] + turn[2] * ends[e + 2];
          const dy = y + turn[3] * ends[e] + turn[4] * ends[e + 1] + turn[5] * ends[e + 2];
          const dz = z + turn[6] * ends[e] + turn[7] * ends[e + 1] + turn[8] * ends[e + 2];
          if (!(Math.sqrt(dx * dx + dy * dy + dz * dz) <= room)) return false;
        }
      }
    }
    return true;
  }

  /** Two poses must find room at once. */
  private makeRoom(): void {
    if (this.poses.used + 2 > this.poses.slots) this.poses.clear();
  }
}
