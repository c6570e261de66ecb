import type { BodyTrack, Rng, Vector3 } from '../../contracts/index.ts';
import { forwardKinematics, RobotData } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { linkCapsules } from '../../safety/collision/link_capsules.ts';

/** A point and another, m. */
type Vec = [number, number, number];

/** A capsule about a segment (m). */
export interface Capsule {
  readonly a: Vec;
  readonly b: Vec;
  readonly radius: number;
}

export function segmentAt(centre: Vec, axis: Vec, length: number, radius: number): Capsule {
  const end = (sign: number): Vec => [0, 1, 2].map((k) => centre[k] + 0.5 * sign * length * axis[k]) as Vec;
  return { a: end(-1), b: end(1), radius };
}

export const minus = (a: Vec, b: Vec): Vec => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const plus = (a: Vec, b: Vec, s = 1): Vec => [a[0] + s * b[0], a[1] + s * b[1], a[2] + s * b[2]];
export const dot = (a: Vec, b: Vec): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const size = (a: Vec): number => Math.sqrt(dot(a, a));

/**
 * Nearest points of two segments by ternary search over one and projection on the other: distances of convex sets are
 * convex. Slow, and shares nothing with what it judges.
 */
export function nearest(
  p: Capsule,
  q: Capsule,
): { readonly distance: number; readonly share: number; readonly normal: Vec } {
  const at = (s: number): Vec => plus(p.a, minus(p.b, p.a), s);
  const project = (x: Vec): Vec => {
    const u = minus(q.b, q.a);
    const uu = dot(u, u);
    const t = uu > 0 ? Math.max(0, Math.min(1, dot(minus(x, q.a), u) / uu)) : 0;
    return plus(q.a, u, t);
  };
  let low = 0;
  let high = 1;
  for (let i = 0; i < 60; i++) {
    const s = low + (high - low) / 3;
    const t = high - (high - low) / 3;
    const x = at(s);
    const y = at(t);
    if (size(minus(x, project(x))) < size(minus(y, project(y)))) high = t;
    else low = s;
  }
  const share = 0.5 * (low + high);
  const x = at(share);
  const d = minus(project(x), x);
  const length = size(d);
  const normal: Vec = length > 0 ? [d[0] / length, d[1] / length, d[2] / length] : [0, 0, 0];
  return { distance: length - p.radius - q.radius, share, normal };
}

/** A lower bound of the distance by the balls about both, m. */
export function roughDistance(p: Capsule, q: Capsule): number {
  const apart = size(minus(plus(p.a, p.b), plus(q.a, q.b))) / 2;
  return apart - (size(minus(p.a, p.b)) + size(minus(q.a, q.b))) / 2 - p.radius - q.radius;
}

/** Places on an axis from which the other is looked at. */
const LOOKS = 5;

/** A lower bound of the distance by a few points of one axis: none of it is farther than half a step from one, m. */
export function sampledDistance(p: Capsule, q: Capsule): number {
  const [along, u] = [minus(p.b, p.a), minus(q.b, q.a)];
  const uu = dot(u, u);
  let least = Infinity;
  for (let i = 0; i < LOOKS; i++) {
    const x = minus(plus(p.a, along, i / (LOOKS - 1)), q.a);
    const t = uu > 0 ? Math.max(0, Math.min(1, dot(x, u) / uu)) : 0;
    least = Math.min(least, size(minus(x, plus([0, 0, 0], u, t))));
  }
  return least - size(along) / (2 * (LOOKS - 1)) - p.radius - q.radius;
}

/** Where the arm's capsules are, from joint positions alone. */
export class ArmShape {
  readonly capsules: Capsule[] = [];
  readonly link: readonly string[];
  private readonly robot: Robot;
  private readonly data: RobotData;
  private readonly q: Float64Array;

  constructor(robot: Robot) {
    this.robot = robot;
    this.data = new RobotData(robot.model);
    this.q = robot.home_q.slice();
    const { link, body } = linkCapsules(robot);
    this.link = link.filter((_, c) => body[c] >= 0);
    this.place(robot.home_q);
  }

  place(position: ArrayLike<number>): void {
    const { robot, data, q, capsules } = this;
    for (let k = 0; k < robot.arm_joints; k++) q[k] = position[k];
    forwardKinematics(robot.model, data, q);
    const { body, ends, radius, count } = linkCapsules(robot);
    capsules.length = 0;
    for (let c = 0; c < count; c++) {
      if (body[c] < 0) continue;
      const R = data.R.subarray(9 * body[c], 9 * body[c] + 9);
      const p = data.p.subarray(3 * body[c], 3 * body[c] + 3);
      const at = (e: number): Vec =>
        [0, 1, 2].map(
          (r) => R[3 * r] * ends[e] + R[3 * r + 1] * ends[e + 1] + R[3 * r + 2] * ends[e + 2] + p[r],
        ) as Vec;
      capsules.push({ a: at(6 * c), b: at(6 * c + 3), radius: radius[c] });
    }
  }

  /** End of the last capsule, which is the hand's or a finger's. */
  get hand(): Vec {
    return this.capsules[this.capsules.length - 1].b;
  }

  /** End of a capsule that is nearest to a point. */
  target(from: Vec): Vec {
    let best = this.hand;
    for (const { b } of this.capsules) if (size(minus(b, from)) < size(minus(best, from))) best = b;
    return best;
  }

  /** How far a point of a capsule's axis goes along `normal` from one place of the arm to another, m. */
  approach(from: ArrayLike<number>, to: ArrayLike<number>, capsule: number, share: number, normal: Vec): number {
    const point = (): Vec => {
      const { a, b } = this.capsules[capsule];
      return plus(a, minus(b, a), share);
    };
    this.place(from);
    const before = point();
    this.place(to);
    return dot(minus(point(), before), normal);
  }
}

/** How a body moves: all ways keep every point of it within its speed. */
export const WAYS = ['pursuit', 'feint', 'intercept', 'crossing', 'burst', 'still'] as const;
/** How a tracker errs within its bound. */
export const ERRORS = ['none', 'random', 'away', 'alternating'] as const;

/** A body that moves by itself, with no limit of acceleration, and turns. */
export class MovingBody {
  readonly id: number;
  readonly radius: number;
  readonly length: number;
  readonly way: (typeof WAYS)[number];
  centre: Vec;
  axis: Vec;
  private readonly rng: Rng;
  private readonly speed: number;
  private readonly turning: boolean;
  private phase_s = 0;
  private away = false;
  private heading: Vec = [0, 0, 0];
  private waits_s: number;
  /** What it goes for, and how far that went between two looks, m. */
  private seen: Vec | null = null;
  private ahead: Vec = [0, 0, 0];

  constructor(rng: Rng, id: number, speed: number, from: Vec) {
    this.rng = rng;
    this.id = id;
    this.speed = speed;
    const person = rng.uniform() < 0.5;
    this.radius = person ? rng.range(0.15, 0.3) : rng.range(0.03, 0.1);
    this.length = person ? rng.range(0.5, 1.2) : rng.range(0, 0.4);
    this.way = WAYS[rng.int(WAYS.length)];
    this.turning = rng.uniform() < 0.3;
    this.centre = [...from];
    this.axis = person ? [0, 0, 1] : unit([rng.normal(), rng.normal(), rng.normal()]);
    this.waits_s = this.way === 'burst' ? rng.range(0.1, 1) : 0;
  }

  get capsule(): Capsule {
    return segmentAt(this.centre, this.axis, this.length, this.radius);
  }

  /** One step of `dt` seconds towards the arm; `aims`: it looks where that is. */
  move(dt: number, arm: ArmShape, aims: boolean): void {
    const { rng } = this;
    if (aims || this.seen === null) {
      const last = this.seen ?? arm.target(this.centre);
      this.seen = arm.target(this.centre);
      this.ahead = minus(this.seen, last);
    }
    const target = this.seen;
    this.phase_s -= dt;
    this.waits_s -= dt;
    if (this.way === 'still' || this.waits_s > 0) return;
    let goal = target;
    if (this.way === 'intercept') goal = plus(target, this.ahead, 10);
    let heading = unit(minus(goal, this.centre));
    if (this.way === 'crossing') {
      if (size(this.heading) === 0)
        this.heading = unit(plus(heading, unit([rng.normal(), rng.normal(), rng.normal()]), 0.3));
      heading = this.heading;
    }
    if (this.way === 'feint') {
      if (this.phase_s <= 0) {
        this.away = !this.away;
        this.phase_s = rng.range(0.05, 0.4);
      }
      if (this.away) heading = [-heading[0], -heading[1], -heading[2]];
    }
    // Turning takes its part of the speed that the ends may have.
    const share = this.turning && this.length > 0 ? 0.3 : 0;
    this.centre = plus(this.centre, heading, (1 - share) * this.speed * dt);
    if (share > 0) {
      const across = unit(minus([rng.normal(), rng.normal(), rng.normal()], this.axis));
      const step = (share * this.speed * dt) / (0.5 * this.length);
      const moved = unit(plus(this.axis, across, 0.9 * step));
      this.axis = moved;
    }
  }
}

function unit(v: Vec): Vec {
  const length = size(v);
  return length > 0 ? [v[0] / length, v[1] / length, v[2] / length] : [0, 0, 1];
}

/** A track as a source would tell it: `error` metres beside the truth. */
export function trackOf(body: MovingBody, error: Vec): BodyTrack {
  const [x, y, z] = body.axis;
  // The shortest turn from z to the axis.
  const w = Math.sqrt(Math.max(0, (1 + z) / 2));
  const q = w > 1e-9 ? [-y / (2 * w), x / (2 * w), 0, w] : [1, 0, 0, 0];
  const centre = plus(body.centre, error);
  return {
    id: body.id,
    kind: 'person',
    radius_m: body.radius,
    length_m: body.length,
    pose: { position: centre as Vector3, orientation: q as [number, number, number, number] },
    velocity_m_per_s: [0, 0, 0],
    position_error_m: 0,
  };
}

/** The capsule of a track. */
export function capsuleOf({ pose, length_m, radius_m }: BodyTrack): Capsule {
  const [x, y, z, w] = pose.orientation;
  const axis: Vec = [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)];
  return segmentAt([...pose.position], axis, length_m, radius_m);
}

/** An error within `most` metres. */
export function trackError(rng: Rng, way: (typeof ERRORS)[number], most: number, away: Vec, turn: number): Vec {
  switch (way) {
    case 'none':
      return [0, 0, 0];
    case 'random':
      return plus([0, 0, 0], unit([rng.normal(), rng.normal(), rng.normal()]), most * rng.uniform());
    case 'away':
      return plus([0, 0, 0], unit(away), most);
    case 'alternating':
      return plus([0, 0, 0], unit(away), turn % 2 === 0 ? most : -most);
  }
}
