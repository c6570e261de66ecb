import { CollisionWorld } from '../collision/index.ts';
import type { JointTrajectory, Rng } from '../contracts/index.ts';
import { forwardKinematics, frameIndex, frameJacobian, framePose, placeBodies, RobotData } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { cartesianLine, movedPose } from './cartesian_line.ts';
import { distance } from './configuration_space.ts';
import { IkSolver } from './ik/index.ts';
import { PathPlanner } from './path_planner.ts';
import {
  type CubicSpline,
  DEFAULT_SCALE,
  type LimitScale,
  type MotionLimits,
  sampleTrajectory,
  scaleLimits,
  type TimedPath,
  type ToolBounds,
  timePath,
} from './timing/index.ts';
import type { Workcell } from './workcell.ts';

export interface PlannerOptions {
  /** Fractions of the robot's limits. */
  readonly scale?: LimitScale;
  /** Control period (s). */
  readonly dt_s?: number;
  /** Time between the points of a trajectory (s); by default the control period. */
  readonly sample_s?: number;
  /** Distance between checked points of an edge (rad). */
  readonly resolution_rad?: number;
  /** Distance kept from everything beyond the obstacles' own padding (m). */
  readonly margin_m?: number;
  /** Bound on the speed of the tool's origin in free motion (m/s). */
  readonly tool_speed_m_s?: number;
  readonly max_iterations?: number;
}

/** Either a value or the reason there is none. */
export type Planned<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** A straight tool motion, bottom to top: q(s) over the height s above its lower end (m). */
export interface LiftLine {
  readonly spline: CubicSpline;
  readonly bottom: Float64Array;
  readonly top: Float64Array;
}

/** The lowest stretch of a line downwards, and the tool's speed there. */
export interface SlowEnd {
  readonly height_m: number;
  readonly speed_m_s: number;
}

/**
 * Collision-free joint paths and straight tool lines for one robot in one cell, timed within its limits. Pure: random
 * numbers come with each call, nothing is remembered that changes an answer.
 */
export class MotionPlanner {
  readonly robot: Robot;
  readonly workcell: Workcell;
  readonly world: CollisionWorld;
  readonly ik: IkSolver;
  readonly limits: MotionLimits;
  readonly dt_s: number;
  private readonly options: Required<PlannerOptions>;
  private readonly paths: PathPlanner;
  private readonly data: RobotData;
  private readonly frame: number;
  private readonly full: Float64Array;
  private readonly J: Float64Array;
  private readonly tool = new Float64Array(12);
  private readonly arm_names: readonly string[];

  constructor(robot: Robot, workcell: Workcell, options: PlannerOptions = {}) {
    this.options = {
      scale: DEFAULT_SCALE,
      dt_s: 0.002,
      sample_s: options.dt_s ?? 0.002,
      resolution_rad: 0.03,
      margin_m: 0.002,
      tool_speed_m_s: 1,
      max_iterations: 3000,
      ...options,
    };
    this.robot = robot;
    this.workcell = workcell;
    this.dt_s = this.options.dt_s;
    this.limits = scaleLimits(robot.limits, this.options.scale);
    this.ik = new IkSolver(robot, { limit_margin_rad: LIMIT_MARGIN });
    this.world = new CollisionWorld(robot, { max_obstacles: workcell.obstacles.length + MOST_OBJECTS });
    this.world.margin_m = this.options.margin_m;
    this.world.setToolBox(workcell.tool_lower_m, workcell.tool_upper_m);
    this.world.setObstacles(workcell.obstacles);
    this.paths = new PathPlanner(robot, this.world, {
      resolution_rad: this.options.resolution_rad,
      margin_m: this.options.margin_m,
      keep_margin: true,
      limit_margin_rad: LIMIT_MARGIN,
      max_iterations: this.options.max_iterations,
      max_nodes: 8000,
      rounded: true,
    });
    this.data = new RobotData(robot.model);
    this.frame = frameIndex(robot.model, robot.tcp_frame);
    this.full = robot.home_q.slice();
    this.J = new Float64Array(6 * robot.model.nq);
    this.arm_names = robot.model.joint_names.slice(0, robot.arm_joints);
  }

  /** Pose of the tool frame at arm joints q: rotation row-major 9 and position 3 (m). */
  toolPose(q: Float64Array, out = new Float64Array(12)): Float64Array {
    this.full.set(q.subarray(0, this.robot.arm_joints));
    forwardKinematics(this.robot.model, this.data, this.full);
    framePose(this.robot.model, this.data, this.frame, out);
    return out;
  }

  /** A free and short polyline of joint positions between two, with corners rounded where there is room. */
  jointPath(start: Float64Array, goal: Float64Array, rng: Rng): Planned<readonly Float64Array[]> {
    const found = this.paths.plan(start, [goal], rng);
    return found.ok ? { ok: true, value: found.path } : found;
  }

  /** Times a polyline from rest to rest; the tool's origin keeps its speed bound. */
  timeJointPath(path: readonly Float64Array[], tool_speed_m_s = this.options.tool_speed_m_s): TimedPath[] {
    const tool: ToolBounds = {
      limits: { speed_m_s: tool_speed_m_s },
      twist: (q, dq, out) => this.toolTwist(q, dq, out),
    };
    return [timePath(path, this.limits, { dt_s: this.dt_s, tool })];
  }

  /**
   * The straight vertical line of the tool that starts at arm joints `bottom` and rises by `height_m`, at constant
   * orientation, as `cartesianLine`. Joint limits hold; collisions are not checked here.
   */
  liftLine(bottom: Float64Array, height_m: number): Planned<LiftLine> {
    const line = cartesianLine(this.ik, bottom, movedPose(this.toolPose(bottom), [0, 0, height_m]));
    if (!line.ok) return line;
    const { spline, start, end } = line.value;
    return { ok: true, value: { spline, bottom: start, top: end } };
  }

  /** True if the whole line is free as the world stands. */
  lineFree(line: LiftLine): boolean {
    const n = this.robot.arm_joints;
    const point = new Float64Array(4 * n);
    const pieces = Math.max(
      2,
      Math.ceil(distance(line.bottom, 0, line.top, 0, n) / LINE_RESOLUTION),
      Math.ceil(line.spline.end / 0.002),
    );
    for (let i = 0; i <= pieces; i++) {
      line.spline.evaluate((line.spline.end * i) / pieces, point);
      if (this.world.collides(point)) return false;
    }
    return true;
  }

  /** Times a line upwards or downwards; `tool_speed_m_s` bounds the tool's speed, and `slow` near the bottom. */
  timeLift(line: LiftLine, direction: 'up' | 'down', tool_speed_m_s: number, slow: SlowEnd | null = null): TimedPath {
    const n = this.robot.arm_joints;
    const point = new Float64Array(4 * n);
    const pieces = Math.ceil(line.spline.end / LINE_SAMPLE);
    const path: Float64Array[] = Array.from({ length: pieces + 1 }, (_, i) => {
      line.spline.evaluate((line.spline.end * i) / pieces, point);
      return point.slice(0, n);
    });
    path[0] = line.bottom;
    path[pieces] = line.top;
    const way = direction === 'up' ? path : path.reverse();
    if (slow === null) return this.timeJointPath(way, tool_speed_m_s)[0];
    const bottom_m = this.toolPose(line.bottom)[11];
    const twist: ToolBounds['twist'] = (q, dq, out) => {
      this.toolTwist(q, dq, out);
      const above = (this.toolPose(q, this.tool)[11] - bottom_m - slow.height_m) / SLOWING_M;
      const speed_m_s = slow.speed_m_s + Math.min(1, Math.max(0, above)) * (tool_speed_m_s - slow.speed_m_s);
      for (let k = 0; k < 6; k++) out[k] *= tool_speed_m_s / speed_m_s;
    };
    return timePath(way, this.limits, { dt_s: this.dt_s, tool: { limits: { speed_m_s: tool_speed_m_s }, twist } });
  }

  sample(paths: readonly TimedPath[]): JointTrajectory {
    return sampleTrajectory(paths, this.arm_names, this.options.sample_s);
  }

  /** True if a polyline is free as the world stands, its ends included. */
  pathFree(path: readonly Float64Array[]): boolean {
    return this.paths.pathFree(path);
  }

  /** Twist of the tool frame at arm joints q for joint velocities dq, root axes: linear (m/s), angular (rad/s). */
  private toolTwist(q: Float64Array, dq: Float64Array, out: Float64Array): void {
    const { full, robot, data, J } = this;
    const { nq, nb } = robot.model;
    full.set(q);
    placeBodies(robot.model, data, full, nb);
    frameJacobian(robot.model, data, this.frame, J);
    for (let r = 0; r < 6; r++) {
      let sum = 0;
      for (let j = 0; j < q.length; j++) sum += J[r * nq + j] * dq[j];
      out[r] = sum;
    }
  }
}

/** Stretch over which a line's speed falls to that of its slow end (m). */
const SLOWING_M = 0.015;
/** Distance kept from the joints' position limits (rad). */
const LIMIT_MARGIN = 0.02;
/** Distance between the points a line is timed by (m). */
const LINE_SAMPLE = 0.002;
/** Distance between the points a line is checked at (rad). */
const LINE_RESOLUTION = 0.01;
/** Objects that may stand about beside the cell's own obstacles. */
const MOST_OBJECTS = 64;
