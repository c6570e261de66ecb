import { resolve } from 'node:path';
import { CollisionWorld, meshFileObstacle, type Obstacle, pointCloud } from '../collision/index.ts';
import { createRng, InputError, type Quaternion } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import { type FoundPath, type NoPath, PathPlanner, type PathPlannerOptions } from './path_planner.ts';
import type { PlanningProblem, ProblemObstacle, ReadProblem } from './problems.ts';
import { furnishScene, type PlanningScene, robotOfScene, worldOfScene } from './scene/index.ts';

/** Position of fingers and other sliding joints beyond the arm, where their limits allow it (m). */
const FINGER_M = 0.04;
/** In `RobotModel.joint_type`. */
const SLIDING = 1;
/** A quaternion whose length is off by more than this is an error, not rounding. */
const UNIT = 1e-3;

export interface ProblemPlannerOptions extends PathPlannerOptions {
  readonly seed?: number;
  /** Names of the joints in the order in which problems list them; default the arm's own order. */
  readonly joints?: readonly string[];
  /** Most obstacles of a problem. */
  readonly max_obstacles?: number;
  /** What stands about in every problem beside its own obstacles, with what it attaches, allows and pads. */
  readonly scene?: PlanningScene;
  /** Where the files of mesh obstacles are; default the working directory. */
  readonly folder?: string;
}

/** What became of a problem; positions in the problem's order of joints (rad). */
export interface PlannedProblem {
  readonly set: string;
  readonly index: number;
  readonly path: readonly (readonly number[])[] | null;
  readonly reason: string | null;
  /** Where it failed. */
  readonly stage?: NoPath['stage'];
  readonly contact?: readonly [string, string];
  /** How near the searches from both ends came to each other. */
  readonly closest?: {
    readonly from_start: readonly number[];
    readonly from_goal: readonly number[];
    readonly gap_rad: number;
  };
  readonly note?: string;
}

/** Samples k at k·dt seconds, a row each: rad, rad/s, rad/s², rad/s³; the jerk of a row holds until the next. */
export interface SampledTrajectory {
  readonly dt: number;
  readonly position: readonly (readonly number[])[];
  readonly velocity: readonly (readonly number[])[];
  readonly acceleration: readonly (readonly number[])[];
  readonly jerk: readonly (readonly number[])[];
}

export interface TimedProblem {
  readonly path: readonly (readonly number[])[];
  readonly trajectory: SampledTrajectory;
}

/** Plans one problem after the other for one robot, fingers held open. The answer depends on seed and problem alone. */
export class ProblemPlanner {
  readonly robot: Robot;
  private readonly world: CollisionWorld;
  private readonly planner: PathPlanner;
  private readonly seed: number;
  private readonly max_obstacles: number;
  private readonly scene: PlanningScene | null;
  private readonly folder: string;
  /** Meshes read before, by their file, scale and place. */
  private readonly meshes = new Map<string, Obstacle>();
  /** Where each arm joint stands in a problem's list. */
  private readonly order: readonly number[];

  /** InputError if `joints` are not the arm's, or as worldOfScene. */
  constructor(robot: Robot, options: ProblemPlannerOptions = {}) {
    const opened = { ...robot, home_q: openFingers(robot) };
    const scene = options.scene ?? null;
    this.scene = scene;
    this.folder = options.folder ?? '';
    this.robot = scene === null ? opened : robotOfScene(opened, scene);
    this.max_obstacles = options.max_obstacles ?? 1000;
    this.seed = options.seed ?? 0;
    this.order = jointOrder(robot, options.joints);
    const room = { max_obstacles: this.max_obstacles + (scene?.obstacles.length ?? 0) };
    this.world = scene === null ? new CollisionWorld(opened, room) : worldOfScene(opened, scene, room);
    this.planner = new PathPlanner(this.robot, this.world, options);
  }

  /** A path in the problem's order of joints, or the stage and reason of the failure. */
  plan(given: ReadProblem): PlannedProblem {
    const { set, index, problem } = given;
    if (problem === null) return { set, index, path: null, reason: given.reason, stage: 'problem' };
    const outcome = this.search(problem);
    if (outcome.ok) {
      const path = outcome.path.map((q) => this.reorder(q));
      return { set, index, path, reason: null, ...(outcome.note === '' ? {} : { note: outcome.note }) };
    }
    const { stage, reason, contact, closest } = outcome;
    return {
      set,
      index,
      path: null,
      reason,
      stage,
      ...(contact === undefined ? {} : { contact }),
      ...(closest === undefined
        ? {}
        : {
            closest: {
              from_start: this.reorder(closest.from_start),
              from_goal: this.reorder(closest.from_goal),
              gap_rad: closest.gap_rad,
            },
          }),
    };
  }

  private search(problem: PlanningProblem): FoundPath | NoPath {
    const { order, planner } = this;
    const count = order.length;
    for (const what of ['start', 'goal'] as const) {
      const given = problem[what].length;
      if (given !== count)
        return { ok: false, stage: what, reason: `the ${what} has ${given} joints; the arm has ${count}` };
    }
    const wrong = this.furnish(problem);
    if (wrong !== '') return { ok: false, stage: 'problem', reason: wrong };
    const [start, goal] = [problem.start, problem.goal].map((q) => Float64Array.from(order, (k) => q[k]));
    const rng = createRng(this.seed, `plan/${problem.set}/${problem.index}`);
    return planner.plan(start, [goal], rng, { whole_turns: true });
  }

  /** From the arm's order of joints to the problems'. */
  private reorder(q: Float64Array): number[] {
    const out = new Array<number>(q.length);
    this.order.forEach((k, j) => {
      out[k] = q[j];
    });
    return out;
  }

  /**
   * The path planned last, timed from rest to rest within the arm's limits and sampled every `dt_s`, and the path that it
   * keeps within a millirad of: the planned one, or where the arm's jerk limits are low its own. Rows are samples in the
   * problem's order of joints. Plan with `rounded`, else it nearly stops at corners.
   */
  time(path: readonly (readonly number[])[], dt_s = 0.001): TimedProblem {
    const { order, planner } = this;
    const points = path.map((q) => Float64Array.from(order, (k) => q[k]));
    const timed = planner.time(points, dt_s);
    const { rows, ...samples } = timed.motion.samples();
    const n = order.length;
    const table = (values: Float64Array) =>
      Array.from({ length: rows }, (_, k) => this.reorder(values.subarray(k * n, k * n + n)));
    const trajectory = {
      dt: dt_s,
      position: table(samples.position),
      velocity: table(samples.velocity),
      acceleration: table(samples.acceleration),
      jerk: table(samples.jerk),
    };
    return { path: timed.path === points ? path : timed.path.map((q) => this.reorder(q)), trajectory };
  }

  /** Contact checks made so far. */
  get checks(): number {
    return this.world.checks;
  }

  /** Puts the problem's obstacles into the world; says what is wrong with them. */
  private furnish(problem: PlanningProblem): string {
    const { world, robot } = this;
    const { obstacles, allowed_contacts = [] } = problem;
    if (obstacles.length > this.max_obstacles)
      return `${obstacles.length} obstacles; there is room for ${this.max_obstacles}`;
    for (const { id, orientation } of obstacles) {
      const length = Math.hypot(...orientation);
      if (Math.abs(length - 1) > UNIT)
        return `obstacle ${id}: orientation of length ${length}; must be a unit quaternion`;
    }
    let placed: Obstacle[];
    try {
      placed = obstacles.map((obstacle) => this.place(obstacle));
    } catch (error) {
      if (error instanceof InputError) return error.message;
      throw error;
    }
    if (this.scene === null) world.setObstacles(placed);
    else furnishScene(world, this.scene, placed);
    const touching = new Set(robot.model.collision.map(({ link }) => link));
    for (const [link, id] of allowed_contacts) {
      const known = obstacles.some((obstacle) => obstacle.id === id);
      if (!known && !this.scene?.obstacles.some(({ name }) => name === id))
        return `allowed contact with ${id}, which is no obstacle`;
      if (!robot.model.frames.some(({ name }) => name === link)) return `allowed contact of ${link}, which is no link`;
      if (touching.has(link)) world.allow(link, id);
    }
    return '';
  }

  private place(obstacle: ProblemObstacle): Obstacle {
    if (obstacle.type !== 'mesh') return toObstacle(obstacle);
    const key = JSON.stringify(obstacle);
    const placed = this.meshes.get(key) ?? toObstacle(obstacle, { folder: this.folder });
    this.meshes.set(key, placed);
    return placed;
  }
}

/** InputError for meshes and points as meshFileObstacle and pointCloud. */
export function toObstacle(obstacle: ProblemObstacle, { folder = '' }: { readonly folder?: string } = {}): Obstacle {
  const [x, y, z, w] = obstacle.orientation;
  const length = Math.hypot(x, y, z, w);
  const orientation: Quaternion = [x / length, y / length, z / length, w / length];
  const { id: name, position } = obstacle;
  const pose = { position, orientation };
  if (obstacle.type === 'mesh') {
    return meshFileObstacle(name, resolve(folder, obstacle.file), { pose, scale: obstacle.scale });
  }
  if (obstacle.type === 'points') {
    const points = Float64Array.from(obstacle.points.flat());
    return pointCloud(name, points, { radius_m: obstacle.radius, pose }).obstacle;
  }
  return { name, shape: obstacle, pose };
}

function openFingers({ model, arm_joints, home_q }: Robot): Float64Array {
  const q = home_q.slice();
  for (let b = 0; b < model.nb; b++) {
    const i = model.coordinate[b];
    if (i < arm_joints || model.joint_type[b] !== SLIDING) continue;
    q[i] = Math.min(Math.max(FINGER_M, model.position_lower[i]), model.position_upper[i]);
  }
  return q;
}

function jointOrder(robot: Robot, joints: readonly string[] | undefined): readonly number[] {
  const own = robot.model.joint_names.slice(0, robot.arm_joints);
  if (joints === undefined) return own.map((_, j) => j);
  if (
    joints.length !== own.length ||
    new Set(joints).size !== own.length ||
    own.some((name) => !joints.includes(name))
  ) {
    throw new InputError(`joints ${joints.join(', ')}`, `must be the arm's: ${own.join(', ')}`);
  }
  return own.map((name) => joints.indexOf(name));
}
