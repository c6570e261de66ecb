import type { Rng } from '../../contracts/index.ts';
import type { Whereabouts } from '../scenarios/simulated_tracker.ts';

/** How far people keep from the arm's base, m, and how fast they walk, m/s. */
export const STROLL = { nearest_m: 2, farthest_m: 4, slowest_m_per_s: 0.3, fastest_m_per_s: 1.5 } as const;

/** Share of the ways that end in a rest, and the longest of these, s. */
const REST_SHARE = 0.3;
const REST_S = 2;
/** Farthest that one way leads around the base, rad. */
const TURN_RAD = 1.2;

type Point = readonly [number, number];

/** Least distance of a line between two points from the origin. */
function closest(a: Point, b: Point): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const share = -(a[0] * dx + a[1] * dy) / Math.max(dx * dx + dy * dy, 1e-12);
  const u = Math.min(Math.max(share, 0), 1);
  return Math.hypot(a[0] + u * dx, a[1] + u * dy);
}

/** Somebody who walks about an arm from place to place and rests here and there, never nearer than STROLL says. */
export class Stroller {
  private readonly rng: Rng;
  private from: Point;
  private to: Point;
  /** The way began, and is walked to its end, at these times, s; then comes the rest. */
  private began_s = 0;
  private arrives_s = 0;
  private leaves_s = 0;

  constructor(rng: Rng) {
    this.rng = rng;
    this.from = this.place(rng.range(-Math.PI, Math.PI));
    this.to = this.from;
  }

  /** Where they are, axes of the arm's base; times are asked for in order. */
  at(t_s: number): Whereabouts {
    while (t_s >= this.leaves_s) this.setOut();
    const { from, to, began_s, arrives_s } = this;
    if (t_s >= arrives_s) return { at: to, v: [0, 0] };
    const lasts_s = arrives_s - began_s;
    const share = (t_s - began_s) / lasts_s;
    const way: Point = [to[0] - from[0], to[1] - from[1]];
    return {
      at: [from[0] + share * way[0], from[1] + share * way[1]],
      v: [way[0] / lasts_s, way[1] / lasts_s],
    };
  }

  private setOut(): void {
    const { rng, to } = this;
    this.from = to;
    const angle = Math.atan2(to[1], to[0]);
    do this.to = this.place(angle + rng.range(-TURN_RAD, TURN_RAD));
    while (closest(this.from, this.to) < STROLL.nearest_m);
    const far_m = Math.hypot(this.to[0] - to[0], this.to[1] - to[1]);
    this.began_s = this.leaves_s;
    this.arrives_s = this.began_s + far_m / rng.range(STROLL.slowest_m_per_s, STROLL.fastest_m_per_s);
    this.leaves_s = this.arrives_s + (rng.uniform() < REST_SHARE ? rng.range(0, REST_S) : 0);
  }

  private place(angle: number): Point {
    const far_m = this.rng.range(STROLL.nearest_m, STROLL.farthest_m);
    return [far_m * Math.cos(angle), far_m * Math.sin(angle)];
  }
}
