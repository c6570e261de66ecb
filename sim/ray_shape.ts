import type { ConvexMesh, Shape } from '../contracts/index.ts';

/** Where a ray enters a shape: distance along it, outward unit normal there. */
const T = 0;
const NX = 1;

/** A convex shape that rays are cast against, in its own frame. Allocates nothing after construction. */
export interface RayShape {
  /**
   * From origin o[0..2] along the unit vector d[0..2]: distance (m) and normal of the point of entry into `hit` (4). False
   * if the ray misses, or begins inside.
   */
  cast(o: Float64Array, d: Float64Array, hit: Float64Array): boolean;
}

export function rayShape(shape: Shape | ConvexMesh): RayShape {
  switch (shape.type) {
    case 'box':
      return new Planes(boxPlanes(shape.size));
    case 'mesh':
      return new Planes(meshPlanes(shape));
    case 'cylinder':
      return new Cylinder(shape.radius, shape.length / 2);
    case 'sphere':
      return new Sphere(shape.radius);
  }
}

/** Cut of half spaces, each n·x ≤ c (Kay and Kajiya, Ray Tracing Complex Scenes, 1986). */
class Planes implements RayShape {
  private readonly planes: Float64Array;

  constructor(planes: readonly number[]) {
    this.planes = Float64Array.from(planes);
  }

  cast(o: Float64Array, d: Float64Array, hit: Float64Array): boolean {
    const { planes } = this;
    let enter = -Infinity;
    let leave = Infinity;
    let face = -1;
    for (let k = 0; k < planes.length; k += 4) {
      const speed = planes[k] * d[0] + planes[k + 1] * d[1] + planes[k + 2] * d[2];
      const room = planes[k + 3] - (planes[k] * o[0] + planes[k + 1] * o[1] + planes[k + 2] * o[2]);
      if (speed === 0) {
        if (room < 0) return false;
        continue;
      }
      const t = room / speed;
      if (speed > 0) leave = Math.min(leave, t);
      else if (t > enter) {
        enter = t;
        face = k;
      }
    }
    if (!(enter >= 0 && enter <= leave)) return false;
    hit[T] = enter;
    for (let i = 0; i < 3; i++) hit[NX + i] = planes[face + i];
    return true;
  }
}

class Sphere implements RayShape {
  private readonly radius: number;

  constructor(radius: number) {
    this.radius = radius;
  }

  cast(o: Float64Array, d: Float64Array, hit: Float64Array): boolean {
    const along = o[0] * d[0] + o[1] * d[1] + o[2] * d[2];
    const square = along * along - (o[0] * o[0] + o[1] * o[1] + o[2] * o[2] - this.radius * this.radius);
    if (square < 0) return false;
    const t = -along - Math.sqrt(square);
    if (t < 0) return false;
    hit[T] = t;
    for (let i = 0; i < 3; i++) hit[NX + i] = (o[i] + t * d[i]) / this.radius;
    return true;
  }
}

/** About z. */
class Cylinder implements RayShape {
  private readonly radius: number;
  private readonly half: number;

  constructor(radius: number, half: number) {
    this.radius = radius;
    this.half = half;
  }

  cast(o: Float64Array, d: Float64Array, hit: Float64Array): boolean {
    const { radius, half } = this;
    const a = d[0] * d[0] + d[1] * d[1];
    const b = o[0] * d[0] + o[1] * d[1];
    const c = o[0] * o[0] + o[1] * o[1] - radius * radius;
    let enter = -Infinity;
    let leave = Infinity;
    if (a > 0) {
      const square = b * b - a * c;
      if (square < 0) return false;
      const root = Math.sqrt(square);
      enter = (-b - root) / a;
      leave = (-b + root) / a;
    } else if (c > 0) return false;
    let cap = false;
    if (d[2] !== 0) {
      const near = (-Math.sign(d[2]) * half - o[2]) / d[2];
      cap = near > enter;
      enter = Math.max(enter, near);
      leave = Math.min(leave, (Math.sign(d[2]) * half - o[2]) / d[2]);
    } else if (Math.abs(o[2]) > half) return false;
    if (!(enter >= 0 && enter <= leave)) return false;
    hit[T] = enter;
    hit[NX] = cap ? 0 : (o[0] + enter * d[0]) / radius;
    hit[NX + 1] = cap ? 0 : (o[1] + enter * d[1]) / radius;
    hit[NX + 2] = cap ? -Math.sign(d[2]) : 0;
    return true;
  }
}

function boxPlanes(size: readonly number[]): number[] {
  return size.flatMap((full, k) =>
    [1, -1].flatMap((sign) => [0, 1, 2].map((i) => (i === k ? sign : 0)).concat(full / 2)),
  );
}

function meshPlanes({ vertices: v, triangles }: ConvexMesh): number[] {
  const planes: number[] = [];
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => [0, 1, 2].map((i) => v[3 * triangles[t + k] + i]));
    const [p, q] = [b, c].map((corner) => corner.map((x, i) => x - a[i]));
    const n = [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
    const length = Math.hypot(...n);
    if (length === 0) continue;
    const unit = n.map((x) => x / length);
    planes.push(...unit, unit[0] * a[0] + unit[1] * a[1] + unit[2] * a[2]);
  }
  return planes;
}
