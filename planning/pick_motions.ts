import { HELD, type Obstacle } from '../collision/index.ts';
import type { Rng, Vector3 } from '../contracts/index.ts';
import { type Grasp, toolDown } from './grasp.ts';
import type { LiftLine, MotionPlanner, Planned } from './motion_planner.ts';
import type { TableObject } from './table_objects.ts';
import { timeLine } from './timing/index.ts';
import {
  aboutVertical,
  rotate,
  type Standing,
  standing,
  type Turn,
  turnedHeight,
  turnInWorld,
  UNTURNED,
  uprightQuaternion,
} from './turning.ts';

/** What the motions of one pick are planned among. */
export interface PickScene {
  readonly object: TableObject;
  /** Everything else that stands about, padded. */
  readonly neighbours: readonly Obstacle[];
  readonly padding_m: number;
  /** Distance kept from everything beyond its padding (m). */
  readonly margin_m: number;
  /** Things touch each other or walls: they do not keep what is held from being lifted, and letting go is checked as well. */
  readonly crowded: boolean;
  /** Height of what the object stands on (m). */
  readonly support_m: number;
  /** Where the arm goes in the end, or when it gives up (rad). */
  readonly rest_q: Float64Array;
}

/** A way to a grasp, the straight line of the grasp, and a way back from above it with empty fingers. */
export interface PickWay {
  readonly grasp: Grasp;
  readonly open_width_m: number;
  /** Whether the way there is free while the fingers open, too. */
  readonly open_on_the_way: boolean;
  readonly line: LiftLine;
  readonly approach: readonly Float64Array[];
  readonly abandon: readonly Float64Array[];
}

/** What is in the hand, and from where it is to be brought to a place. */
export interface Carried {
  readonly scene: PickScene;
  readonly grasp: Grasp;
  readonly from: Float64Array;
  /** Arm joints the place is reached near to (rad). */
  readonly near: Float64Array;
  /** How it is to be turned on the way. */
  readonly turn: Turn;
}

/** A way with the object to a place, the straight line down to it, and the way home. */
export interface PutWay {
  readonly release_width_m: number;
  /** The object as it stands then. */
  readonly placed: Standing;
  readonly line: LiftLine;
  readonly transfer: readonly Float64Array[];
  readonly home: readonly Float64Array[];
}

/** How far the fingers open to let go, and how the object stands then. */
export interface Release {
  readonly width_m: number;
  readonly placed: Standing;
}

/** A grasp with arm joints that reach it; the line up from there is the same for every opening of the fingers. */
export interface ReachedGrasp {
  readonly grasp: Grasp;
  readonly q: Float64Array;
  line?: Planned<LiftLine>;
}

export interface MotionOptions {
  readonly lift_m: number;
  readonly release_height_m: number;
  readonly release_opening_m: number;
  readonly place_yaws: number;
}

/** Gap to either side of the object at which the room around a grasp is measured (m). */
const ROOM_SIDE_M = 0.01;
const TARGET = 'target object';
const PLACED = 'placed object';
const PLACE_TRIES = 8;
/** Places are not reached with the tool's z axis flatter than this over the vertical: its component along z. */
const LEAST_DOWN = -0.5;
/** Further and smaller openings of the fingers beyond an object that is let go of among others (m). */
const TIGHT_RELEASES_M = [0.018, 0.01];
const REACH_YAWS = 4;
/** About half an object's height (m). */
const REACH_OVER_M = 0.025;
export const NOT_WITHIN_REACH = 'cannot be brought to the target within the joint limits';

/** The parts of a pick and place, each planned with the world as it will be then. */
export class PickMotions {
  readonly motion: MotionPlanner;
  /** Distance kept from everything beyond its padding where nothing asks for less (m). */
  readonly margin_m: number;
  private readonly options: MotionOptions;

  constructor(motion: MotionPlanner, options: MotionOptions) {
    this.motion = motion;
    this.margin_m = motion.world.margin_m;
    this.options = options;
  }

  /** Sets the world up for the way to an object, with the fingers `open_width_m` apart and nothing between them. */
  reachFor({ object, neighbours, padding_m, margin_m }: PickScene, open_width_m: number): void {
    const { world, workcell } = this.motion;
    world.detach();
    world.margin_m = margin_m;
    world.setObstacles([...workcell.obstacles, ...neighbours, asObstacle(object, TARGET, Math.min(padding_m, 0.002))]);
    world.setGripperWidth(open_width_m);
  }

  /** Distance of the hand, its fingers open a little further than the object, from all that stands about (m). */
  roomAt(scene: PickScene, grasp: Grasp, q: Float64Array): number {
    this.reachFor(scene, Math.min(this.motion.robot.gripper?.max_width_m ?? 0, grasp.width_m + 2 * ROOM_SIDE_M));
    return this.motion.world.clearance(q);
  }

  /** The straight line up from a grasp, free with open fingers. The world is set up for the way there. */
  graspLine(scene: PickScene, candidate: ReachedGrasp, open_width_m: number): Planned<LiftLine> {
    const { motion } = this;
    this.reachFor(scene, open_width_m);
    if (motion.world.collides(candidate.q)) return this.contact();
    candidate.line ??= motion.liftLine(candidate.q, this.options.lift_m);
    const { line } = candidate;
    return !line.ok || motion.lineFree(line.value) ? line : this.contact();
  }

  /** Whether the line of a grasp stays free with the object in the hand. */
  lift(scene: PickScene, { grasp, line }: Pick<PickWay, 'grasp' | 'line'>): Planned<null> {
    const { world, workcell } = this.motion;
    this.hold(scene, grasp);
    if (scene.crowded) for (const { name } of [...workcell.obstacles, ...scene.neighbours]) world.allow(HELD, name);
    return this.motion.lineFree(line) ? { ok: true, value: null } : this.contact();
  }

  /** Sets the world up for motions with the object between the fingers; it may touch what it stands on. */
  hold({ object, neighbours, padding_m, margin_m }: PickScene, grasp: Grasp): void {
    const { world, workcell } = this.motion;
    world.margin_m = margin_m;
    world.setObstacles([...workcell.obstacles, ...neighbours]);
    world.setGripperWidth(grasp.width_m);
    world.attach(object.shape, grasp.T_tool_object, Math.min(padding_m, 0.003));
    this.allowSupports(true);
    world.allow(HELD, 'floor');
  }

  /**
   * Arm joints with the object over a spot, where it is let go, in any direction; the cheapest first.
   * @param spot  where the object's centre is to stand, at the height of what it stands on (m)
   */
  placePoses({ scene, grasp, near, turn }: Carried, spot: Vector3, rng: Rng): { q: Float64Array; cost: number }[] {
    const { options } = this;
    const z = spot[2] + turnedHeight(scene.object.shape, turn) / 2 + options.release_height_m;
    const T = grasp.T_tool_object;
    const turned = rotate(turnInWorld(scene.object, turn), grasp.tool_pose);
    const ways: { q: Float64Array; cost: number }[] = [];
    for (let k = 0; k < options.place_yaws; k++) {
      const R = rotate(aboutVertical((2 * Math.PI * k) / options.place_yaws), turned);
      if (R[8] > LEAST_DOWN) continue;
      const pose = new Float64Array(12);
      pose.set(R);
      [spot[0], spot[1], z].forEach((x, r) => {
        pose[9 + r] = x - (R[3 * r] * T[9] + R[3 * r + 1] * T[10] + R[3 * r + 2] * T[11]);
      });
      const q = this.reach(pose, near, rng.stream(`${k}`));
      if (q !== null) ways.push({ q, cost: this.cost(near, q) });
    }
    return ways.sort((a, b) => a.cost - b.cost).slice(0, PLACE_TRIES);
  }

  /** The straight line down to a place, free with the object in the hand. */
  placeLine({ scene, grasp }: Carried, q: Float64Array): Planned<LiftLine> {
    this.hold(scene, grasp);
    const line = this.motion.liftLine(q, this.options.lift_m);
    return !line.ok || this.motion.lineFree(line.value) ? line : this.contact();
  }

  /** The way with the object in the hand to the top of a place's line; nothing it stands on may be touched now. */
  transfer({ scene, grasp, from }: Carried, to: Float64Array, rng: Rng): Planned<readonly Float64Array[]> {
    this.hold(scene, grasp);
    this.allowSupports(false);
    return this.motion.jointPath(from, to, rng);
  }

  /** Width at which an object is let go with room for the fingers among what stands about. */
  release({ scene, grasp, turn }: Carried, line: LiftLine, spot: Vector3): Planned<Release> {
    const { options } = this;
    const tool = this.motion.toolPose(line.bottom);
    const placed = standing(scene.object, rotate(tool, grasp.T_tool_object), spot);
    if (placed === null) return { ok: false, reason: `the ${scene.object.class} would lie there` };
    const careful = scene.crowded || turn !== UNTURNED;
    const widest = this.motion.robot.gripper?.max_width_m ?? 0;
    for (const opening_m of [options.release_opening_m, ...(careful ? TIGHT_RELEASES_M : [])]) {
      const width_m = Math.min(widest, grasp.width_m + opening_m);
      this.leave(scene, placed.object, width_m);
      if (!careful || this.motion.lineFree(line)) return { ok: true, value: { width_m, placed } };
    }
    return this.contact();
  }

  /** Sets the world up for leaving an object where it was put. */
  private leave(scene: PickScene, placed: TableObject, width_m: number): void {
    const { world, workcell } = this.motion;
    world.detach();
    world.setGripperWidth(width_m);
    world.setObstacles([...workcell.obstacles, ...scene.neighbours, asObstacle(placed, PLACED, 0)]);
  }

  /** Grows as joints near their limits or leave the home posture, and with the time it takes to get there (s). */
  cost(from: Float64Array, q: Float64Array): number {
    return this.discomfort(q) + timeLine(from, q, this.motion.limits).duration_s;
  }

  /** The least time a polyline takes by the joints' speeds alone (s). */
  duration(path: readonly Float64Array[]): number {
    const { velocity } = this.motion.limits;
    let sum = 0;
    for (let i = 1; i < path.length; i++) {
      let longest = 0;
      for (let j = 0; j < velocity.length; j++) {
        longest = Math.max(longest, Math.abs(path[i][j] - path[i - 1][j]) / velocity[j]);
      }
      sum += longest;
    }
    return sum;
  }

  /** Arm joints at a tool pose, or null. */
  reach(pose: Float64Array, seed: Float64Array, rng: Rng): Float64Array | null {
    const solution = this.motion.ik.solve(pose, seed, rng);
    return solution.ok ? solution.q.slice() : null;
  }

  /** True if the tool can point down a little over a place, in any of a few directions; whatever stands in the way. */
  canReach(target: Vector3, rng: Rng): boolean {
    const home = this.motion.robot.home_q.slice(0, this.motion.robot.arm_joints);
    for (let k = 0; k < REACH_YAWS; k++) {
      const pose = toolDown((Math.PI * k) / REACH_YAWS, target[0], target[1], target[2] + REACH_OVER_M);
      if (this.reach(pose, home, rng.stream(`${k}`)) !== null) return true;
    }
    return false;
  }

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

  private allowSupports(may_touch: boolean): void {
    const { world, workcell } = this.motion;
    for (const name of workcell.supports) world.allow(HELD, name, may_touch);
  }

  private contact(): { ok: false; reason: string } {
    return { ok: false, reason: this.motion.world.lastContact().join(' would touch ') };
  }
}

/** An object as the planner stays away from it. */
export function asObstacle(object: TableObject, name: string, padding_m: number): Obstacle {
  return {
    name,
    shape: object.shape,
    pose: { position: object.position, orientation: uprightQuaternion(object.yaw_rad) },
    padding_m,
  };
}
