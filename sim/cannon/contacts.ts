import { collide } from './collide.ts';
import type { Colliders } from './colliders.ts';
import { MAX_POINTS, type Manifold } from './manifold.ts';

/**
 * The pairs of colliders that may touch, what touches in this step, and what is remembered of every pair between steps.
 * A patch is the contact of one pair: one normal, up to MAX_POINTS points. All arrays are sized for every pair at once.
 */
export class Contacts {
  readonly colliders: Colliders;
  /** Gap up to which points count as about to touch, m. */
  readonly margin: number;
  /** Colliders of every pair, and its coefficient of friction. */
  readonly pair_a: Int32Array;
  readonly pair_b: Int32Array;
  readonly pair_friction: Float64Array;

  /** Pairs of link k, which is rigid body first_link + k, and its colliders: from entry k to entry k + 1. */
  readonly link_pairs: Int32Array;
  readonly link_colliders: Int32Array;
  readonly first_link: number;
  /** Colliders besides the table's that a link may touch: of fixtures and objects. */
  private readonly near: Int32Array;

  /** Candidate pairs of this step: overlapping bounds. */
  candidates = 0;
  readonly candidate: Int32Array;

  /** Patches of this step: pair, first point, number of points, normal 3. */
  patches = 0;
  readonly patch_pair: Int32Array;
  readonly patch_first: Int32Array;
  readonly patch_points: Int32Array;
  readonly patch_normal: Float64Array;
  /** Points: position midway 3 (m), gap (m), feature id. */
  points = 0;
  readonly point: Float64Array;
  readonly gap: Float64Array;
  readonly id: Int32Array;

  /** Memory of a pair: the step it last touched, its points' ids and impulses (N s), friction impulses (N s, N m s). */
  readonly touched: Int32Array;
  readonly old_points: Int32Array;
  readonly old_id: Int32Array;
  readonly old_impulse: Float64Array;
  readonly old_friction: Float64Array;
  /** Stick anchor: whether set; in the frames of both bodies (m); relative rotation; twist carried over (rad). */
  readonly anchored: Uint8Array;
  readonly anchor_a: Float64Array;
  readonly anchor_b: Float64Array;
  readonly anchor_R: Float64Array;
  readonly anchor_twist: Float64Array;
  private readonly manifold: Manifold;

  /**
   * @param pairs  colliders that may touch: first those of objects and fixed things, then those of the links, link by
   * link
   * @param first_link  first rigid body that is a link of the robot; their colliders come last
   * @param furniture  how many of the first colliders are the table and the fixtures
   */
  constructor(
    colliders: Colliders,
    pairs: readonly (readonly [number, number])[],
    first_link: number,
    furniture: number,
    margin: number,
    manifold: Manifold,
  ) {
    const n = pairs.length;
    const links = colliders.rigid_p.length / 3 - first_link;
    const linkOf = (rigid: number) => rigid - first_link;
    this.first_link = first_link;
    const isObject = (rigid: number) => rigid > 0 && rigid < first_link;
    this.near = Int32Array.from(
      [...colliders.rigid.keys()].filter((i) => (i > 0 && i < furniture) || isObject(colliders.rigid[i])),
    );
    this.link_colliders = Int32Array.from({ length: links + 1 }, (_, k) => {
      const at = colliders.rigid.findIndex((rigid) => linkOf(rigid) >= k);
      return at < 0 ? colliders.count : at;
    });
    this.link_pairs = Int32Array.from({ length: links + 1 }, (_, k) => {
      const at = pairs.findIndex(([a, b]) => Math.max(linkOf(colliders.rigid[a]), linkOf(colliders.rigid[b])) >= k);
      return at < 0 ? n : at;
    });
    this.colliders = colliders;
    this.margin = margin;
    this.manifold = manifold;
    // Kinds in rising order, as the narrowphase has them.
    const ordered = pairs.map(([a, b]) => (colliders.kind[a] > colliders.kind[b] ? [b, a] : [a, b]));
    this.pair_a = Int32Array.from(ordered, ([a]) => a);
    this.pair_b = Int32Array.from(ordered, ([, b]) => b);
    this.pair_friction = Float64Array.from(pairs, ([a, b]) => Math.sqrt(colliders.friction[a] * colliders.friction[b]));
    this.candidate = new Int32Array(n);
    this.patch_pair = new Int32Array(n);
    this.patch_first = new Int32Array(n);
    this.patch_points = new Int32Array(n);
    this.patch_normal = new Float64Array(3 * n);
    this.point = new Float64Array(3 * MAX_POINTS * n);
    this.gap = new Float64Array(MAX_POINTS * n);
    this.id = new Int32Array(MAX_POINTS * n);
    this.touched = new Int32Array(n).fill(-2);
    this.old_points = new Int32Array(n);
    this.old_id = new Int32Array(MAX_POINTS * n);
    this.old_impulse = new Float64Array(MAX_POINTS * n);
    this.old_friction = new Float64Array(3 * n);
    this.anchored = new Uint8Array(n);
    this.anchor_a = new Float64Array(3 * n);
    this.anchor_b = new Float64Array(3 * n);
    this.anchor_R = new Float64Array(9 * n);
    this.anchor_twist = new Float64Array(n);
  }

  /**
   * Broad phase: pairs whose bounds come within the margin. Of the objects all colliders must be placed; a link's are
   * placed here, if the sphere around it comes near the table's top, a fixture or an object.
   */
  findCandidates(): void {
    const { colliders, link_pairs, link_colliders, first_link } = this;
    this.candidates = 0;
    this.scan(0, link_pairs[0]);
    for (let k = 0; k + 1 < link_pairs.length; k++) {
      if (!this.linkIsNear(first_link + k)) continue;
      colliders.update(link_colliders[k], link_colliders[k + 1]);
      this.scan(link_pairs[k], link_pairs[k + 1]);
    }
  }

  private linkIsNear(rigid: number): boolean {
    const { near } = this;
    const { ball, ball_radius, rigid_R: R, rigid_p: p, upper, lower } = this.colliders;
    const radius = ball_radius[rigid] + this.margin;
    if (radius < this.margin) return false;
    const b = 3 * rigid;
    const r = 9 * rigid;
    const z = p[b + 2] + R[r + 6] * ball[b] + R[r + 7] * ball[b + 1] + R[r + 8] * ball[b + 2];
    if (z - radius <= upper[2]) return true;
    const x = p[b] + R[r] * ball[b] + R[r + 1] * ball[b + 1] + R[r + 2] * ball[b + 2];
    const y = p[b + 1] + R[r + 3] * ball[b] + R[r + 4] * ball[b + 1] + R[r + 5] * ball[b + 2];
    for (let k = 0; k < near.length; k++) {
      const o = 3 * near[k];
      if (
        z - radius <= upper[o + 2] &&
        z + radius >= lower[o + 2] &&
        x - radius <= upper[o] &&
        x + radius >= lower[o] &&
        y - radius <= upper[o + 1] &&
        y + radius >= lower[o + 1]
      ) {
        return true;
      }
    }
    return false;
  }

  private scan(from: number, to: number): void {
    const { pair_a, pair_b, candidate, margin } = this;
    const { lower, upper } = this.colliders;
    let n = this.candidates;
    for (let i = from; i < to; i++) {
      const a = 3 * pair_a[i];
      const b = 3 * pair_b[i];
      if (
        lower[a + 2] - margin > upper[b + 2] ||
        lower[b + 2] - margin > upper[a + 2] ||
        lower[a] - margin > upper[b] ||
        lower[b] - margin > upper[a] ||
        lower[a + 1] - margin > upper[b + 1] ||
        lower[b + 1] - margin > upper[a + 1]
      ) {
        continue;
      }
      candidate[n++] = i;
    }
    this.candidates = n;
  }

  /** Forgets impulses and anchors of every pair with a rigid body, and what touched at the last step. */
  forget(rigid: number): void {
    const { pair_a, pair_b, colliders, touched, anchored } = this;
    for (let i = 0; i < pair_a.length; i++) {
      if (colliders.rigid[pair_a[i]] !== rigid && colliders.rigid[pair_b[i]] !== rigid) continue;
      touched[i] = -2;
      anchored[i] = 0;
    }
    this.patches = 0;
    this.points = 0;
  }

  /** Narrow phase: the patches of the candidate pairs. */
  findContacts(): void {
    const { candidate, pair_a, pair_b, manifold, colliders, margin, point, gap, id } = this;
    let patches = 0;
    let points = 0;
    for (let i = 0; i < this.candidates; i++) {
      const pair = candidate[i];
      collide(colliders, pair_a[pair], pair_b[pair], margin, manifold);
      const { count } = manifold;
      if (count === 0) continue;
      this.patch_pair[patches] = pair;
      this.patch_first[patches] = points;
      this.patch_points[patches] = count;
      this.patch_normal[3 * patches] = manifold.normal[0];
      this.patch_normal[3 * patches + 1] = manifold.normal[1];
      this.patch_normal[3 * patches + 2] = manifold.normal[2];
      for (let k = 0; k < count; k++) {
        point[3 * points] = manifold.point[3 * k];
        point[3 * points + 1] = manifold.point[3 * k + 1];
        point[3 * points + 2] = manifold.point[3 * k + 2];
        gap[points] = manifold.gap[k];
        id[points] = manifold.id[k];
        points++;
      }
      patches++;
    }
    this.patches = patches;
    this.points = points;
  }
}
