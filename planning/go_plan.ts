import type { GoPlace, JointTrajectory, Rng, Vector3 } from '../contracts/index.ts';
import { cartesianLine, linePoints, movedPose } from './cartesian_line.ts';
import type { MotionPlanner, Planned } from './motion_planner.ts';
import { asObstacle } from './pick_motions.ts';
import type { TableObject } from './table_objects.ts';
import { aboutVertical, rotate, transposed } from './turning.ts';

/** Where the arm is and what stands about it. */
export interface GoQuery {
  readonly start: Float64Array;
  readonly finger_width_m: number;
  readonly seen: readonly TableObject[];
}

export interface GoMotion {
  readonly label: string;
  readonly trajectory: JointTrajectory;
}

/** Ways out of a tight place, tried in this order (m). */
const RETREATS_M = [0.1, 0.06, 0.03];
const UP: Vector3 = [0, 0, 1];
const PADDING_M = 0.004;
const HELD_PADDING_M = 0.002;
/** An object whose centre is this near to the tool's origin may be in the hand (m). */
const IN_HAND_M = 0.04;
/** Fingers closer than this hold nothing, and such further apart than what is between them do not hold it (m). */
const CLOSED_M = 0.005;
const LOOSE_M = 0.004;
/** Contacts at the start that a retreat may leave behind. */
const MOST_CONTACTS = 24;
/** Between points of a line (rad). */
const LINE_STEP_RAD = 0.02;
/** An arm this near to home is there (rad). */
const THERE_RAD = 1e-3;
/** Room beyond the tool's place for an arm that starts outside the planner's box (m). */
const BOX_ROOM_M = 0.001;
/** Speed of the tool on its way (m/s). */
export const GO_SPEED_M_S = 0.2;

/**
 * Plans an arm out of wherever it stands: home, or a little away. What is in the hand comes along. From among things it
 * first retreats in a straight line, up or else back along the tool's axis: what it touches at the start, and nothing else,
 * may be touched until the line's end, which is clear of everything.
 */
export function planGo(motion: MotionPlanner, to: GoPlace, query: GoQuery, rng: Rng): Planned<readonly GoMotion[]> {
  const { robot, world } = motion;
  const { start } = query;
  furnish(motion, query);
  const home = robot.home_q.slice(0, robot.arm_joints);
  if (to === 'home') {
    if (start.every((q, j) => Math.abs(q - home[j]) < THERE_RAD)) return { ok: true, value: [] };
    const direct = world.collides(start) ? null : motion.jointPath(start, home, rng.stream('direct'));
    if (direct?.ok) return { ok: true, value: [timed(motion, 'home', direct.value)] };
  }
  const retreat = planRetreat(motion, query);
  if (!retreat.ok) return retreat;
  const first = timed(motion, 'retreat', retreat.value);
  if (to === 'retreat') return { ok: true, value: [first] };
  furnish(motion, query);
  const there = motion.jointPath(retreat.value[retreat.value.length - 1], home, rng.stream('home'));
  return there.ok ? { ok: true, value: [first, timed(motion, 'home', there.value)] } : there;
}

/** The first straight way out that will do, as points. */
function planRetreat(motion: MotionPlanner, query: GoQuery): Planned<readonly Float64Array[]> {
  const tool = motion.toolPose(query.start);
  const back: Vector3 = [-tool[2], -tool[5], -tool[8]];
  const failures: string[] = [];
  for (const [name, way] of [
    ['up', UP],
    ['back', back],
  ] as const) {
    for (const far_m of RETREATS_M) {
      const target = movedPose(tool, [far_m * way[0], far_m * way[1], far_m * way[2]]);
      const line = cartesianLine(motion.ik, query.start, target);
      const points = line.ok ? linePoints(line.value, LINE_STEP_RAD) : [];
      const why = line.ok ? blocked(motion, query, points) : line.reason;
      if (why === '') return { ok: true, value: points };
      failures.push(`${name} by ${100 * far_m} cm: ${why}`);
    }
  }
  return { ok: false, reason: `there is no free way out: ${failures.join('; ')}` };
}

/** Why a way out is not free; empty when it is. */
function blocked(motion: MotionPlanner, query: GoQuery, points: readonly Float64Array[]): string {
  const { world } = motion;
  furnish(motion, query);
  const contact = (): string => world.lastContact().join(' would touch ');
  const end = points[points.length - 1];
  if (world.collides(end)) return contact();
  for (let k = 0; world.collides(points[0]); k++) {
    const [link, other] = world.lastContact();
    if (k === MOST_CONTACTS || !isThing(motion, query, other)) return `${link} touches ${other} already`;
    world.allow(link, other);
  }
  return motion.pathFree(points) ? '' : contact();
}

const thing = (k: number): string => `object ${k}`;

function isThing({ workcell }: MotionPlanner, { seen }: GoQuery, name: string): boolean {
  return workcell.obstacles.some((obstacle) => obstacle.name === name) || seen.some((_, k) => thing(k) === name);
}

/** Sets the world up as it is: everything that stands about, and what is in the hand. */
function furnish(motion: MotionPlanner, { start, seen, finger_width_m }: GoQuery): void {
  const { world, workcell } = motion;
  const tool = motion.toolPose(start);
  const at: Vector3 = [tool[9], tool[10], tool[11]];
  world.setToolBox(
    corner(workcell.tool_lower_m, at, (edge, x) => Math.min(edge, x - BOX_ROOM_M)),
    corner(workcell.tool_upper_m, at, (edge, x) => Math.max(edge, x + BOX_ROOM_M)),
  );
  world.detach();
  world.setGripperWidth(finger_width_m);
  const held = seen.find((object) => isHeld(object, at, finger_width_m));
  const standing = seen.flatMap((object, k) => (object === held ? [] : [asObstacle(object, thing(k), PADDING_M)]));
  world.setObstacles([...workcell.obstacles, ...standing]);
  if (held === undefined) return;
  world.attach(held.shape, inTool(tool, held), HELD_PADDING_M);
}

/** Between the fingers, which are as far apart as it is wide. */
function isHeld({ shape, position }: TableObject, [x, y, z]: Vector3, finger_width_m: number): boolean {
  if (finger_width_m < CLOSED_M || Math.hypot(position[0] - x, position[1] - y, position[2] - z) > IN_HAND_M)
    return false;
  const widths = shape.type === 'box' ? shape.size : [2 * shape.radius];
  return widths.some((width_m) => Math.abs(width_m - finger_width_m) <= LOOSE_M);
}

/** Pose of an object in the tool frame. */
function inTool(tool: Float64Array, { position, yaw_rad }: TableObject): Float64Array {
  const R = transposed(tool);
  const out = new Float64Array(12);
  out.set(rotate(R, aboutVertical(yaw_rad)));
  const d = position.map((x, k) => x - tool[9 + k]);
  for (let r = 0; r < 3; r++) out[9 + r] = R[3 * r] * d[0] + R[3 * r + 1] * d[1] + R[3 * r + 2] * d[2];
  return out;
}

function corner(edges: Vector3, at: Vector3, pick: (edge: number, x: number) => number): Vector3 {
  return [pick(edges[0], at[0]), pick(edges[1], at[1]), pick(edges[2], at[2])];
}

function timed(motion: MotionPlanner, label: string, path: readonly Float64Array[]): GoMotion {
  return { label, trajectory: motion.sample(motion.timeJointPath(path, GO_SPEED_M_S)) };
}
