import type { Shape, TriangleMesh, Vector3 } from '../../contracts/index.ts';
import type { RobotModel } from '../../dynamics/index.ts';
import {
  LABEL,
  type PhysicsEngine,
  type PinholeCamera,
  type SceneModel,
  type SurfaceTexture,
} from '../../sim/index.ts';

/** A solid in the world, or a flat zone facing up; rotation row-major. A mesh must be convex. */
export interface Solid {
  readonly shape:
    | Shape
    | TriangleMesh
    | { readonly type: 'zone'; readonly radius_m?: number; readonly size_m?: readonly [number, number] };
  readonly R: ArrayLike<number>;
  readonly p: ArrayLike<number>;
  readonly label: number;
  readonly rgb: Vector3;
  readonly texture?: SurfaceTexture | undefined;
}

export interface RayHit {
  readonly solid: Solid;
  /** Along the ray, in lengths of its direction. */
  readonly t: number;
  /** Cosine between ray and the surface's normal, and that normal in the world. */
  readonly cosine: number;
  readonly normal: Vector3;
  /** In the solid's frame, m. */
  readonly local: Vector3;
}

/** Every solid of a scene and a robot where the engine has them, as `SceneView` shows them, the room aside. */
export function solidsOf(scene: SceneModel, robot: RobotModel, engine: PhysicsEngine): Solid[] {
  const solids: Solid[] = [];
  const pose = new Float64Array(13);
  for (const part of robot.visual) {
    if (part.body < 0) pose.set([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
    else engine.bodyPose(part.body, pose);
    const R = Array.from({ length: 9 }, (_, i) => {
      const [r, c] = [Math.floor(i / 3), i % 3];
      return [0, 1, 2].reduce((sum, k) => sum + pose[3 * r + k] * part.R[3 * k + c], 0);
    });
    const p = [0, 1, 2].map((r) => pose[9 + r] + [0, 1, 2].reduce((sum, k) => sum + pose[3 * r + k] * part.p[k], 0));
    solids.push({ shape: part.shape, R, p, label: LABEL.robot, rgb: [part.rgba[0], part.rgba[1], part.rgba[2]] });
  }
  scene.objects.forEach(({ shape, rgb, texture }, i) => {
    engine.objectState(i, pose, 0);
    const [x, y, z, qx, qy, qz, qw] = pose;
    solids.push({ shape, R: rotation([qx, qy, qz, qw]), p: [x, y, z], label: LABEL.object0 + i, rgb, texture });
  });
  for (const { size, pose: at, rgb, texture } of [...(scene.fixtures ?? []), scene.table]) {
    const shape = { type: 'box', size } as const;
    solids.push({ shape, R: rotation(at.orientation), p: at.position, label: LABEL.table, rgb, texture });
  }
  for (const { position, radius_m, size_m, rgb } of scene.zones) {
    const shape = {
      type: 'zone',
      ...(radius_m === undefined ? {} : { radius_m }),
      ...(size_m === undefined ? {} : { size_m }),
    } as const;
    const p = [position[0], position[1], position[2] + 1e-4];
    solids.push({ shape, R: [1, 0, 0, 0, 1, 0, 0, 0, 1], p, label: LABEL.table, rgb });
  }
  return solids;
}

export function rotation([x, y, z, w]: readonly [number, number, number, number]): number[] {
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
    [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
    [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
  ].flat();
}

/** Origin of a camera's rays, and that of pixel u, v scaled to optical depth 1, world frame. */
export function pixelRay(camera: PinholeCamera, u: number, v: number): { origin: Vector3; direction: Vector3 } {
  const { K, T_world_camera_optical: T } = camera;
  const [x, y] = [(u - K[2]) / K[0], (v - K[5]) / K[4]];
  const along = (r: number): number => T[4 * r] * x + T[4 * r + 1] * y + T[4 * r + 2];
  return { origin: [T[3], T[7], T[11]], direction: [along(0), along(1), along(2)] };
}

/** The nearest surface facing the ray's origin beyond `least`; null for none. */
export function castRay(solids: readonly Solid[], origin: Vector3, direction: Vector3, least = 0): RayHit | null {
  let best: RayHit | null = null;
  for (const solid of solids) {
    const hit = castAt(solid, origin, direction, least);
    if (hit !== null && (best === null || hit.t < best.t)) best = hit;
  }
  return best;
}

const BOUNDS = new WeakMap<Solid, number>();

/** Radius of a ball around a solid's origin that holds it, m. */
function boundOf(solid: Solid): number {
  let bound = BOUNDS.get(solid);
  if (bound === undefined) {
    const { shape } = solid;
    if (shape.type === 'box') bound = Math.hypot(...shape.size) / 2;
    else if (shape.type === 'cylinder') bound = Math.hypot(shape.radius, shape.length / 2);
    else if (shape.type === 'sphere') bound = shape.radius;
    else if (shape.type === 'zone') bound = shape.radius_m ?? Math.hypot(...(shape.size_m ?? [])) / 2;
    else
      bound = shape.vertices.reduce(
        (far, _, i, v) => (i % 3 ? far : Math.max(far, Math.hypot(v[i], v[i + 1], v[i + 2]))),
        0,
      );
    BOUNDS.set(solid, bound);
  }
  return bound;
}

function castAt(solid: Solid, origin: Vector3, direction: Vector3, least: number): RayHit | null {
  const { R, p, shape } = solid;
  const bound = boundOf(solid) + 1e-9;
  const x = p[0] - origin[0];
  const y = p[1] - origin[1];
  const z = p[2] - origin[2];
  const along = x * direction[0] + y * direction[1] + z * direction[2];
  const square = direction[0] ** 2 + direction[1] ** 2 + direction[2] ** 2;
  if (x * x + y * y + z * z - (along * along) / square > bound * bound) return null;
  const local = (x: number, y: number, z: number): Vector3 => [
    R[0] * x + R[3] * y + R[6] * z,
    R[1] * x + R[4] * y + R[7] * z,
    R[2] * x + R[5] * y + R[8] * z,
  ];
  const o = local(origin[0] - p[0], origin[1] - p[1], origin[2] - p[2]);
  const d = local(...direction);
  const found = enter(shape, o, d);
  if (found === null || found.t <= least) return null;
  const [nx, ny, nz] = found.normal;
  const cosine = -(d[0] * nx + d[1] * ny + d[2] * nz) / Math.hypot(...d);
  if (cosine <= 0) return null;
  const turned = (r: number): number => R[3 * r] * nx + R[3 * r + 1] * ny + R[3 * r + 2] * nz;
  const at = (k: number): number => o[k] + found.t * d[k];
  return { solid, t: found.t, cosine, normal: [turned(0), turned(1), turned(2)], local: [at(0), at(1), at(2)] };
}

interface Entry {
  readonly t: number;
  readonly normal: Vector3;
}

/** Where a ray enters a shape, in its frame. */
function enter(shape: Solid['shape'], o: Vector3, d: Vector3): Entry | null {
  switch (shape.type) {
    case 'box':
    case 'mesh':
      return enterPlanes(planesOf(shape), o, d);
    case 'sphere':
      return enterRound(shape.radius, o, d, 3);
    case 'cylinder': {
      const caps = [-1, 1].map((side) => ({ normal: unit(2, side), offset: shape.length / 2 }));
      return enterPlanes(caps, o, d, enterRound(shape.radius, o, d, 2), exitRound(shape.radius, o, d));
    }
    case 'zone': {
      const t = -o[2] / d[2];
      const [x, y] = [o[0] + t * d[0], o[1] + t * d[1]];
      const inside =
        shape.size_m === undefined
          ? Math.hypot(x, y) <= (shape.radius_m ?? 0)
          : Math.abs(x) <= shape.size_m[0] / 2 && Math.abs(y) <= shape.size_m[1] / 2;
      return t > 0 && inside ? { t, normal: [0, 0, 1] } : null;
    }
  }
}

function unit(axis: number, length: number): Vector3 {
  return [axis === 0 ? length : 0, axis === 1 ? length : 0, axis === 2 ? length : 0];
}

/** Where a ray enters what is behind all planes (Cyrus and Beck, 1978), and between an entry and an exit already found. */
function enterPlanes(
  planes: Planes,
  o: Vector3,
  d: Vector3,
  first: Entry | null = { t: -Infinity, normal: [0, 0, 0] },
  last = Infinity,
): Entry | null {
  if (first === null) return null;
  let entry = first;
  let exit = last;
  for (const { normal, offset } of planes) {
    const height = dot(normal, o) - offset;
    const rate = dot(normal, d);
    if (rate === 0) {
      if (height > 0) return null;
    } else if (rate < 0) {
      if (-height / rate > entry.t) entry = { t: -height / rate, normal };
    } else exit = Math.min(exit, -height / rate);
  }
  return entry.t <= exit ? entry : null;
}

/** Where a ray enters a ball (dims 3) or an endless cylinder around z (dims 2); −∞ if it never leaves the latter. */
function enterRound(radius: number, o: Vector3, d: Vector3, dims: number): Entry | null {
  const [a, b, c] = quadratic(radius, o, d, dims);
  if (a === 0) return c <= 0 ? { t: -Infinity, normal: [0, 0, 0] } : null;
  const root = b * b - a * c;
  if (root < 0) return null;
  const t = (-b - Math.sqrt(root)) / a;
  const at = (k: number): number => (k < dims ? (o[k] + t * d[k]) / radius : 0);
  return { t, normal: [at(0), at(1), at(2)] };
}

function exitRound(radius: number, o: Vector3, d: Vector3): number {
  const [a, b, c] = quadratic(radius, o, d, 2);
  return a === 0 ? Infinity : (-b + Math.sqrt(Math.max(0, b * b - a * c))) / a;
}

function quadratic(radius: number, o: Vector3, d: Vector3, dims: number): Vector3 {
  let [a, b, c] = [0, 0, -radius * radius];
  for (let k = 0; k < dims; k++) {
    a += d[k] * d[k];
    b += d[k] * o[k];
    c += o[k] * o[k];
  }
  return [a, b, c];
}

type Planes = readonly { readonly normal: Vector3; readonly offset: number }[];
const PLANES = new WeakMap<Solid['shape'], Planes>();

function planesOf(shape: Extract<Solid['shape'], { type: 'box' | 'mesh' }>): Planes {
  let planes = PLANES.get(shape);
  if (planes === undefined) {
    planes = shape.type === 'box' ? sidesOf(shape.size) : facesOf(shape);
    PLANES.set(shape, planes);
  }
  return planes;
}

function sidesOf(size: Vector3): Planes {
  return [0, 1, 2].flatMap((k) => [-1, 1].map((side) => ({ normal: unit(k, side), offset: size[k] / 2 })));
}

function facesOf({ vertices, triangles }: TriangleMesh): Planes {
  return Array.from({ length: triangles.length / 3 }, (_, t) => {
    const [a, b, c] = [0, 1, 2].map((k) => vertices.subarray(3 * triangles[3 * t + k], 3 * triangles[3 * t + k] + 3));
    const u = [0, 1, 2].map((k) => b[k] - a[k]);
    const v = [0, 1, 2].map((k) => c[k] - a[k]);
    const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    const length = Math.hypot(...n);
    const normal: Vector3 = [n[0] / length, n[1] / length, n[2] / length];
    return { normal, offset: dot(normal, [a[0], a[1], a[2]]) };
  });
}

function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
