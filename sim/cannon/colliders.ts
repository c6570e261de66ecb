import type { ConvexMesh, Shape } from '../../contracts/index.ts';
import { boxHull, type Hull, hullOf } from './hull.ts';

export const BOX = 0;
export const CYLINDER = 1;
export const SPHERE = 2;
export const HULL = 3;

/** A shape fixed to a rigid body: T_body_shape, rotation row-major and translation (m). */
export interface ColliderSpec {
  readonly shape: Shape | ConvexMesh;
  readonly rigid: number;
  readonly R: ArrayLike<number>;
  readonly p: ArrayLike<number>;
  readonly friction: number;
}

/**
 * Every primitive of the world as flat arrays, and the pose of the rigid bodies that carry them. Rigid bodies move
 * first (`rigid_R`, `rigid_p`, written by the engine), then `update` places their primitives.
 */
export class Colliders {
  readonly count: number;
  /** BOX, CYLINDER, SPHERE or HULL. */
  readonly kind: Uint8Array;
  /** Half extents of a box; radius and half length of a cylinder, whose axis is z; radius of a sphere (m), 3·count. */
  readonly size: Float64Array;
  /** Of a mesh; of a box where there are meshes, so that both can meet as polyhedra; else null. */
  readonly hulls: readonly (Hull | null)[];
  readonly rigid: Int32Array;
  readonly friction: Float64Array;
  /** World pose of the primitives: rotation row-major 9·count, position 3·count (m). */
  readonly R: Float64Array;
  readonly p: Float64Array;
  /** World bounds of the primitives, 3·count (m). */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** World pose of the rigid bodies: rotation row-major 9·rigids, position 3·rigids (m). */
  readonly rigid_R: Float64Array;
  readonly rigid_p: Float64Array;
  /** Sphere around all primitives of a rigid body, in its frame: centre 3·rigids, radius (m); −1 without primitives. */
  readonly ball: Float64Array;
  readonly ball_radius: Float64Array;
  private readonly local_R: Float64Array;
  private readonly local_p: Float64Array;

  constructor(specs: readonly ColliderSpec[], rigids: number) {
    const count = specs.length;
    this.count = count;
    this.kind = new Uint8Array(count);
    this.size = new Float64Array(3 * count);
    this.rigid = new Int32Array(count);
    this.friction = new Float64Array(count);
    this.R = new Float64Array(9 * count);
    this.p = new Float64Array(3 * count);
    this.lower = new Float64Array(3 * count);
    this.upper = new Float64Array(3 * count);
    this.rigid_R = new Float64Array(9 * rigids);
    this.rigid_p = new Float64Array(3 * rigids);
    this.local_R = new Float64Array(9 * count);
    this.local_p = new Float64Array(3 * count);
    this.ball = new Float64Array(3 * rigids);
    this.ball_radius = new Float64Array(rigids);
    for (let i = 0; i < rigids; i++) for (let k = 0; k < 3; k++) this.rigid_R[9 * i + 4 * k] = 1;
    for (let i = 0; i < rigids; i++) this.bound(i, specs);
    const meshes = specs.some(({ shape }) => shape.type === 'mesh');
    this.hulls = specs.map(({ shape }) => {
      if (shape.type === 'mesh') return hullOf(shape);
      if (shape.type !== 'box' || !meshes) return null;
      return boxHull(shape.size[0] / 2, shape.size[1] / 2, shape.size[2] / 2);
    });
    specs.forEach((spec, i) => {
      const { shape } = spec;
      this.kind[i] = KINDS[shape.type];
      if (shape.type === 'box') for (let k = 0; k < 3; k++) this.size[3 * i + k] = shape.size[k] / 2;
      else if (shape.type !== 'mesh') this.size[3 * i] = shape.radius;
      if (shape.type === 'cylinder') this.size[3 * i + 1] = shape.length / 2;
      this.rigid[i] = spec.rigid;
      this.friction[i] = spec.friction;
      for (let k = 0; k < 9; k++) this.local_R[9 * i + k] = spec.R[k];
      for (let k = 0; k < 3; k++) this.local_p[3 * i + k] = spec.p[k];
    });
  }

  /** Sphere about the mean of the primitives' centres. */
  private bound(rigid: number, specs: readonly ColliderSpec[]): void {
    const own = specs.filter((spec) => spec.rigid === rigid);
    for (let k = 0; k < 3; k++) {
      this.ball[3 * rigid + k] = own.reduce((sum, { p }) => sum + p[k], 0) / Math.max(1, own.length);
    }
    this.ball_radius[rigid] = Math.max(
      -1,
      ...own.map(({ shape, p }) => {
        return reachOf(shape) + Math.hypot(...[0, 1, 2].map((k) => p[k] - this.ball[3 * rigid + k]));
      }),
    );
  }

  /** Bounds of a hull, once it is placed. */
  private boundHull({ vertices }: Hull, i: number): void {
    const { R, p, lower, upper } = this;
    for (let row = 0; row < 3; row++) {
      const x = R[9 * i + 3 * row];
      const y = R[9 * i + 3 * row + 1];
      const z = R[9 * i + 3 * row + 2];
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let v = 0; v < vertices.length; v += 3) {
        const at = x * vertices[v] + y * vertices[v + 1] + z * vertices[v + 2];
        if (at < low) low = at;
        if (at > high) high = at;
      }
      lower[3 * i + row] = p[3 * i + row] + low;
      upper[3 * i + row] = p[3 * i + row] + high;
    }
  }

  /** Places the primitives `from` .. `to` − 1 and their bounds from the pose of their rigid bodies. */
  update(from = 0, to = this.count): void {
    const { R, p, local_R: L, local_p: l, rigid, rigid_R, rigid_p, kind, size, lower, upper } = this;
    for (let i = from; i < to; i++) {
      const r = 9 * i;
      const t = 3 * i;
      const b = 9 * rigid[i];
      for (let row = 0; row < 3; row++) {
        const k = b + 3 * row;
        const x = rigid_R[k];
        const y = rigid_R[k + 1];
        const z = rigid_R[k + 2];
        const o = r + 3 * row;
        const r0 = x * L[r] + y * L[r + 3] + z * L[r + 6];
        const r1 = x * L[r + 1] + y * L[r + 4] + z * L[r + 7];
        const r2 = x * L[r + 2] + y * L[r + 5] + z * L[r + 8];
        const centre = rigid_p[3 * rigid[i] + row] + x * l[t] + y * l[t + 1] + z * l[t + 2];
        R[o] = r0;
        R[o + 1] = r1;
        R[o + 2] = r2;
        p[t + row] = centre;
        let extent = size[t];
        if (kind[i] === BOX) extent = Math.abs(r0) * extent + Math.abs(r1) * size[t + 1] + Math.abs(r2) * size[t + 2];
        else if (kind[i] === CYLINDER) {
          extent = extent * Math.sqrt(Math.max(0, 1 - r2 * r2)) + size[t + 1] * Math.abs(r2);
        }
        lower[t + row] = centre - extent;
        upper[t + row] = centre + extent;
      }
      const hull = kind[i] === HULL ? this.hulls[i] : null;
      if (hull !== null) this.boundHull(hull, i);
    }
  }
}

const KINDS = { box: BOX, cylinder: CYLINDER, sphere: SPHERE, mesh: HULL } as const;

/** Radius about a shape's origin that holds all of it (m). */
function reachOf(shape: Shape | ConvexMesh): number {
  switch (shape.type) {
    case 'box':
      return Math.hypot(...shape.size) / 2;
    case 'cylinder':
      return Math.hypot(shape.radius, shape.length / 2);
    case 'sphere':
      return shape.radius;
    case 'mesh':
      return hullOf(shape).radius;
  }
}
