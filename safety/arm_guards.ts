import type { BodyTrack } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import { ArmSpeed, PACED_SHARE } from './arm_speed.ts';
import { NearPairs } from './barrier/near_pairs.ts';
import { CollisionGuard } from './collision/collision_guard.ts';
import { SurfaceSpeedGuard } from './collision/surface_speed.ts';
import type { Envelope } from './envelope.ts';
import type { TailGuard } from './guarded_motion.ts';
import type { JointGuard } from './joint_guard.ts';
import type { Obstacle } from './obstacle.ts';
import { LIMIT_REASONS, reasonBit } from './reasons.ts';
import { BodySet } from './separation/body_set.ts';
import { ToolGuard } from './tool_guard.ts';
import { WorkspaceGuard } from './workspace_guard.ts';

const STALE = reasonBit('bodies_stale');
const OUT_OF_BOUNDS = reasonBit('body_out_of_bounds');

/** The guards of the whole arm that an envelope asks for: workspace, speed of tool and links, and what the arm may not touch. */
export class ArmGuards {
  readonly tool: ToolGuard;
  readonly speed: ArmSpeed;
  /** In the order they are asked, the cheapest first. */
  list: readonly TailGuard[] = [];
  private readonly robot: Robot;
  private readonly joints: readonly JointGuard[];
  private readonly hz: number;
  private envelope: Envelope;
  private workspace: WorkspaceGuard | null = null;
  private collision: CollisionGuard;
  private links: SurfaceSpeedGuard;
  private near_pairs: NearPairs;
  private obstacles: readonly Obstacle[] = [];
  private obstacles_s = 0;
  private readonly bodies: BodySet;
  private readonly top_speeds: Float64Array;
  private readonly pace_now = Float64Array.of(1);
  /** When the bodies in hand were sensed, and the last cycle (s). */
  private readonly times = new Float64Array(2).fill(Number.NEGATIVE_INFINITY);

  constructor(robot: Robot, envelope: Envelope, joints: readonly JointGuard[], hz: number) {
    this.robot = robot;
    this.joints = joints;
    this.hz = hz;
    this.envelope = envelope;
    this.tool = new ToolGuard(robot, envelope.tool.frame, joints, hz);
    this.bodies = new BodySet(envelope.separation ?? null);
    this.top_speeds = Float64Array.from(envelope.joints, (joint) => joint.velocity_rad_per_s);
    this.collision = this.createCollisionGuard();
    this.links = new SurfaceSpeedGuard(robot.model, this.collision, joints, hz);
    this.speed = new ArmSpeed(this.tool, this.links, joints, hz);
    this.near_pairs = new NearPairs(robot.model, this.collision, joints, hz);
    this.install();
  }

  /** The pairs that stood against proposals lately. */
  get near(): NearPairs {
    return this.near_pairs;
  }

  /** Reason (bit mask, see REASONS) of the first guard that refuses the joints' proposals, 0 if all allow them. */
  refusal(): number {
    const { list } = this;
    for (let i = 0; i < list.length; i++) if (!list[i].allows()) return list[i].refusal & LIMIT_REASONS;
    return 0;
  }

  /** Whether the tool is outside the workspace and on its way back. */
  get outside(): boolean {
    return this.workspace?.outside ?? false;
  }

  /** Another envelope; obstacles and bodies stay. Allocates. */
  setEnvelope(envelope: Envelope): void {
    this.envelope = envelope;
    this.top_speeds.set(envelope.joints.map((joint) => joint.velocity_rad_per_s));
    this.bodies.setLimits(envelope.separation ?? null);
    this.collision = this.createCollisionGuard();
    this.near_pairs = new NearPairs(this.robot.model, this.collision, this.joints, this.hz);
    const { speed_limit } = this.links;
    this.links = new SurfaceSpeedGuard(this.robot.model, this.collision, this.joints, this.hz);
    this.links.speed_limit = speed_limit;
    this.speed.setLinks(this.links);
    this.collision.setObstacles(this.obstacles, this.obstacles_s);
    this.install();
  }

  /** Obstacles that stand or move from `t_s` on, in place of those before. Allocates; throws InputError for too many. */
  setObstacles(obstacles: readonly Obstacle[], t_s: number): void {
    this.collision.setObstacles(obstacles, t_s);
    this.obstacles = obstacles;
    this.obstacles_s = t_s;
  }

  /** See SafetyGate.setBodies. Returns a reason for a latched stop, or 0. Allocates nothing. */
  setBodies(bodies: readonly BodyTrack[], sensed_s: number, count: number, source: number): number {
    this.times[0] = sensed_s;
    const within = this.bodies.update(bodies, count, source, this.times);
    return within || this.envelope.separation === undefined ? 0 : OUT_OF_BOUNDS;
  }

  /**
   * What tracked bodies say against motion at the cycle in `now[0]` (s), as a bit mask. Where one has appeared, the joints'
   * proposals become the stop, which must be clear of it.
   */
  bodyCauses(now: Float64Array): number {
    const { bodies, joints } = this;
    this.times[1] = now[0];
    this.pace_now[0] = this.speedShareOf(this.top_speeds);
    if (this.envelope.separation === undefined) return 0;
    this.collision.time_s = now[0];
    let causes = bodies.stale(now) ? STALE : 0;
    if (bodies.any_fresh) {
      for (let i = 0; i < joints.length; i++) joints[i].proposeStop();
      if (!this.collision.clearOfFreshBodies()) causes |= OUT_OF_BOUNDS;
    }
    this.collision.measureBodies();
    const pace = bodies.count === 0 ? 1 : this.paceOf(this.top_speeds);
    if (pace < this.pace_now[0]) this.pace_now[0] = pace;
    return causes;
  }

  /**
   * Share of the envelope's joint speeds from which the arm could stop in time before every body, and in reduced mode at which
   * no surface is too fast.
   */
  get pace(): number {
    return this.pace_now[0];
  }

  /** Distance of the arm to the nearest body as it was sensed, and the least that would be enough now, m; null for none. */
  get separation_m(): number | null {
    return this.collision.distance?.separation_m ?? null;
  }

  get protective_distance_m(): number | null {
    return this.collision.distance?.protective_distance_m ?? null;
  }

  /** See SafetyGate.paceOf. */
  paceOf(velocity: Float64Array): number {
    return this.collision.distance?.shareOf(velocity) ?? 1;
  }

  /** See SafetyGate.speedShareOf. */
  speedShareOf(velocity: Float64Array): number {
    if (this.links.speed_limit === Number.POSITIVE_INFINITY) return 1;
    this.speed.compareVelocity(velocity);
    const ratio = this.speed.ratio[0];
    return ratio > PACED_SHARE ? PACED_SHARE / ratio : 1;
  }

  /** At a reset, forgets sources that are silent and were not the only ones. */
  forgetSilentBodies(now: Float64Array): void {
    this.bodies.forgetSilent(now);
  }

  /** For a clock that starts over. */
  forgetBodies(): void {
    this.bodies.clear();
    this.times.fill(Number.NEGATIVE_INFINITY);
  }

  /** Before the guards are asked in a cycle: its time in the first entry of `now` (s), and whether speed is reduced. */
  prepare(now: Float64Array, reduced: boolean): void {
    const { tool } = this.envelope;
    if (now[0] > Number.NEGATIVE_INFINITY) this.collision.time_s = now[0];
    const top = tool.speed_m_per_s ?? Number.POSITIVE_INFINITY;
    this.tool.speed_limit = reduced && tool.reduced_speed_m_per_s < top ? tool.reduced_speed_m_per_s : top;
    this.links.speed_limit = reduced ? tool.reduced_speed_m_per_s : Number.POSITIVE_INFINITY;
  }

  /** Whether the joints' states as they were set, and the stops from them, are allowed by every guard. */
  assess(): boolean {
    const inside = this.workspace?.assess() ?? true;
    return this.tool.allows() && this.collision.allows() && this.links.allows() && inside;
  }

  /** Least distance less margin of the arm at `position` (rad) to itself and to obstacles now, m; for measurements. */
  clearanceOf(position: ArrayLike<number>): number {
    return this.collision.clearanceOf(position);
  }

  private install(): void {
    const { robot, joints, envelope } = this;
    const box = envelope.workspace;
    this.workspace =
      box === null ? null : new WorkspaceGuard(robot.model, envelope.tool.frame, box.lower_m, box.upper_m, joints);
    this.tool.acceleration_limit = envelope.tool.acceleration_m_per_s2 ?? Number.POSITIVE_INFINITY;
    const always = [this.tool, this.collision, this.links];
    this.list = this.workspace === null ? always : [this.workspace, ...always];
  }

  private createCollisionGuard(): CollisionGuard {
    const { robot, joints, hz, envelope } = this;
    return new CollisionGuard(robot, joints, {
      hz,
      self_margin_m: envelope.clearance.self_m,
      obstacle_margin_m: envelope.clearance.obstacle_m,
      keep_out: envelope.keep_out,
      bodies: this.bodies,
      separation: envelope.separation ?? null,
    });
  }
}
