import type { Robot } from '../robots/index.ts';
import { CollisionGuard } from './collision/collision_guard.ts';
import type { Envelope } from './envelope.ts';
import type { TailGuard } from './guarded_motion.ts';
import type { JointGuard } from './joint_guard.ts';
import type { Obstacle } from './obstacle.ts';
import { ToolGuard } from './tool_guard.ts';
import { WorkspaceGuard } from './workspace_guard.ts';

/** The guards of the whole arm that an envelope asks for: workspace, tool speed, and what the arm may not touch. */
export class ArmGuards {
  readonly tool: ToolGuard;
  /** In the order they are asked, the cheapest first. */
  list: readonly TailGuard[] = [];
  private readonly robot: Robot;
  private readonly joints: readonly JointGuard[];
  private readonly hz: number;
  private envelope: Envelope;
  private workspace: WorkspaceGuard | null = null;
  private collision: CollisionGuard;
  private obstacles: readonly Obstacle[] = [];
  private obstacles_s = 0;

  constructor(robot: Robot, envelope: Envelope, joints: readonly JointGuard[], hz: number) {
    this.robot = robot;
    this.joints = joints;
    this.hz = hz;
    this.envelope = envelope;
    this.tool = new ToolGuard(robot, envelope.tool.frame, joints, hz);
    this.collision = this.createCollisionGuard();
    this.install();
  }

  /** Whether the tool is outside the workspace and on its way back. */
  get outside(): boolean {
    return this.workspace?.outside ?? false;
  }

  /** Another envelope; obstacles stay. Allocates. */
  setEnvelope(envelope: Envelope): void {
    this.envelope = envelope;
    this.collision = this.createCollisionGuard();
    this.collision.setObstacles(this.obstacles, this.obstacles_s);
    this.install();
  }

  /** Obstacles that stand or move from `t_s` on, in place of those before. Allocates; throws InputError for too many. */
  setObstacles(obstacles: readonly Obstacle[], t_s: number): void {
    this.collision.setObstacles(obstacles, t_s);
    this.obstacles = obstacles;
    this.obstacles_s = t_s;
  }

  /** Before the guards are asked in a cycle: its time in the first entry of `now` (s), and whether speed is reduced. */
  prepare(now: Float64Array, reduced: boolean): void {
    const { tool } = this.envelope;
    if (now[0] > Number.NEGATIVE_INFINITY) this.collision.time_s = now[0];
    const top = tool.speed_m_per_s ?? Number.POSITIVE_INFINITY;
    this.tool.speed_limit = reduced && tool.reduced_speed_m_per_s < top ? tool.reduced_speed_m_per_s : top;
  }

  /** Whether the joints' states as they were set, and the stops from them, are allowed by every guard. */
  assess(): boolean {
    const inside = this.workspace?.assess() ?? true;
    return this.tool.allows() && this.collision.allows() && inside;
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
    this.list = this.workspace === null ? [this.tool, this.collision] : [this.workspace, this.tool, this.collision];
  }

  private createCollisionGuard(): CollisionGuard {
    const { robot, joints, hz, envelope } = this;
    return new CollisionGuard(robot, joints, {
      hz,
      self_margin_m: envelope.clearance.self_m,
      obstacle_margin_m: envelope.clearance.obstacle_m,
      keep_out: envelope.keep_out,
    });
  }
}
