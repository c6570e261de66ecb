import type { ConvexMesh, Shape } from '../contracts/index.ts';
import type { ElementTree } from './element_tree.ts';
import type { SupportMap } from './support_map.ts';

export const BOX = 0;
export const CYLINDER = 1;
export const POINT = 2;
export const HULL = 3;
/** Not convex: a tree of points or triangles, for TreeQuery; to others no more than the box about it. */
export const TREE = 4;

const NONE = new Float64Array(0);

/**
 * Convex bodies in flat arrays, each the Minkowski sum of a core (box, cylinder about z, point or hull) and a ball: a sphere
 * is a point with a radius, a padded box a box with one, a hull has one that holds what it was simplified from. Built once; only poses are written afterwards.
 */
export class ConvexSet {
  readonly capacity: number;
  count = 0;
  readonly kind: Uint8Array;
  /** Half extents of the core, 3 each: box x y z; cylinder radius, radius, half length; of a box about a hull (m). */
  readonly half: Float64Array;
  /** Radius of the ball added to the core (m). */
  readonly rounding: Float64Array;
  /** Radius about the shape's origin that holds all of it, ball included (m). */
  readonly bound: Float64Array;
  /** Vertices of the hulls, x y z each (m); nothing for other kinds. */
  readonly vertices: Float64Array[];
  /** Tables to find the farthest of them by, where somebody had them made; else null. */
  readonly maps: (SupportMap | null)[];
  /** Where the kind is TREE, the tree; else null. */
  readonly trees: (ElementTree | null)[];
  /** Pose of the shape: rotation row-major 9 and position 3, 12 each. */
  readonly pose: Float64Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.kind = new Uint8Array(capacity);
    this.half = new Float64Array(3 * capacity);
    this.rounding = new Float64Array(capacity);
    this.bound = new Float64Array(capacity);
    this.vertices = new Array<Float64Array>(capacity).fill(NONE);
    this.maps = new Array<SupportMap | null>(capacity).fill(null);
    this.trees = new Array<ElementTree | null>(capacity).fill(null);
    this.pose = new Float64Array(12 * capacity);
  }

  /** Adds a shape grown by `padding_m` on all sides, at the identity; returns its index. */
  add(shape: Shape | ConvexMesh | ElementTree, padding_m = 0): number {
    if (this.count === this.capacity) throw new RangeError(`ConvexSet is full: ${this.capacity} shapes`);
    const index = this.count++;
    this.set(index, shape, padding_m);
    return index;
  }

  /** Replaces shape `index`; its pose becomes the identity. */
  set(index: number, shape: Shape | ConvexMesh | ElementTree, padding_m = 0): void {
    const { half } = this;
    let rounding = padding_m;
    this.vertices[index] = NONE;
    this.maps[index] = null;
    this.trees[index] = null;
    if (shape.type === 'box') {
      this.kind[index] = BOX;
      for (let k = 0; k < 3; k++) half[3 * index + k] = shape.size[k] / 2;
    } else if (shape.type === 'cylinder') {
      this.kind[index] = CYLINDER;
      half[3 * index] = half[3 * index + 1] = shape.radius;
      half[3 * index + 2] = shape.length / 2;
    } else if (shape.type === 'sphere') {
      this.kind[index] = POINT;
      half.fill(0, 3 * index, 3 * index + 3);
      rounding += shape.radius;
    } else if (shape.type === 'elements') {
      this.kind[index] = TREE;
      this.trees[index] = shape;
      for (let k = 0; k < 3; k++) half[3 * index + k] = Math.abs(shape.box[k]) + shape.box[3 + k];
      rounding += shape.radius_m;
    } else {
      this.kind[index] = HULL;
      this.vertices[index] = shape.vertices;
      half.fill(0, 3 * index, 3 * index + 3);
      for (let v = 0; v < shape.vertices.length; v++) {
        const k = 3 * index + (v % 3);
        half[k] = Math.max(half[k], Math.abs(shape.vertices[v]));
      }
      rounding += shape.short_m;
    }
    this.rounding[index] = rounding;
    this.bound[index] = this.coreRadius(index) + rounding;
    this.pose.fill(0, 12 * index, 12 * index + 12);
    for (let k = 0; k < 9; k += 4) this.pose[12 * index + k] = 1;
  }

  private coreRadius(index: number): number {
    const { half, kind, vertices } = this;
    if (kind[index] === HULL) {
      let radius = 0;
      const v = vertices[index];
      for (let i = 0; i < v.length; i += 3) radius = Math.max(radius, Math.hypot(v[i], v[i + 1], v[i + 2]));
      return radius;
    }
    const hy = kind[index] === CYLINDER ? 0 : half[3 * index + 1];
    return Math.hypot(half[3 * index], hy, half[3 * index + 2]);
  }

  clear(): void {
    this.count = 0;
  }
}
