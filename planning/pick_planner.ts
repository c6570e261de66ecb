import type { JointTrajectory, Rng, Vector3 } from '../contracts/index.ts';
import { HELD, type Obstacle } from './collision/index.ts';
import { fingertipReach, type Grasp, graspsFromAbove, toolDown } from './grasp.ts';
import type { LiftLine, MotionPlanner, Planned } from './motion_planner.ts';
import { shapeHeight, type TableObject } from './table_objects.ts';
import { timeLine } from './timing/index.ts';

export interface PickOptions {
  /** Height of the straight motions above grasp and place (m). */
  readonly lift_m?: number;
  /** Speed of the tool on the straight motions (m/s): without and with an object. */
  readonly line_speed_m_s?: number;
  readonly carry_line_speed_m_s?: number;
  /** Bound on the tool's speed while it carries an object across (m/s). */
  readonly carry_speed_m_s?: number;
  /** Height above the table at which the object is let go (m). */
  readonly release_height_m?: number;
  /** How much further than the object the fingers open to let it go (m). */
  readonly release_opening_m?: number;
  /** Distances kept from other objects, tried in this order (m). */
  readonly paddings_m?: readonly number[];
  /** Directions tried for the hand at the place. */
  readonly place_yaws?: number;
}

/** All motions of one pick and place, each from where the one before ends. */
export interface PickPlan {
  readonly grasp: Grasp;
  /** Distance between the fingers on the way to the object and after letting it go (m). */
  readonly open_width_m: number;
  readonly release_width_m: number;
  readonly approach: JointTrajectory;
  readonly descend: JointTrajectory;
  readonly lift: JointTrajectory;
  readonly transfer: JointTrajectory;
  readonly place: JointTrajectory;
  readonly retreat: JointTrajectory;
  readonly home: JointTrajectory;
  /** From above the grasp back home with open, empty fingers, for another look. */
  readonly abandon: JointTrajectory;
  /** Polylines of the joint paths, for checks: approach, transfer, home, abandon. */
  readonly paths: readonly (readonly Float64Array[])[];
  readonly lines: readonly [LiftLine, LiftLine];
}

const TARGET = 'target object';
const PLACED = 'placed object';

/**
 * Plans a whole pick and place before the arm moves: a grasp whose approach, lift, transfer, place and retreat all exist.
 * Candidates are taken in order of joint comfort; the first that passes everything wins.
 */
export class PickPlanner {
  readonly motion: MotionPlanner;
  private readonly options: Required<PickOptions>;
  private readonly tip_reach_m: number;

  constructor(motion: MotionPlanner, options: PickOptions = {}) {
    this.motion = motion;
    this.options = {
      lift_m: 0.11,
      line_speed_m_s: 0.25,
      carry_line_speed_m_s: 0.25,
      carry_speed_m_s: 0.8,
      release_height_m: 0.002,
      release_opening_m: 0.03,
      paddings_m: [0.008, 0.004, 0.001],
      place_yaws: 24,
      ...options,
    };
    this.tip_reach_m = fingertipReach(motion.robot);
  }

  /**
   * @param start  arm joints where the arm rests now (rad)
   * @param others  every other object on the table
   * @param target  where the object's centre is to stand, on the table (m, frame world)
   */
  plan(
    start: Float64Array,
    object: TableObject,
    others: readonly TableObject[],
    target: Vector3,
    rng: Rng,
  ): Planned<PickPlan> {
    const { robot, workcell } = this.motion;
    if (robot.gripper === null) return { ok: false, reason: `${robot.name} has no gripper` };
    const grasps = graspsFromAbove(object, robot.gripper.max_width_m, this.tip_reach_m, workcell.table_top_m);
    if (grasps.length === 0) {
      return {
        ok: false,
        reason: `no side of the ${object.class} fits between the fingers (${robot.gripper.max_width_m * 1000} mm open)`,
      };
    }
    const ranked = this.rankGrasps(grasps, start, rng);
    if (ranked.length === 0)
      return { ok: false, reason: `none of ${grasps.length} grasps can be reached within the joint limits` };
    const reasons: string[] = [];
    for (const padding of this.options.paddings_m) {
      const neighbours = others.map((other, i) =>
        asObstacle(other, `object ${i} (${other.colour} ${other.class})`, padding),
      );
      for (const [index, { grasp, q }] of ranked.entries()) {
        for (const open_width_m of this.openings(grasp)) {
          const planned = this.tryGrasp(
            start,
            object,
            neighbours,
            target,
            grasp,
            q,
            open_width_m,
            padding,
            rng.stream(`${padding}/${index}`),
          );
          if (planned.ok) return planned;
          reasons.push(planned.reason);
        }
      }
    }
    return { ok: false, reason: `${reasons.length} ways tried; ${furthest(reasons)}` };
  }

  private openings(grasp: Grasp): number[] {
    const full = this.motion.robot.gripper?.max_width_m ?? 0;
    const narrow = grasp.width_m + 0.02;
    return narrow < full - 0.005 ? [full, narrow] : [full];
  }

  private rankGrasps(grasps: readonly Grasp[], start: Float64Array, rng: Rng): { grasp: Grasp; q: Float64Array }[] {
    const reachable: { grasp: Grasp; q: Float64Array; cost: number }[] = [];
    grasps.forEach((grasp, index) => {
      const q = this.reach(grasp.tool_pose, start, rng.stream(`grasp/${index}`));
      if (q !== null) reachable.push({ grasp, q, cost: this.cost(start, q) + RAISED_COST * grasp.raised_m });
    });
    return reachable.sort((a, b) => a.cost - b.cost);
  }

  private reach(pose: Float64Array, seed: Float64Array, rng: Rng): Float64Array | null {
    const solution = this.motion.ik.solve(pose, seed, rng);
    return solution.ok ? solution.q.slice() : null;
  }

  private cost(from: Float64Array, q: Float64Array): number {
    return this.discomfort(q) + timeLine(from, q, this.motion.limits).duration_s;
  }

  /** Grows as joints near their limits or leave the home posture. */
  private discomfort(q: Float64Array): number {
    const { limits, home_q } = this.motion.robot;
    let sum = 0;
    for (let j = 0; j < q.length; j++) {
      const half = (limits.position_upper[j] - limits.position_lower[j]) / 2;
      const x = (q[j] - limits.position_lower[j]) / half - 1;
      sum += x ** 8 + 0.1 * ((q[j] - home_q[j]) / half) ** 2;
    }
    return sum;
  }

  private tryGrasp(
    start: Float64Array,
    object: TableObject,
    neighbours: readonly Obstacle[],
    target: Vector3,
    grasp: Grasp,
    q: Float64Array,
    open_width_m: number,
    padding: number,
    rng: Rng,
  ): Planned<PickPlan> {
    const { motion, options } = this;
    const { world, workcell, robot } = motion;
    const fixed = workcell.obstacles;
    const no = (what: string, reason: string): { ok: false; reason: string } => ({
      ok: false,
      reason: `${what}: ${reason}`,
    });

    const line = motion.liftLine(q, options.lift_m);
    if (!line.ok) return no('approach', line.reason);
    world.detach();
    world.setObstacles([...fixed, ...neighbours, asObstacle(object, TARGET, Math.min(padding, 0.002))]);
    world.setGripperWidth(open_width_m);
    if (!motion.lineFree(line.value)) return no('approach', this.contact());
    const approach = motion.jointPath(start, line.value.top, rng.stream('approach'));
    if (!approach.ok) return no('approach', approach.reason);
    const home_q = robot.home_q.slice(0, robot.arm_joints);
    const abandon = motion.jointPath(line.value.top, home_q, rng.stream('abandon'));
    if (!abandon.ok) return no('way back', abandon.reason);

    world.setObstacles([...fixed, ...neighbours]);
    world.setGripperWidth(grasp.width_m);
    world.attach(object.shape, grasp.T_tool_object, Math.min(padding, 0.003));
    world.allow(HELD, workcell.table);
    world.allow(HELD, 'floor');
    if (!motion.lineFree(line.value)) return no('lift', this.contact());

    const placed = this.planPlace(object, grasp, line.value, target, rng);
    if (!placed.ok) return placed;
    const { line: down, path: transfer } = placed.value;

    const release_width_m = Math.min(robot.gripper?.max_width_m ?? 0, grasp.width_m + options.release_opening_m);
    world.detach();
    world.setGripperWidth(release_width_m);
    const tool = motion.toolPose(down.bottom);
    const resting: Obstacle = {
      name: PLACED,
      shape: object.shape,
      pose: {
        position: [target[0], target[1], workcell.table_top_m + shapeHeight(object.shape) / 2],
        orientation: yawOf(tool, grasp),
      },
      padding_m: 0,
    };
    world.setObstacles([...fixed, ...neighbours, resting]);
    const home = motion.jointPath(down.top, home_q, rng.stream('home'));
    if (!home.ok) return no('retreat', home.reason);

    const fast = options.line_speed_m_s;
    const slow = options.carry_line_speed_m_s;
    const joint = (path: readonly Float64Array[], speed?: number): JointTrajectory =>
      motion.sample(motion.timeJointPath(path, speed));
    return {
      ok: true,
      value: {
        grasp,
        open_width_m,
        release_width_m,
        approach: joint(approach.value),
        descend: motion.sample([motion.timeLift(line.value, 'down', fast)]),
        lift: motion.sample([motion.timeLift(line.value, 'up', slow)]),
        transfer: joint(transfer, options.carry_speed_m_s),
        place: motion.sample([motion.timeLift(down, 'down', slow)]),
        retreat: motion.sample([motion.timeLift(down, 'up', fast)]),
        home: joint(home.value),
        abandon: joint(abandon.value),
        paths: [approach.value, transfer, home.value, abandon.value],
        lines: [line.value, down],
      },
    };
  }

  /** A line down to the place and a way to its top, with the object held; the world is set up for it. */
  private planPlace(
    object: TableObject,
    grasp: Grasp,
    lift: LiftLine,
    target: Vector3,
    rng: Rng,
  ): Planned<{ line: LiftLine; path: readonly Float64Array[] }> {
    const { motion, options } = this;
    const { world, workcell } = motion;
    const z = grasp.tool_pose[11] + options.release_height_m;
    const T = grasp.T_tool_object;
    const ways: { q: Float64Array; cost: number }[] = [];
    for (let k = 0; k < options.place_yaws; k++) {
      const yaw = grasp.closing_yaw_rad + (2 * Math.PI * k) / options.place_yaws;
      const pose = toolDown(yaw, 0, 0, z);
      pose[9] = target[0] - (pose[0] * T[9] + pose[1] * T[10]);
      pose[10] = target[1] - (pose[3] * T[9] + pose[4] * T[10]);
      const q = this.reach(pose, lift.bottom, rng.stream(`place/${k}`));
      if (q !== null) ways.push({ q, cost: this.cost(lift.bottom, q) });
    }
    if (ways.length === 0)
      return {
        ok: false,
        reason: `place: the ${object.class} cannot be brought to the target within the joint limits`,
      };
    ways.sort((a, b) => a.cost - b.cost);
    let reason = '';
    for (const [index, { q }] of ways.slice(0, PLACE_TRIES).entries()) {
      const line = motion.liftLine(q, options.lift_m);
      if (!line.ok) {
        reason = line.reason;
        continue;
      }
      world.allow(HELD, workcell.table);
      if (!motion.lineFree(line.value)) {
        reason = this.contact();
        continue;
      }
      world.allow(HELD, workcell.table, false);
      const path = motion.jointPath(lift.top, line.value.top, rng.stream(`transfer/${index}`));
      if (path.ok) return { ok: true, value: { line: line.value, path: path.value } };
      reason = path.reason;
    }
    return { ok: false, reason: `place: ${reason}` };
  }

  private contact(): string {
    return this.motion.world.lastContact().join(' would touch ');
  }
}

const PLACE_TRIES = 8;
/** Seconds of motion a metre of raised grasp is worth: high grasps come after all low ones. */
const RAISED_COST = 500;
/** Steps of a plan in their order: the reason of the one that came furthest is told. */
const STEPS = ['approach', 'way back', 'lift', 'place', 'retreat'];

function asObstacle(object: TableObject, name: string, padding_m: number): Obstacle {
  const half = object.yaw_rad / 2;
  return {
    name,
    shape: object.shape,
    pose: { position: object.position, orientation: [0, 0, Math.sin(half), Math.cos(half)] },
    padding_m,
  };
}

/** Orientation of the object once placed: the tool's times the object's in it, both upright. */
function yawOf(tool: Float64Array, grasp: Grasp): readonly [number, number, number, number] {
  const T = grasp.T_tool_object;
  const x = tool[0] * T[0] + tool[1] * T[3] + tool[2] * T[6];
  const y = tool[3] * T[0] + tool[4] * T[3] + tool[5] * T[6];
  const yaw = Math.atan2(y, x);
  return [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)];
}

/** Of reasons `step: why` the most frequent one of the furthest step. */
function furthest(reasons: readonly string[]): string {
  const step = (reason: string): number => STEPS.findIndex((name) => reason.startsWith(`${name}:`));
  const last = Math.max(...reasons.map(step));
  const counts = new Map<string, number>();
  for (const reason of reasons) if (step(reason) === last) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts.entries()].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}
