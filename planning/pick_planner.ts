import type { JointTrajectory, Rng, Vector3 } from '../contracts/index.ts';
import { fingertipReach, type Grasp, graspsFromAbove } from './grasp.ts';
import type { LiftLine, MotionPlanner, Planned } from './motion_planner.ts';
import {
  asObstacle,
  NOT_WITHIN_REACH,
  PickMotions,
  type PickScene,
  type PickWay,
  type PutWay,
  type ReachedGrasp,
} from './pick_motions.ts';
import { shapeHeight, type TableObject } from './table_objects.ts';

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

/** How one pick differs from one of an object that stands alone on the table. */
export interface PickConditions {
  /** Things touch each other or walls, see PickScene. */
  readonly crowded?: boolean;
  /** Where the arm rests afterwards (rad); home by default. */
  readonly rest_q?: Float64Array;
  /** Which grasps will do; all by default. */
  readonly grasp?: (grasp: Grasp) => boolean;
}

/** The motions that bring the object into the hand and up, each from where the one before ends. */
export interface TakePlan {
  readonly grasp: Grasp;
  /** Distance between the fingers on the way to the object (m). */
  readonly open_width_m: number;
  readonly approach: JointTrajectory;
  readonly descend: JointTrajectory;
  readonly lift: JointTrajectory;
  /** From above the grasp back to rest with open, empty fingers, for another look. */
  readonly abandon: JointTrajectory;
}

/** The motions that bring what is held to its place and the arm back to rest. */
export interface PutPlan {
  /** Distance between the fingers after letting go (m). */
  readonly release_width_m: number;
  readonly transfer: JointTrajectory;
  readonly place: JointTrajectory;
  readonly retreat: JointTrajectory;
  readonly home: JointTrajectory;
}

/** All motions of one pick and place. */
export interface PickPlan extends TakePlan, PutPlan {
  readonly target: Vector3;
  /** Polylines of the joint paths, for checks: approach, transfer, home, abandon. */
  readonly paths: readonly (readonly Float64Array[])[];
  readonly lines: readonly [LiftLine, LiftLine];
}

/**
 * Plans a whole pick and place before the arm moves: a grasp whose approach, lift, transfer, place and retreat all exist.
 * Candidates are taken in order of joint comfort; the first that passes everything wins.
 */
export class PickPlanner {
  readonly motion: MotionPlanner;
  readonly motions: PickMotions;
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
    this.motions = new PickMotions(motion, this.options);
    this.tip_reach_m = fingertipReach(motion.robot);
  }

  /**
   * @param start  arm joints where the arm rests now (rad)
   * @param others  every other object on the table
   * @param target  where the object's centre is to stand, at the height of what it stands on (m, frame world)
   */
  plan(
    start: Float64Array,
    object: TableObject,
    others: readonly TableObject[],
    target: Vector3,
    rng: Rng,
    conditions: PickConditions = {},
  ): Planned<PickPlan> {
    return this.planToAny(start, object, others, [target], rng, conditions);
  }

  /** As `plan`, to the first of several targets that can be reached. */
  planToAny(
    start: Float64Array,
    object: TableObject,
    others: readonly TableObject[],
    targets: readonly Vector3[],
    rng: Rng,
    conditions: PickConditions = {},
  ): Planned<PickPlan> {
    const within = targets.filter((target, k) => this.motions.canReach(target, rng.stream(`reach/${k}`)));
    if (within.length === 0) {
      const why = targets.length === 0 ? 'has no free place to go to' : NOT_WITHIN_REACH;
      return { ok: false, reason: `place: the ${object.class} ${why}` };
    }
    return this.search(start, object, others, rng, conditions, (scene, way, stream) => {
      let failure: Planned<PickPlan> = { ok: false, reason: 'place: there is no place to go to' };
      for (const [k, target] of within.entries()) {
        const own = k === 0 ? stream : stream.stream(`target/${k}`);
        const put = this.motions.put(scene, way.grasp, way.line.top, way.line.bottom, target, own);
        if (put.ok) return { ok: true, value: this.timed(way, put.value, target) };
        failure = put;
      }
      return failure;
    });
  }

  /** As `planToAny`; where that finds no way, as among things that touch each other. */
  planAmong(
    start: Float64Array,
    object: TableObject,
    others: readonly TableObject[],
    targets: readonly Vector3[],
    rng: Rng,
  ): Planned<PickPlan> {
    const apart = this.planToAny(start, object, others, targets, rng);
    if (apart.ok || others.length === 0 || apart.reason.endsWith(NOT_WITHIN_REACH)) return apart;
    const crowded = this.planToAny(start, object, others, targets, rng.stream('crowded'), { crowded: true });
    return crowded.ok ? crowded : apart;
  }

  /**
   * Goes through grasps, finger openings and distances from others until `complete` makes a plan of one.
   * @param complete  what has to exist beside the grasp itself; gives a reason that begins with the step that failed
   */
  search<T>(
    start: Float64Array,
    object: TableObject,
    others: readonly TableObject[],
    rng: Rng,
    { crowded = false, rest_q, grasp: accepts = () => true }: PickConditions,
    complete: (scene: PickScene, way: PickWay, rng: Rng) => Planned<T>,
  ): Planned<T> {
    const { robot, workcell } = this.motion;
    if (robot.gripper === null) return { ok: false, reason: `${robot.name} has no gripper` };
    const support_m = crowded ? object.position[2] - shapeHeight(object.shape) / 2 : workcell.table_top_m;
    const wanted = crowded ? CROWDED_GRASPS : {};
    const grasps = graspsFromAbove(object, robot.gripper.max_width_m, this.tip_reach_m, support_m, wanted).filter(
      accepts,
    );
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
    for (const padding_m of crowded ? CROWDED_PADDINGS_M : this.options.paddings_m) {
      const scene: PickScene = {
        object,
        neighbours: others.map((other, i) =>
          asObstacle(other, `object ${i} (${other.colour} ${other.class})`, padding_m),
        ),
        padding_m,
        crowded,
        support_m,
        rest_q: rest_q ?? robot.home_q.slice(0, robot.arm_joints),
      };
      for (const [index, candidate] of ranked.entries()) {
        for (const open_width_m of this.openings(candidate.grasp, crowded)) {
          const stream = rng.stream(`${padding_m}/${index}`);
          const way = this.motions.pick(scene, start, candidate, open_width_m, stream);
          const planned = way.ok ? complete(scene, way.value, stream) : way;
          if (planned.ok) return planned;
          reasons.push(planned.reason);
        }
      }
    }
    return { ok: false, reason: `${reasons.length} ways tried; ${furthest(reasons)}` };
  }

  /** Times the way to a grasp. */
  timedTake({ grasp, open_width_m, line, approach, abandon }: PickWay): TakePlan {
    const { motion, options } = this;
    return {
      grasp,
      open_width_m,
      approach: this.timedPath(approach),
      descend: motion.sample([motion.timeLift(line, 'down', options.line_speed_m_s)]),
      lift: motion.sample([motion.timeLift(line, 'up', options.carry_line_speed_m_s)]),
      abandon: this.timedPath(abandon),
    };
  }

  /** Times the way to a place and home. */
  timedPut({ release_width_m, line, transfer, home }: PutWay): PutPlan {
    const { motion, options } = this;
    return {
      release_width_m,
      transfer: this.timedPath(transfer, options.carry_speed_m_s),
      place: motion.sample([motion.timeLift(line, 'down', options.carry_line_speed_m_s)]),
      retreat: motion.sample([motion.timeLift(line, 'up', options.line_speed_m_s)]),
      home: this.timedPath(home),
    };
  }

  /** Times a polyline that is travelled with an object in the hand. */
  timedCarry(path: readonly Float64Array[]): JointTrajectory {
    return this.timedPath(path, this.options.carry_speed_m_s);
  }

  private timed(way: PickWay, put: PutWay, target: Vector3): PickPlan {
    return {
      target,
      ...this.timedTake(way),
      ...this.timedPut(put),
      paths: [way.approach, put.transfer, put.home, way.abandon],
      lines: [way.line, put.line],
    };
  }

  private timedPath(path: readonly Float64Array[], speed?: number): JointTrajectory {
    return this.motion.sample(this.motion.timeJointPath(path, speed));
  }

  private openings(grasp: Grasp, crowded: boolean): number[] {
    const full = this.motion.robot.gripper?.max_width_m ?? 0;
    const narrow = grasp.width_m + 0.02;
    const widths = narrow < full - 0.005 ? [full, narrow] : [full];
    return crowded ? [...widths, ...CROWDED_OPENINGS_M.map((room) => grasp.width_m + room)] : widths;
  }

  private rankGrasps(grasps: readonly Grasp[], start: Float64Array, rng: Rng): ReachedGrasp[] {
    const reachable: (ReachedGrasp & { readonly cost: number })[] = [];
    grasps.forEach((grasp, index) => {
      const q = this.motions.reach(grasp.tool_pose, start, rng.stream(`grasp/${index}`));
      if (q !== null) reachable.push({ grasp, q, cost: this.motions.cost(start, q) + awkwardness(grasp) });
    });
    return reachable.sort((a, b) => a.cost - b.cost);
  }
}

/** Seconds of motion a metre of raised grasp is worth: high grasps come after all low ones. */
const RAISED_COST = 500;
const SHIFTED_COST = 100;
/** Both gaps together between the fingers and an object that has others at its sides (m). */
const CROWDED_OPENINGS_M = [0.012, 0.007];
const CROWDED_PADDINGS_M = [0.004, 0.001, 0];
const CROWDED_GRASPS = { cylinder_yaws: 12, shifts_m: [0, 0.008, -0.008] };
/** Steps of a plan in their order: the reason of the one that came furthest is told. */
const STEPS = ['approach', 'way back', 'lift', 'show', 'place', 'retreat'];

function awkwardness({ raised_m, shift_m }: Grasp): number {
  return RAISED_COST * raised_m + SHIFTED_COST * Math.abs(shift_m);
}

/** Of reasons `step: why` the most frequent one of the furthest step. */
function furthest(reasons: readonly string[]): string {
  const step = (reason: string): number => STEPS.findIndex((name) => reason.startsWith(`${name}:`));
  const last = Math.max(...reasons.map(step));
  const counts = new Map<string, number>();
  for (const reason of reasons) if (step(reason) === last) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts.entries()].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}
