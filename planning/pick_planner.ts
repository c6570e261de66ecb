import type { JointTrajectory, PlanStageRow, Rng, Vector3 } from '../contracts/index.ts';
import { fingertipReach, type Grasp } from './grasp.ts';
import { GraspRanking } from './grasp_ranking.ts';
import type { LiftLine, MotionPlanner, Planned, SlowEnd } from './motion_planner.ts';
import {
  asObstacle,
  type Carried,
  NOT_WITHIN_REACH,
  PickMotions,
  type PickScene,
  type PickWay,
  type PutWay,
} from './pick_motions.ts';
import {
  bringTo,
  OTHERS_NOT_TRIED,
  type Put,
  putStages,
  type Reached,
  type TakeQuery,
  takeStages,
} from './pick_stages.ts';
import { type Stage, StageRecord, solveFirst } from './stages/index.ts';
import { shapeHeight, type TableObject } from './table_objects.ts';
import { type Standing, type Turn, UNTURNED } from './turning.ts';

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
  /** Distance between the fingers at the start (m); where it is not known they open before the arm moves. */
  readonly finger_width_m?: number;
  /** Whether the hand comes down slowly where it could touch something early; it does not by default. */
  readonly gentle?: boolean;
  /** How the object is to be turned on the way; not at all by default. */
  readonly turn?: Turn;
  /** Grasps in place of those from the object's shape, for instance from its point cloud. */
  readonly given?: readonly Grasp[];
  /** Which grasps will do; all by default. */
  readonly grasp?: (grasp: Grasp) => boolean;
}

/** The motions that bring the object into the hand and up, each from where the one before ends. */
export interface TakePlan {
  readonly grasp: Grasp;
  /** Distance between the fingers on the way to the object (m). */
  readonly open_width_m: number;
  /** Whether they may open while the arm approaches; else they have to before. */
  readonly open_on_the_way: boolean;
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
  /** The object as it will stand. */
  readonly placed: Standing;
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
  private readonly ranking: GraspRanking;
  private record = new StageRecord('plans', 'fallback');

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
    this.ranking = new GraspRanking(this.motions, fingertipReach(motion.robot));
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
    const spots = targets.filter((target, k) => this.motions.canReach(target, rng.stream(`reach/${k}`)));
    if (spots.length === 0) {
      const why = targets.length === 0 ? 'has no free place to go to' : NOT_WITHIN_REACH;
      const reason = `the ${object.class} ${why}`;
      const record = this.record.child({ name: 'spots', kind: 'generate' });
      record.tried++;
      record.failed(reason);
      return { ok: false, reason: `place: ${reason}` };
    }
    const bring = bringTo(this.motions, spots, conditions.turn ?? UNTURNED, ({ way }, put) =>
      this.timed(way, put.way, put.spot, conditions.gentle),
    );
    return this.search(start, object, others, rng, conditions, bring);
  }

  /** As `planToAny`; where that finds no way, as among things that touch each other. */
  planAmong(
    start: Float64Array,
    object: TableObject,
    others: readonly TableObject[],
    targets: readonly Vector3[],
    rng: Rng,
    conditions: Omit<PickConditions, 'crowded'> = {},
  ): Planned<PickPlan> {
    const apart = this.planToAny(start, object, others, targets, rng, conditions);
    if (apart.ok || others.length === 0 || apart.reason.endsWith(NOT_WITHIN_REACH)) return apart;
    const crowded = this.planToAny(start, object, others, targets, rng.stream('crowded'), {
      ...conditions,
      crowded: true,
    });
    return crowded.ok ? crowded : apart;
  }

  /**
   * Goes through distances from others, grasps and finger openings until `complete` makes a plan of one. What was tried is
   * added to the record.
   * @param complete  what has to exist beside the grasp itself
   */
  search<T>(
    start: Float64Array,
    object: TableObject,
    others: readonly TableObject[],
    rng: Rng,
    { crowded = false, rest_q, finger_width_m, turn = UNTURNED, given, grasp: accepts = () => true }: PickConditions,
    complete: Stage<Reached, T>,
  ): Planned<T> {
    const { motion, motions } = this;
    const { robot, workcell } = motion;
    if (robot.gripper === null) return { ok: false, reason: `${robot.name} has no gripper` };
    const support_m = crowded ? object.position[2] - shapeHeight(object.shape) / 2 : workcell.table_top_m;
    const scenes = this.distances(crowded).map(
      ({ padding_m, margin_m }): PickScene => ({
        object,
        neighbours: others.map((other, i) =>
          asObstacle(other, `object ${i} (${other.colour} ${other.class})`, padding_m),
        ),
        padding_m,
        margin_m,
        crowded,
        support_m,
        rest_q: rest_q ?? robot.home_q.slice(0, robot.arm_joints),
      }),
    );
    const lists = this.ranking.lists({ scene: scenes[0], turn, accepts, given, start, rng });
    const query: TakeQuery = {
      start,
      finger_width_m: finger_width_m ?? Number.NaN,
      scenes,
      *grasps(fail) {
        for (const ranked of lists) yield* ranked.list(fail);
      },
      openings: ({ grasp }) => this.openings(grasp, crowded),
    };
    const stage = takeStages(motions).next(complete);
    const { planned, record } = solveFirst(stage, query, rng);
    motion.world.margin_m = motions.margin_m;
    const lines = record.child({ name: 'grasp line', kind: 'compute' }).tried;
    this.record.child({ name: crowded ? 'pick among others' : 'pick', kind: 'serial' }).add(record);
    if (planned.ok || lines === 0) return planned;
    const { children } = record;
    const bounded = children.some((child) => child.failures().some(({ reason }) => reason === OTHERS_NOT_TRIED));
    const tried = `${lines} ways tried${bounded ? `, ${OTHERS_NOT_TRIED}` : ''}`;
    return { ok: false, reason: `${tried}; ${planned.reason}` };
  }

  /** Brings what is held to the first of several spots that will do. */
  put(carried: Carried, spots: readonly Vector3[], rng: Rng): Planned<Put> {
    const { planned, record } = solveFirst(putStages(this.motions), { carried, spots }, rng);
    this.motion.world.margin_m = this.motions.margin_m;
    this.record.child(record).add(record);
    return planned;
  }

  /** Rows of all that was planned since `forget`. */
  report(): PlanStageRow[] {
    return this.record.children.flatMap((child) => child.rows());
  }

  /** Begins the report anew. */
  forget(): void {
    this.record = new StageRecord('plans', 'fallback');
  }

  private distances(crowded: boolean): readonly { readonly padding_m: number; readonly margin_m: number }[] {
    const { margin_m } = this.motions;
    if (!crowded) return this.options.paddings_m.map((padding_m) => ({ padding_m, margin_m }));
    const paddings = CROWDED_PADDINGS_M.map((padding_m) => ({ padding_m, margin_m }));
    return [...paddings, { padding_m: 0, margin_m: Math.min(margin_m, LEAST_MARGIN_M) }];
  }

  /** Times the way to a grasp. */
  timedTake({ grasp, open_width_m, open_on_the_way, line, approach, abandon }: PickWay, gentle = false): TakePlan {
    const { motion, options } = this;
    return {
      grasp,
      open_width_m,
      open_on_the_way,
      approach: this.timedPath(approach),
      descend: motion.sample([motion.timeLift(line, 'down', options.line_speed_m_s, gentle ? GENTLE_TAKE : null)]),
      lift: motion.sample([motion.timeLift(line, 'up', options.carry_line_speed_m_s)]),
      abandon: this.timedPath(abandon),
    };
  }

  /** Times the way to a place and home. */
  timedPut({ release_width_m, line, transfer, home }: PutWay, gentle = false): PutPlan {
    const { motion, options } = this;
    return {
      release_width_m,
      transfer: this.timedPath(transfer, options.carry_speed_m_s),
      place: motion.sample([motion.timeLift(line, 'down', options.carry_line_speed_m_s, gentle ? GENTLE_PUT : null)]),
      retreat: motion.sample([motion.timeLift(line, 'up', options.line_speed_m_s)]),
      home: this.timedPath(home),
    };
  }

  /** Times a polyline that is travelled with an object in the hand. */
  timedCarry(path: readonly Float64Array[]): JointTrajectory {
    return this.timedPath(path, this.options.carry_speed_m_s);
  }

  private timed(way: PickWay, put: PutWay, target: Vector3, gentle?: boolean): PickPlan {
    return {
      target,
      placed: put.placed,
      ...this.timedTake(way, gentle),
      ...this.timedPut(put, gentle),
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
}

/**
 * So slowly that the hand stops before it presses hard: over the height by which the fingers reach beside what they take, and
 * by which what is held may have slipped.
 */
const GENTLE_TAKE: SlowEnd = { height_m: 0.045, speed_m_s: 0.06 };
const GENTLE_PUT: SlowEnd = { height_m: 0.02, speed_m_s: 0.06 };

/** Both gaps together between the fingers and an object that has others at its sides (m). */
const CROWDED_OPENINGS_M = [0.012, 0.007];
const CROWDED_PADDINGS_M = [0.004, 0.001, 0];
/** What is kept from others where nothing more will do (m). */
const LEAST_MARGIN_M = 0.0005;
