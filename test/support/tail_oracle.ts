import { ConvexSet, Gjk } from '../../collision/index.ts';
import type { Rng, Shape } from '../../contracts/index.ts';
import {
  forwardKinematics,
  multiplyMatrices,
  quaternionToMatrix,
  RobotData,
  rotate,
  rotationExp,
} from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { linkCapsules } from '../../safety/collision/link_capsules.ts';
import { selfPairs } from '../../safety/collision/self_pairs.ts';
import { envelopeForRobot } from '../../safety/envelope.ts';
import { JointGuard } from '../../safety/joint_guard.ts';
import type { Obstacle, ObstacleShape } from '../../safety/obstacle.ts';

/** Clearances beyond this are not told apart (m). */
const FAR = 0.1;

/**
 * The slow way to know how near a stop comes to obstacles and to the arm itself: every cycle of it, every pair, the
 * distance by GJK; only pairs whose bounding spheres are far apart are left out.
 */
export class TailOracle {
  obstacles: readonly Obstacle[] = [];
  set_s = 0;
  worst = '';
  private readonly robot: Robot;
  private readonly margins: { readonly self: number; readonly obstacle: number };
  private readonly data: RobotData;
  private readonly q: Float64Array;
  private readonly gjk = new Gjk();
  private readonly arm: ConvexSet;
  private readonly shapes: ConvexSet;
  private world = new ConvexSet(0);

  constructor(robot: Robot, margins: { readonly self: number; readonly obstacle: number }) {
    this.robot = robot;
    this.margins = margins;
    this.data = new RobotData(robot.model);
    this.q = robot.home_q.slice();
    const { count, ends } = linkCapsules(robot);
    this.shapes = new ConvexSet(robot.model.collision.length);
    for (const { shape } of robot.model.collision) this.shapes.add(shape);
    this.arm = new ConvexSet(count);
    for (let c = 0; c < count; c++) {
      const [ax, ay, az, bx, by, bz] = ends.subarray(6 * c, 6 * c + 6);
      this.arm.add({ type: 'box', size: [0, 0, Math.hypot(bx - ax, by - ay, bz - az)] });
    }
  }

  /** Poses of the collision shapes at the last forward kinematics. */
  private placeShapes(): void {
    const { data, shapes } = this;
    this.robot.model.collision.forEach(({ body, R, p }, i) => {
      if (body < 0) {
        shapes.pose.set([...R, ...p], 12 * i);
        return;
      }
      multiplyMatrices(data.R, 9 * body, R, 0, shapes.pose, 12 * i);
      const at = rotate(data.R.subarray(9 * body), p);
      for (let k = 0; k < 3; k++) shapes.pose[12 * i + 9 + k] = at[k] + data.p[3 * body + k];
    });
  }

  setObstacles(obstacles: readonly Obstacle[], t_s = 0): void {
    this.obstacles = obstacles;
    this.set_s = t_s;
    this.world = new ConvexSet(obstacles.length);
    obstacles.forEach(({ shape, pose }, i) => {
      this.world.add(core(shape));
      quaternionToMatrix(pose.orientation, 0, this.world.pose, 12 * i);
    });
  }

  /** Least clearance (distance less margin, at most FAR; m) over the proposals and every cycle of the stop from them. */
  tailClearance(joints: readonly JointGuard[], t_s: number, hz: number): number {
    const cycles = Math.max(...joints.map((joint) => joint.tail.cycles));
    let least = FAR;
    for (let k = 0; k <= cycles; k++) {
      joints.forEach((joint, i) => {
        joint.tail.locate(k);
        this.q[i] = joint.next_p + joint.tail.displacement;
      });
      least = Math.min(least, this.clearance(this.q, t_s + k / hz));
    }
    return least;
  }

  /** Least clearance at one configuration and time. */
  clearance(q: ArrayLike<number>, t_s: number): number {
    const { robot, arm, world, margins } = this;
    const { radius, count, link } = linkCapsules(robot);
    for (let k = 0; k < robot.arm_joints; k++) this.q[k] = q[k];
    this.placeArm();
    let least = FAR;
    const consider = (value: number, name: string): void => {
      if (value < least) this.worst = `${name}: ${value}`;
      least = Math.min(least, value);
    };
    for (const { fixed, moving } of selfPairs(robot, margins.self)) {
      const rest = radius[fixed] + radius[moving] + margins.self;
      let apart = this.distance(arm, moving, arm, fixed, rest) - rest;
      if (apart < FAR) apart = Math.max(apart, this.shapesApart(link[fixed], moving));
      consider(apart, `${link[moving]} ${link[fixed]}`);
    }
    this.obstacles.forEach(({ id, pose, velocity_m_per_s, shape }, o) => {
      for (let axis = 0; axis < 3; axis++) {
        world.pose[12 * o + 9 + axis] = pose.position[axis] + (t_s - this.set_s) * velocity_m_per_s[axis];
      }
      const rounding = shape.type === 'sphere' || shape.type === 'capsule' ? shape.radius : 0;
      for (let c = 0; c < count; c++) {
        if (linkCapsules(robot).body[c] < 0) continue;
        const rest = radius[c] + rounding + margins.obstacle;
        consider(this.distance(arm, c, world, o, rest) - rest, `${link[c]} ${id}`);
      }
    });
    return least;
  }

  /** Clearance of a capsule to the collision shapes of a link themselves; nothing is known of those that fingers move. */
  private shapesApart(link: string, capsule: number): number {
    const { robot, arm, shapes, margins } = this;
    let least = Number.POSITIVE_INFINITY;
    robot.model.collision.forEach((item, i) => {
      if (item.link !== link) return;
      const rest = linkCapsules(robot).radius[capsule] + margins.self;
      least = Math.min(least, this.distance(arm, capsule, shapes, i, rest) - rest);
    });
    return least;
  }

  private distance(a: ConvexSet, i: number, b: ConvexSet, j: number, rest: number): number {
    let square = 0;
    for (let axis = 9; axis < 12; axis++) square += (a.pose[12 * i + axis] - b.pose[12 * j + axis]) ** 2;
    const apart = Math.sqrt(square) - a.bound[i] - b.bound[j];
    return apart - rest > FAR ? apart : this.gjk.distance(a, i, b, j);
  }

  private placeArm(): void {
    const { robot, data, arm, q } = this;
    const { count, body, ends } = linkCapsules(robot);
    forwardKinematics(robot.model, data, q);
    this.placeShapes();
    for (let c = 0; c < count; c++) {
      const at = (e: number): number[] => {
        const x = [...ends.subarray(e, e + 3)];
        if (body[c] < 0) return x;
        const R = data.R.subarray(9 * body[c]);
        const p = data.p.subarray(3 * body[c]);
        return [0, 1, 2].map((r) => R[3 * r] * x[0] + R[3 * r + 1] * x[1] + R[3 * r + 2] * x[2] + p[r]);
      };
      const a = at(6 * c);
      const b = at(6 * c + 3);
      turnZ(
        b.map((value, k) => value - a[k]),
        arm.pose,
        12 * c,
      );
      for (let k = 0; k < 3; k++) arm.pose[12 * c + 9 + k] = (a[k] + b[k]) / 2;
    }
  }
}

/** The shape whose ball-grown form the obstacle is; a capsule's is a box without width. */
function core(shape: ObstacleShape): Shape {
  if (shape.type === 'box' || shape.type === 'cylinder') return shape;
  return { type: 'box', size: [0, 0, shape.type === 'sphere' ? 0 : shape.length] };
}

/** A rotation that turns z to the direction of d. */
function turnZ(d: readonly number[], out: Float64Array, at: number): void {
  const flat = Math.hypot(d[0], d[1]);
  const angle = Math.atan2(flat, d[2]);
  const scale = flat > 0 ? angle / flat : 0;
  rotationExp(-d[1] * scale, d[0] * scale, 0, out, at);
  if (flat === 0 && d[2] < 0) rotationExp(Math.PI, 0, 0, out, at);
}

export function guardsOf(robot: Robot, hz: number): JointGuard[] {
  return envelopeForRobot(robot).joints.map(
    (joint) =>
      new JointGuard(
        {
          position_lower: joint.position_lower_rad,
          position_upper: joint.position_upper_rad,
          velocity: joint.velocity_rad_per_s,
          acceleration: joint.acceleration_rad_per_s2,
          jerk: joint.jerk_rad_per_s3,
        },
        hz,
      ),
  );
}

/** Joints at a random state within `spread` of home (rad), at `speed` of their limits at most, with the stop from it. */
export function scatter(
  rng: Rng,
  robot: Robot,
  joints: readonly JointGuard[],
  hz: number,
  speed: number,
  spread = 0.7,
): void {
  joints.forEach((joint, k) => {
    const { bounds } = joint;
    const home = robot.home_q[k] + rng.range(-spread, spread);
    joint.next_p = Math.min(Math.max(home, bounds.position_lower), bounds.position_upper);
    joint.next_v = speed * bounds.velocity * rng.range(-1, 1);
    joint.next_a = speed * bounds.acceleration * rng.range(-1, 1);
    joint.p = joint.next_p - joint.next_v / hz;
    joint.tail.velocity = joint.next_v;
    joint.tail.acceleration = joint.next_a;
    joint.tail.solve();
  });
}

/** A random obstacle in the arm's surroundings; `speed` m/s at most along each axis. */
export function randomObstacle(rng: Rng, id: string, speed = 0): Obstacle {
  const size = (): number => rng.range(0.02, 0.2);
  const shapes: readonly ObstacleShape[] = [
    { type: 'box', size: [size(), size(), size()] },
    { type: 'cylinder', radius: size() / 2, length: size() },
    { type: 'sphere', radius: size() / 2 },
    { type: 'capsule', radius: size() / 2, length: size() },
  ];
  const turn = [rng.normal(), rng.normal(), rng.normal(), rng.normal()];
  const norm = Math.hypot(...turn);
  return {
    id,
    shape: shapes[rng.int(4)],
    pose: {
      position: [rng.range(-0.9, 0.9), rng.range(-0.9, 0.9), rng.range(-0.1, 1.2)],
      orientation: [turn[0] / norm, turn[1] / norm, turn[2] / norm, turn[3] / norm],
    },
    velocity_m_per_s: [rng.range(-speed, speed), rng.range(-speed, speed), rng.range(-speed, speed)],
  };
}
