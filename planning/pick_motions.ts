import { HELD, type Obstacle } from '../collision/index.ts';
import type { Rng, Vector3 } from '../contracts/index.ts';
import { type Grasp, toolDown } from './grasp.ts';
import type { LiftLine, MotionPlanner, Planned } from './motion_planner.ts';
import { shapeHeight, type TableObject } from './table_objects.ts';
import { timeLine } from './timing/index.ts';

/** What the motions of one pick are planned among. */
export interface PickScene {
  readonly object: TableObject;
  /** Everything else that stands about, padded. */
  readonly neighbours: readonly Obstacle[];
  readonly padding_m: number;
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
  readonly line: LiftLine;
  readonly approach: readonly Float64Array[];
  readonly abandon: readonly Float64Array[];
}

/** A way with the object to a place, the straight line down to it, and the way home. */
export interface PutWay {
  readonly release_width_m: number;
  readonly line: LiftLine;
  readonly transfer: readonly Float64Array[];
  readonly home: readonly Float64Array[];
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

const TARGET = 'target object';
const PLACED = 'placed object';
const PLACE_TRIES = 8;
const REACH_YAWS = 4;
/** About half an object's height (m). */
const REACH_OVER_M = 0.025;
export const NOT_WITHIN_REACH = 'cannot be brought to the target within the joint limits';

const no = (what: string, reason: string): { ok: false; reason: string } => ({
  ok: false,
  reason: `${what}: ${reason}`,
});

/** The parts of a pick and place, each planned with the world as it will be then. */
export class PickMotions {
  readonly motion: MotionPlanner;
  private readonly options: MotionOptions;

  constructor(motion: MotionPlanner, options: MotionOptions) {
    this.motion = motion;
    this.options = options;
  }

  /** The way to one grasp with the fingers `open_width_m` apart. */
  pick(
    scene: PickScene,
    start: Float64Array,
    candidate: ReachedGrasp,
    open_width_m: number,
    rng: Rng,
  ): Planned<PickWay> {
    const { motion } = this;
    const { world, workcell } = motion;
    const { object, neighbours, padding_m, rest_q } = scene;
    const { grasp, q } = candidate;
    world.detach();
    world.setObstacles([...workcell.obstacles, ...neighbours, asObstacle(object, TARGET, Math.min(padding_m, 0.002))]);
    world.setGripperWidth(open_width_m);
    if (world.collides(q)) return no('approach', this.contact());
    candidate.line ??= motion.liftLine(q, this.options.lift_m);
    const { line } = candidate;
    if (!line.ok) return no('approach', line.reason);
    if (!motion.lineFree(line.value)) return no('approach', this.contact());
    const approach = motion.jointPath(start, line.value.top, rng.stream('approach'));
    if (!approach.ok) return no('approach', approach.reason);
    const abandon = motion.jointPath(line.value.top, rest_q, rng.stream('abandon'));
    if (!abandon.ok) return no('way back', abandon.reason);
    this.hold(scene, grasp);
    if (scene.crowded) for (const { name } of [...workcell.obstacles, ...neighbours]) world.allow(HELD, name);
    if (!motion.lineFree(line.value)) return no('lift', this.contact());
    return {
      ok: true,
      value: { grasp, open_width_m, line: line.value, approach: approach.value, abandon: abandon.value },
    };
  }

  /** Sets the world up for motions with the object between the fingers; it may touch what it stands on. */
  hold({ object, neighbours, padding_m }: PickScene, grasp: Grasp): void {
    const { world, workcell } = this.motion;
    world.setObstacles([...workcell.obstacles, ...neighbours]);
    world.setGripperWidth(grasp.width_m);
    world.attach(object.shape, grasp.T_tool_object, Math.min(padding_m, 0.003));
    this.allowSupports(true);
    world.allow(HELD, 'floor');
  }

  /**
   * The way from `from` with the object in the hand to its place, and home from there.
   * @param near  arm joints the place is reached near to (rad)
   * @param target  where the object's centre is to stand, at the height of what it stands on (m)
   */
  put(
    scene: PickScene,
    grasp: Grasp,
    from: Float64Array,
    near: Float64Array,
    target: Vector3,
    rng: Rng,
  ): Planned<PutWay> {
    const { motion, options } = this;
    const { world, workcell, robot } = motion;
    this.hold(scene, grasp);
    const placed = this.place(scene, grasp, from, near, target, rng);
    if (!placed.ok) return placed;
    const { line, path: transfer } = placed.value;
    const release_width_m = Math.min(robot.gripper?.max_width_m ?? 0, grasp.width_m + options.release_opening_m);
    world.detach();
    world.setGripperWidth(release_width_m);
    const resting: Obstacle = {
      name: PLACED,
      shape: scene.object.shape,
      pose: {
        position: [target[0], target[1], target[2] + shapeHeight(scene.object.shape) / 2],
        orientation: yawOf(motion.toolPose(line.bottom), grasp),
      },
      padding_m: 0,
    };
    world.setObstacles([...workcell.obstacles, ...scene.neighbours, resting]);
    if (scene.crowded && !motion.lineFree(line)) return no('retreat', this.contact());
    const home = motion.jointPath(line.top, scene.rest_q, rng.stream('home'));
    if (!home.ok) return no('retreat', home.reason);
    return { ok: true, value: { release_width_m, line, transfer, home: home.value } };
  }

  /** Grows as joints near their limits or leave the home posture, and with the time it takes to get there (s). */
  cost(from: Float64Array, q: Float64Array): number {
    return this.discomfort(q) + timeLine(from, q, this.motion.limits).duration_s;
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

  /** A line down to the place and a way to its top, with the object held; the world is set up for it. */
  private place(
    { object, support_m }: PickScene,
    grasp: Grasp,
    from: Float64Array,
    near: Float64Array,
    target: Vector3,
    rng: Rng,
  ): Planned<{ line: LiftLine; path: readonly Float64Array[] }> {
    const { motion, options } = this;
    const z = grasp.tool_pose[11] + options.release_height_m + (target[2] - support_m);
    const T = grasp.T_tool_object;
    const ways: { q: Float64Array; cost: number }[] = [];
    for (let k = 0; k < options.place_yaws; k++) {
      const yaw = grasp.closing_yaw_rad + (2 * Math.PI * k) / options.place_yaws;
      const pose = toolDown(yaw, 0, 0, z);
      pose[9] = target[0] - (pose[0] * T[9] + pose[1] * T[10]);
      pose[10] = target[1] - (pose[3] * T[9] + pose[4] * T[10]);
      const q = this.reach(pose, near, rng.stream(`place/${k}`));
      if (q !== null) ways.push({ q, cost: this.cost(near, q) });
    }
    if (ways.length === 0) return no('place', `the ${object.class} ${NOT_WITHIN_REACH}`);
    ways.sort((a, b) => a.cost - b.cost);
    let reason = '';
    for (const [index, { q }] of ways.slice(0, PLACE_TRIES).entries()) {
      const line = motion.liftLine(q, options.lift_m);
      if (!line.ok) {
        reason = line.reason;
        continue;
      }
      this.allowSupports(true);
      if (!motion.lineFree(line.value)) {
        reason = this.contact();
        continue;
      }
      this.allowSupports(false);
      const path = motion.jointPath(from, line.value.top, rng.stream(`transfer/${index}`));
      if (path.ok) return { ok: true, value: { line: line.value, path: path.value } };
      reason = path.reason;
    }
    return no('place', reason);
  }

  private allowSupports(may_touch: boolean): void {
    const { world, workcell } = this.motion;
    for (const name of workcell.supports) world.allow(HELD, name, may_touch);
  }

  private contact(): string {
    return this.motion.world.lastContact().join(' would touch ');
  }
}

/** An object as the planner stays away from it. */
export function asObstacle(object: TableObject, name: string, padding_m: number): Obstacle {
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
