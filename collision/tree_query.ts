import { BOX, ConvexSet, HULL, POINT } from './convex.ts';
import type { ElementTree } from './element_tree.ts';
import { Gjk } from './gjk.ts';
import { isInside } from './inside_mesh.ts';
import { SignedDistance } from './signed_distance.ts';
import { supportPoint } from './support.ts';

const ELEMENT = 0;
const NODE = 1;
/**
 * Contact and signed distance of a convex body and a tree of points or triangles: boxes of the tree against the box
 * about the body, then GJK. Owns its scratch; allocates nothing. The results of `nearest` stand until the next call.
 */
export class TreeQuery {
  readonly point_a = new Float64Array(3);
  readonly point_b = new Float64Array(3);
  readonly normal = new Float64Array(3);
  /** Distance, reach, and gap of the last two boxes compared; numbers in an array, so that none is boxed. */
  private readonly distance = Float64Array.of(0, 0, 0);
  private readonly gjk = new Gjk();
  private readonly signed = new SignedDistance();
  /** An element of the tree, and the box of a node. */
  private readonly part = new ConvexSet(2);
  private readonly triangle = new Float64Array(9);
  private readonly axis = new Float64Array(3);
  /** Body in the frame of the tree: rotation, centre, half extents of its box about it, and of that box's own bounds. */
  private readonly M = new Float64Array(9);
  private readonly c = new Float64Array(3);
  private readonly h = new Float64Array(3);
  private readonly e = new Float64Array(3);
  private readonly stack = new Int32Array(128);
  /** Where the ray begins that tells inside from outside, in the frame of the tree. */
  private readonly from = new Float64Array(3);
  private readonly scratch = new Float64Array(9);

  constructor() {
    this.part.add({ type: 'sphere', radius: 1 });
    this.part.add({ type: 'box', size: [1, 1, 1] });
  }

  /** Signed distance found by `nearest` (m). */
  get distance_m(): number {
    return this.distance[0];
  }

  /** How near counts: as contact for `touches`, at all for `nearest` (m). */
  get reach_m(): number {
    return this.distance[1];
  }

  set reach_m(value: number) {
    this.distance[1] = value;
  }

  /**
   * True if body `shape` of `set` comes within the reach of the tree, or is inside a solid one.
   * @param trees  where the tree is number `index`, of kind TREE
   */
  touches(set: ConvexSet, shape: number, trees: ConvexSet, index: number): boolean {
    const tree = trees.trees[index];
    if (tree === null) return false;
    const { pose: poses } = trees;
    const at = 12 * index;
    const { stack, gjk, part, axis, distance } = this;
    const { box, link, leaf } = tree;
    this.relate(set, shape, poses, at);
    part.rounding[ELEMENT] = part.rounding[NODE] = trees.rounding[index];
    gjk.margin_m = Math.max(0, this.distance[1]);
    axis.fill(0);
    const reach = set.rounding[shape] + part.rounding[NODE] + gjk.margin_m;
    let top = 0;
    stack[top++] = 0;
    while (top > 0) {
      const node = stack[--top];
      this.compare(box, 6 * node);
      if (distance[2] > reach) continue;
      if (leaf[node] === 0) {
        stack[top++] = -link[node];
        stack[top++] = node + 1;
        continue;
      }
      if (leaf[node] > 1 && set.kind[shape] === HULL) {
        this.loadNode(box, 6 * node, poses, at);
        if (!gjk.closer(set, shape, part, NODE, axis, 0)) continue;
      }
      for (let k = link[node]; k < link[node] + leaf[node]; k++) {
        if (tree.stride === 3) {
          this.comparePoint(tree.data, 3 * k);
          if (distance[2] > reach) continue;
        }
        this.loadElement(tree, k, poses, at);
        if (gjk.closer(set, shape, part, ELEMENT, axis, 0)) return true;
      }
    }
    return tree.solid && this.inside(set, shape, tree);
  }

  /** The element nearest to body `shape`; false if none is within the reach. Arguments as for `touches`. */
  nearest(set: ConvexSet, shape: number, trees: ConvexSet, index: number): boolean {
    const tree = trees.trees[index];
    if (tree === null) return false;
    const { pose: poses } = trees;
    const at = 12 * index;
    const { stack, signed, gjk, part, distance, axis } = this;
    const { box, link, leaf } = tree;
    this.relate(set, shape, poses, at);
    axis.fill(0);
    part.rounding[ELEMENT] = part.rounding[NODE] = trees.rounding[index];
    const rounding = set.rounding[shape] + part.rounding[ELEMENT];
    const wanted = distance[1];
    const solid = tree.solid && this.inside(set, shape, tree);
    // what is inside goes out past the nearest triangle, however far that is
    let reach = solid ? Infinity : wanted;
    let found = false;
    let top = 0;
    stack[top++] = 0;
    while (top > 0) {
      const node = stack[--top];
      this.compare(box, 6 * node);
      if (distance[2] - rounding > reach) continue;
      if (leaf[node] === 0) {
        this.compare(box, 6 * (node + 1));
        const first = distance[2];
        this.compare(box, -6 * link[node]);
        const near = first <= distance[2];
        stack[top++] = near ? -link[node] : node + 1;
        stack[top++] = near ? node + 1 : -link[node];
        continue;
      }
      if (leaf[node] > 1 && set.kind[shape] === HULL && reach > 0 && reach < Infinity) {
        gjk.margin_m = reach;
        this.loadNode(box, 6 * node, poses, at);
        if (!gjk.closer(set, shape, part, NODE, axis, 0)) continue;
      }
      for (let k = link[node]; k < link[node] + leaf[node]; k++) {
        if (tree.stride === 3) {
          this.comparePoint(tree.data, 3 * k);
          if (distance[2] - rounding > reach) continue;
        }
        this.loadElement(tree, k, poses, at);
        signed.reach_m = reach;
        if (!signed.measure(set, shape, part, ELEMENT) || (found && signed.distance_m >= reach)) continue;
        found = true;
        distance[0] = reach = signed.distance_m;
        for (let c = 0; c < 3; c++) {
          this.point_a[c] = signed.point_a[c];
          this.point_b[c] = signed.point_b[c];
          this.normal[c] = signed.normal[c];
        }
      }
    }
    if (solid && found && distance[0] > 0) this.turnOut(set, shape);
    return found && distance[0] <= wanted;
  }

  /** Turns a distance measured from within a solid into how far the body must go to leave it that way. */
  private turnOut(set: ConvexSet, shape: number): void {
    const { normal, distance, point_a, point_b, scratch } = this;
    supportPoint(set, shape, normal, 1, scratch, 0);
    supportPoint(set, shape, normal, -1, scratch, 3);
    let width = 2 * set.rounding[shape];
    for (let k = 0; k < 3; k++) width += normal[k] * (scratch[k] - scratch[3 + k]);
    distance[0] = -(distance[0] + width);
    for (let k = 0; k < 3; k++) {
      normal[k] = -normal[k];
      point_a[k] = point_b[k] + distance[0] * normal[k];
    }
  }

  /** Writes where the body is in the frame of the tree. */
  private relate(set: ConvexSet, shape: number, poses: Float64Array, at: number): void {
    const { M, c, h, e } = this;
    const { pose, half } = set;
    const o = 12 * shape;
    const dx = pose[o + 9] - poses[at + 9];
    const dy = pose[o + 10] - poses[at + 10];
    const dz = pose[o + 11] - poses[at + 11];
    for (let k = 0; k < 3; k++) h[k] = half[3 * shape + k];
    for (let k = 0; k < 3; k++) {
      const x = poses[at + k];
      const y = poses[at + 3 + k];
      const z = poses[at + 6 + k];
      for (let j = 0; j < 3; j++) M[3 * k + j] = x * pose[o + j] + y * pose[o + 3 + j] + z * pose[o + 6 + j];
      c[k] = x * dx + y * dy + z * dz;
      e[k] = Math.abs(M[3 * k]) * h[0] + Math.abs(M[3 * k + 1]) * h[1] + Math.abs(M[3 * k + 2]) * h[2];
    }
  }

  /** Writes how far the box about the body and a node's are apart along the best of their six axes: a lower bound. */
  private compare(box: Float64Array, at: number): void {
    const { M, c, h, e } = this;
    const x = c[0] - box[at];
    const y = c[1] - box[at + 1];
    const z = c[2] - box[at + 2];
    const bx = box[at + 3];
    const by = box[at + 4];
    const bz = box[at + 5];
    let gap = Math.max(Math.abs(x) - e[0] - bx, Math.abs(y) - e[1] - by, Math.abs(z) - e[2] - bz);
    for (let j = 0; j < 3; j++) {
      const along = Math.abs(M[j] * x + M[3 + j] * y + M[6 + j] * z);
      const reach = Math.abs(M[j]) * bx + Math.abs(M[3 + j]) * by + Math.abs(M[6 + j]) * bz;
      gap = Math.max(gap, along - h[j] - reach);
    }
    this.distance[2] = gap;
  }

  /** As compare, for a point. */
  private comparePoint(data: Float64Array, at: number): void {
    const { M, c, h } = this;
    const x = c[0] - data[at];
    const y = c[1] - data[at + 1];
    const z = c[2] - data[at + 2];
    const u = Math.abs(M[0] * x + M[3] * y + M[6] * z) - h[0];
    const v = Math.abs(M[1] * x + M[4] * y + M[7] * z) - h[1];
    const w = Math.abs(M[2] * x + M[5] * y + M[8] * z) - h[2];
    this.distance[2] = Math.max(u, v, w);
  }

  private loadNode(box: Float64Array, at: number, poses: Float64Array, pose_at: number): void {
    const { part } = this;
    part.kind[NODE] = BOX;
    for (let k = 0; k < 3; k++) part.half[3 * NODE + k] = box[at + 3 + k];
    this.place(NODE, poses, pose_at, box, at);
  }

  private loadElement(tree: ElementTree, index: number, poses: Float64Array, at: number): void {
    const { part, triangle } = this;
    const { data, stride } = tree;
    const first = stride * index;
    if (stride === 3) {
      part.kind[ELEMENT] = POINT;
      this.place(ELEMENT, poses, at, data, first);
      return;
    }
    part.kind[ELEMENT] = HULL;
    part.vertices[ELEMENT] = triangle;
    // about its first corner, so that the first direction tried is a good one
    for (let k = 0; k < 9; k++) triangle[k] = data[first + k] - data[first + (k % 3)];
    this.place(ELEMENT, poses, at, data, first);
  }

  /** Places a part at a point (3 from `from_at`) of the tree's frame, with that frame's axes. */
  private place(index: number, poses: Float64Array, at: number, from: Float64Array, from_at: number): void {
    const { pose } = this.part;
    const o = 12 * index;
    const x = from[from_at];
    const y = from[from_at + 1];
    const z = from[from_at + 2];
    for (let k = 0; k < 9; k++) pose[o + k] = poses[at + k];
    for (let k = 0; k < 3; k++) {
      const r = at + 3 * k;
      pose[o + 9 + k] = poses[r] * x + poses[r + 1] * y + poses[r + 2] * z + poses[at + 9 + k];
    }
  }

  /** True if a point of the body is inside the closed mesh. */
  private inside(set: ConvexSet, shape: number, tree: ElementTree): boolean {
    const { c, M, from } = this;
    const corner = set.vertices[shape];
    for (let k = 0; k < 3; k++) {
      from[k] = c[k];
      if (set.kind[shape] !== HULL) continue;
      from[k] += M[3 * k] * corner[0] + M[3 * k + 1] * corner[1] + M[3 * k + 2] * corner[2];
    }
    return isInside(tree, from, this.stack);
  }
}
