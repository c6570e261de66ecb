import { CYLINDER, HULL, TREE } from './convex.ts';
import { FREE_NOW, type Gjk, MARGIN, STAYS_FREE, TOUCHES } from './gjk.ts';
import type { LinkShapes } from './link_shapes.ts';
import { NearObstacles } from './near_obstacles.ts';
import { type ObstacleSet, RECORD } from './obstacle_set.ts';
import { TreeQuery } from './tree_query.ts';

/**
 * Whether links touch obstacles and one another, at the poses of the last `forward` and `placeLinks`: by the sphere about
 * the link, then about the shape, then by the spheres fitted to it (one far outside of all is enough to be free, one
 * inside enough to touch), and what these leave open exactly. Allocates nothing.
 */
export class Contacts {
  private readonly links: LinkShapes;
  private readonly obstacles: ObstacleSet;
  private readonly gjk: Gjk;
  readonly near: NearObstacles;
  private readonly trees = new TreeQuery();

  constructor(links: LinkShapes, obstacles: ObstacleSet, gjk: Gjk) {
    this.links = links;
    this.obstacles = obstacles;
    this.gjk = gjk;
    this.near = new NearObstacles(links, obstacles);
  }

  /** An obstacle that a link touches or comes closer to than the margin, or −1. */
  obstacleAt(link: number): number {
    const { near } = this;
    near.room[0] = this.gjk.numbers[MARGIN];
    near.start(link);
    for (let o = near.next(); o >= 0; o = near.next()) if (this.linkTouches(link, o)) return o;
    return -1;
  }

  /** Whether a shape of the link touches the obstacle. */
  linkTouches(link: number, o: number): boolean {
    const { links, obstacles, gjk } = this;
    const { first, shapes } = links;
    const { bodies, axes } = obstacles;
    const end = first[link + 1];
    const single = end - first[link] === 1;
    for (let shape = first[link]; shape < end; shape++) {
      if (!single && this.beyond(shape, o)) continue;
      links.placeShape(shape);
      gjk.relate(shapes, shape, bodies, o);
      const verdict = this.judgeBySpheres(shape, o);
      if (verdict === FREE) continue;
      if (verdict === TOUCHING) return true;
      if (bodies.kind[o] === TREE) {
        this.trees.reach_m = gjk.numbers[MARGIN];
        if (this.trees.touches(shapes, shape, bodies, o)) return true;
        continue;
      }
      if (gjk.closerRelated(shapes, shape, bodies, o, axes, 3 * (shape * bodies.count + o))) return true;
    }
    return false;
  }

  /** As `Gjk.judge`, of a shape and an obstacle that is a tree, where no point of the shape moves farther than `travel[at]`. */
  judgeTree(shape: number, o: number, travel: Float64Array, at: number): number {
    const { trees, links, obstacles, gjk } = this;
    trees.reach_m = gjk.numbers[MARGIN] + travel[at];
    if (!trees.touches(links.shapes, shape, obstacles.bodies, o)) return STAYS_FREE;
    trees.reach_m = gjk.numbers[MARGIN];
    return trees.touches(links.shapes, shape, obstacles.bodies, o) ? TOUCHES : FREE_NOW;
  }

  /** Distance of a shape from an obstacle (m), 0 in contact. */
  distance(shape: number, o: number): number {
    const { trees, links, obstacles, gjk } = this;
    if (obstacles.bodies.kind[o] !== TREE) return gjk.distance(links.shapes, shape, obstacles.bodies, o);
    trees.reach_m = Number.POSITIVE_INFINITY;
    trees.nearest(links.shapes, shape, obstacles.bodies, o);
    return Math.max(0, trees.distance_m);
  }

  /** Whether shapes of two links touch. `axes` keeps 3 numbers for every pair of shapes, from `axis` on. */
  linksTouch(a: number, b: number, axes: Float64Array, axis: number): boolean {
    const { links, gjk } = this;
    const { first, shapes, centre, bound } = links;
    const margin = gjk.numbers[MARGIN];
    const reach = bound[a] + bound[b] + margin;
    const dx = centre[3 * a] - centre[3 * b];
    const dy = centre[3 * a + 1] - centre[3 * b + 1];
    const dz = centre[3 * a + 2] - centre[3 * b + 2];
    if (dx * dx + dy * dy + dz * dz > reach * reach) return false;
    const single = first[a + 1] - first[a] === 1 && first[b + 1] - first[b] === 1;
    for (let i = first[a]; i < first[a + 1]; i++) {
      if (!single && this.shapeApart(i, b, gjk.numbers, MARGIN)) {
        axis += 3 * (first[b + 1] - first[b]);
        continue;
      }
      for (let j = first[b]; j < first[b + 1]; j++, axis += 3) {
        if (!single && this.shapesApart(i, j, gjk.numbers, MARGIN)) continue;
        links.placeShape(i);
        links.placeShape(j);
        if (gjk.closer(shapes, i, shapes, j, axes, axis)) return true;
      }
    }
    return false;
  }

  /** True if the spheres about a shape and about a link are farther apart than `room[at]`. */
  shapeApart(i: number, link: number, room: Float64Array, at: number): boolean {
    const { links } = this;
    const { shape_centre: C, centre } = links;
    links.placeCentre(i);
    const dx = C[3 * i] - centre[3 * link];
    const dy = C[3 * i + 1] - centre[3 * link + 1];
    const dz = C[3 * i + 2] - centre[3 * link + 2];
    const reach = links.shape_bound[i] + links.bound[link] + room[at];
    return dx * dx + dy * dy + dz * dz > reach * reach;
  }

  /** True if the spheres about two shapes are farther apart than `room[at]`. */
  shapesApart(i: number, j: number, room: Float64Array, at: number): boolean {
    const { links } = this;
    const { shape_centre: C, shape_bound } = links;
    links.placeCentre(i);
    links.placeCentre(j);
    const dx = C[3 * i] - C[3 * j];
    const dy = C[3 * i + 1] - C[3 * j + 1];
    const dz = C[3 * i + 2] - C[3 * j + 2];
    const reach = shape_bound[i] + shape_bound[j] + room[at];
    return dx * dx + dy * dy + dz * dz > reach * reach;
  }

  /** True if the sphere about a shape is farther than the margin from the box or cylinder about obstacle o. */
  private beyond(shape: number, o: number): boolean {
    const { links } = this;
    const { records: P } = this.obstacles;
    const k = RECORD * o;
    const { shape_centre: C } = links;
    links.placeCentre(shape);
    const reach = links.shape_bound[shape] + P[k + 15] + this.gjk.numbers[MARGIN];
    const dx = C[3 * shape] - P[k + 9];
    const dy = C[3 * shape + 1] - P[k + 10];
    const dz = C[3 * shape + 2] - P[k + 11];
    let w = P[k + 2] * dx + P[k + 5] * dy + P[k + 8] * dz;
    w = (w < 0 ? -w : w) - P[k + 14];
    if (w > reach) return true;
    let u = P[k] * dx + P[k + 3] * dy + P[k + 6] * dz;
    let v = P[k + 1] * dx + P[k + 4] * dy + P[k + 7] * dz;
    if (this.obstacles.bodies.kind[o] === CYLINDER) {
      u = Math.sqrt(u * u + v * v) - P[k + 12];
      v = 0;
    } else {
      u = (u < 0 ? -u : u) - P[k + 12];
      v = (v < 0 ? -v : v) - P[k + 13];
    }
    if (u < 0) u = 0;
    if (v < 0) v = 0;
    if (w < 0) w = 0;
    return u * u + v * v + w * w > reach * reach;
  }

  /** What the spheres fitted to a shape say, in the obstacle's frame by `gjk.relative`. */
  private judgeBySpheres(shape: number, o: number): number {
    const { fitted: S, first_fitted } = this.links;
    const from = first_fitted[shape];
    const end = first_fitted[shape + 1];
    if (from === end) return OPEN;
    const { records: P, bodies } = this.obstacles;
    const { relative: m } = this.gjk;
    const kind = bodies.kind[o];
    const k = RECORD * o;
    const hx = P[k + 12];
    const hy = P[k + 13];
    const hz = P[k + 14];
    const more = P[k + 15] + this.gjk.numbers[MARGIN];
    let verdict = FREE;
    for (let i = 5 * from; i < 5 * end; i += 5) {
      const x = S[i];
      const y = S[i + 1];
      const z = S[i + 2];
      let w = m[6] * x + m[7] * y + m[8] * z + m[11];
      w = (w < 0 ? -w : w) - hz;
      const outer = S[i + 3] + more;
      if (w > outer) continue;
      let u = m[0] * x + m[1] * y + m[2] * z + m[9];
      let v = m[3] * x + m[4] * y + m[5] * z + m[10];
      if (kind === CYLINDER) {
        u = Math.sqrt(u * u + v * v) - hx;
        v = 0;
      } else {
        u = (u < 0 ? -u : u) - hx;
        v = (v < 0 ? -v : v) - hy;
      }
      if (u < 0) u = 0;
      if (v < 0) v = 0;
      if (w < 0) w = 0;
      const d2 = u * u + v * v + w * w;
      if (d2 > outer * outer) continue;
      verdict = OPEN;
      // the box about a hull or a tree holds more than it
      if (kind === HULL || kind === TREE) return OPEN;
      const inner = S[i + 4] + more;
      if (S[i + 4] > 0 && d2 <= inner * inner) return TOUCHING;
    }
    return verdict;
  }
}

const FREE = 0;
const OPEN = 1;
const TOUCHING = 2;
