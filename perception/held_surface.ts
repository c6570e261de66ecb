import type { InspectSurfaceGoal } from '../contracts/index.ts';
import type { PixelView } from './regions.ts';

/** Pixels of the side of a held object that faces the camera, with where they are on it. */
export interface SurfacePatch {
  /** Pixel indices, ascending. */
  readonly pixels: Int32Array;
  /** Coordinates on the side about its middle, u, v interleaved (m); round a cylinder u is the arc. */
  readonly uv: Float64Array;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Area of the pixels (m²). */
  readonly area_m2: number;
}

/** What is nearer to the side's edges than this is left out (m): as sure as the hold is known. */
const EDGE_M = 0.0035;
/** Measured depth may differ from the expected one by this (m); beyond it something else is seen. */
const DEPTH_M = 0.008;
/** Sides seen at a flatter angle than this are not judged: cosine of view and normal. */
const LEAST_COSINE = 0.7;

/**
 * Intersects every pixel's ray with the held shape and keeps those on the side that faces the camera most squarely (one
 * face of a box, the mantle of a cylinder), away from its edges, where the measured depth agrees.
 * @returns null when that side is out of the picture
 */
export function heldSurface(view: PixelView, { shape, pose }: InspectSurfaceGoal): SurfacePatch | null {
  const { camera, rays, width } = view;
  const R = rotationOf(pose.orientation);
  const { T } = camera;
  // the camera in the shape's frame
  const offset = [T[3] - pose.position[0], T[7] - pose.position[1], T[11] - pose.position[2]];
  const eye = [0, 1, 2].map((k) => R[k] * offset[0] + R[3 + k] * offset[1] + R[6 + k] * offset[2]);
  const M = [0, 1, 2].map((k) => [0, 1, 2].map((c) => R[k] * T[c] + R[3 + k] * T[4 + c] + R[6 + k] * T[8 + c]));
  const side = shape.type === 'box' ? boxSide(shape.size, eye) : shape.type === 'cylinder' ? mantle(shape, eye) : null;
  if (side === null) return null;
  const pixels: number[] = [];
  const uv: number[] = [];
  const hit = { depth: 0, u: 0, v: 0, cosine: 0 };
  let area_m2 = 0;
  for (let i = 0; i < view.depth.length; i++) {
    const [rx, ry] = [rays[2 * i], rays[2 * i + 1]];
    const d = [0, 1, 2].map((k) => M[k][0] * rx + M[k][1] * ry + M[k][2]);
    if (!side(d, hit) || hit.cosine < LEAST_COSINE) continue;
    if (view.depth[i] > 0 && Math.abs(view.depth[i] - hit.depth) > DEPTH_M) continue;
    pixels.push(i);
    uv.push(hit.u, hit.v);
    area_m2 += hit.depth ** 2 / (camera.fx * camera.fy * hit.cosine);
  }
  if (pixels.length === 0) return null;
  let [left, right] = [width, 0];
  for (const i of pixels) {
    left = Math.min(left, i % width);
    right = Math.max(right, i % width);
  }
  const top = Math.floor(pixels[0] / width);
  const bottom = Math.floor(pixels[pixels.length - 1] / width);
  return {
    pixels: Int32Array.from(pixels),
    uv: Float64Array.from(uv),
    left,
    top,
    width: right - left + 1,
    height: bottom - top + 1,
    area_m2,
  };
}

interface Hit {
  /** Optical depth (m), coordinates on the side (m), cosine between view and normal. */
  depth: number;
  u: number;
  v: number;
  cosine: number;
}

type Side = (direction: readonly number[], hit: Hit) => boolean;

/** The face of a box whose normal looks most towards the eye. */
function boxSide(size: readonly number[], eye: readonly number[]): Side | null {
  const reach = Math.hypot(eye[0], eye[1], eye[2]);
  const beyond = [0, 1, 2].map((k) => (Math.abs(eye[k]) - size[k] / 2) / reach);
  const k = beyond.indexOf(Math.max(...beyond));
  if (beyond[k] <= 0) return null;
  const [a, b] = [(k + 1) % 3, (k + 2) % 3];
  const plane = (Math.sign(eye[k]) * size[k]) / 2;
  const [half_a, half_b] = [size[a] / 2 - EDGE_M, size[b] / 2 - EDGE_M];
  return (d, hit) => {
    if (d[k] * eye[k] >= 0) return false;
    hit.depth = (plane - eye[k]) / d[k];
    hit.u = eye[a] + hit.depth * d[a];
    hit.v = eye[b] + hit.depth * d[b];
    hit.cosine = Math.abs(d[k]) / Math.hypot(d[0], d[1], d[2]);
    return Math.abs(hit.u) <= half_a && Math.abs(hit.v) <= half_b;
  };
}

/** The mantle of a cylinder about z. */
function mantle({ radius, length }: { radius: number; length: number }, eye: readonly number[]): Side | null {
  const c = eye[0] ** 2 + eye[1] ** 2 - radius ** 2;
  if (c <= 0) return null;
  const middle = Math.atan2(eye[1], eye[0]);
  return (d, hit) => {
    const a = d[0] ** 2 + d[1] ** 2;
    const b = eye[0] * d[0] + eye[1] * d[1];
    const root = b * b - a * c;
    if (root <= 0 || b >= 0) return false;
    hit.depth = (-b - Math.sqrt(root)) / a;
    const [x, y] = [eye[0] + hit.depth * d[0], eye[1] + hit.depth * d[1]];
    const angle = Math.atan2(y, x) - middle;
    hit.u = radius * (angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI)));
    hit.v = eye[2] + hit.depth * d[2];
    hit.cosine = -(x * d[0] + y * d[1]) / (radius * Math.hypot(d[0], d[1], d[2]));
    return Math.abs(hit.v) <= length / 2 - EDGE_M;
  };
}

/** Row-major rotation of a unit quaternion xyzw. */
function rotationOf([x, y, z, w]: readonly [number, number, number, number]): readonly number[] {
  return [
    1 - 2 * (y * y + z * z),
    2 * (x * y - z * w),
    2 * (x * z + y * w),
    2 * (x * y + z * w),
    1 - 2 * (x * x + z * z),
    2 * (y * z - x * w),
    2 * (x * z - y * w),
    2 * (y * z + x * w),
    1 - 2 * (x * x + y * y),
  ];
}
