import type { Rng } from '../contracts/index.ts';
import { type Grasp, graspsFromAbove, USUAL_PADS } from './grasp.ts';
import { graspsFromPairs, pairsFromShape } from './grasps/index.ts';
import type { Planned } from './motion_planner.ts';
import type { PickMotions, PickScene, ReachedGrasp } from './pick_motions.ts';
import type { TableObject } from './table_objects.ts';
import { rotate, type Turn, turnInWorld, UNTURNED } from './turning.ts';

export const NOTHING_FITS = 'fits between the fingers';

export type RankedGrasp = ReachedGrasp & { readonly cost: number };

/** What grasps are wanted for. */
export interface GraspSearch {
  readonly scene: PickScene;
  /** How the object will be turned while it is held. */
  readonly turn: Turn;
  readonly accepts: (grasp: Grasp) => boolean;
  /** Grasps to choose from in place of those of the object's shape. */
  readonly given?: readonly Grasp[] | undefined;
  readonly start: Float64Array;
  readonly rng: Rng;
}

/**
 * Grasps of an object that the arm reaches, those liked most first: by the comfort of the joints, the time to get there, and
 * how well the object is held, and the room the open fingers have. From above; where that leads nowhere and there is room, with a slanted hand.
 */
export class GraspRanking {
  private readonly motions: PickMotions;
  private readonly tip_reach_m: number;

  constructor(motions: PickMotions, tip_reach_m: number) {
    this.motions = motions;
    this.tip_reach_m = tip_reach_m;
  }

  /** The lists for a search, each worked out when it is first asked for. */
  lists(search: GraspSearch): readonly Ranked[] {
    const above = new Ranked(() => this.fromAbove(search));
    const { given, accepts } = search;
    if (given !== undefined) return [new Ranked(() => this.rank(given.filter(accepts), 'given', search))];
    const slanted = new Ranked(() => this.tilted(search));
    if (search.turn !== UNTURNED) return [slanted];
    return search.scene.crowded ? [above] : [above, slanted];
  }

  private fromAbove(search: GraspSearch): Planned<RankedGrasp[]> {
    const { accepts } = search;
    const { object, support_m, crowded } = search.scene;
    const widest = this.motions.motion.robot.gripper?.max_width_m ?? 0;
    const wanted = crowded ? CROWDED_GRASPS : {};
    const grasps = graspsFromAbove(object, widest, this.tip_reach_m, support_m, wanted).filter(accepts);
    if (grasps.length > 0) return this.rank(grasps, 'grasp', search);
    return { ok: false, reason: `no side of the ${object.class} ${NOTHING_FITS} (${widest * 1000} mm open)` };
  }

  /** Grasps by a slanted hand: for places that a hand from above does not reach. */
  private tilted(search: GraspSearch): Planned<RankedGrasp[]> {
    const { object, support_m } = search.scene;
    const max_width_m = this.motions.motion.robot.gripper?.max_width_m ?? 0;
    const pairs = pairsFromShape(object.shape, { max_width_m, ...TILTED_PAIRS });
    const grasps = graspsFromPairs(pairs, poseOf(object), {
      ...{ pads: USUAL_PADS, centre: [0, 0, 0], side_clearance_m: SIDE_CLEARANCE_M, max_width_m },
      ...{ turns_rad: TILTS_RAD, tilts_rad: [0.05, MOST_TILT_RAD] },
      lowest_m: support_m + this.tip_reach_m + TABLE_CLEARANCE_M,
    });
    const world = turnInWorld(search.scene.object, search.turn);
    const serves = (grasp: Grasp): boolean => rotate(world, grasp.tool_pose)[8] < LEAST_DOWN;
    return this.rank(
      grasps.filter((grasp) => serves(grasp) && search.accepts(grasp)),
      'tilted',
      search,
    );
  }

  /** Those the arm reaches, by joint comfort, time, how well they hold and the room around them. */
  private rank(grasps: readonly Grasp[], name: string, { scene, start, rng }: GraspSearch): Planned<RankedGrasp[]> {
    const best = Math.max(...grasps.map(({ hold }) => hold));
    const reachable = grasps.flatMap((grasp, index): RankedGrasp[] => {
      const q = this.motions.reach(grasp.tool_pose, start, rng.stream(`${name}/${index}`));
      if (q === null) return [];
      const tight = Math.max(0, 1 - this.motions.roomAt(scene, grasp, q) / ROOM_M);
      const cost = this.motions.cost(start, q) + HOLD_COST_S * (best / grasp.hold - 1) + TIGHT_COST_S * tight;
      return [{ grasp, q, cost }];
    });
    if (reachable.length > 0 || grasps.length === 0)
      return { ok: true, value: reachable.sort((a, b) => a.cost - b.cost) };
    return { ok: false, reason: `none of ${grasps.length} grasps can be reached within the joint limits` };
  }
}

/** Grasps of one kind, worked out when they are first asked for. */
export class Ranked {
  private readonly make: () => Planned<RankedGrasp[]>;
  private made: Planned<RankedGrasp[]> | null = null;

  constructor(make: () => Planned<RankedGrasp[]>) {
    this.make = make;
  }

  list(fail: (reason: string) => void): readonly RankedGrasp[] {
    this.made ??= this.make();
    if (this.made.ok) return this.made.value;
    fail(this.made.reason);
    return [];
  }
}

/** Seconds of motion that a grasp which holds half as much as the best one has to save. */
const HOLD_COST_S = 5;
/** Room the open fingers are to have (m), and the seconds of motion it is worth. */
const ROOM_M = 0.008;
const TIGHT_COST_S = 1;
const SIDE_CLEARANCE_M = 0.006;
const TABLE_CLEARANCE_M = 0.006;
/** Slants of the hand tried (rad). */
const TILTS_RAD = [0.25, -0.25, 0.5, -0.5, 0.8, -0.8];
const MOST_TILT_RAD = 0.9;
/** The tool's z axis points down by at least this where the object is put, as its component along z. */
const LEAST_DOWN = -0.5;
const TILTED_PAIRS = { spacing_m: 0.012, directions: 8 };
const CROWDED_GRASPS = { cylinder_yaws: 24, shifts_m: [0, 0.008, -0.008] };

function poseOf({ position, yaw_rad }: TableObject): Float64Array {
  const [c, s] = [Math.cos(yaw_rad), Math.sin(yaw_rad)];
  return Float64Array.of(c, -s, 0, s, c, 0, 0, 0, 1, ...position);
}
