import type { ConvexMesh, Vector3 } from '../../contracts/index.ts';
import { type ContactPair, cross, dot, unit } from './contact_pair.ts';
import type { PairOptions } from './pairs_from_shape.ts';

/** Slant beyond which no usual friction holds (rad). */
const MOST_SLANT_RAD = Math.atan(1.2);
const SPACING_M = 0.01;

interface Face {
  readonly corners: readonly [Vector3, Vector3, Vector3];
  readonly normal: Vector3;
}

/** Antipodal contacts of a convex hull, in its frame: points of every face with what a ray straight in meets on the far side. */
export function pairsFromHull(hull: ConvexMesh, { max_width_m, spacing_m = SPACING_M }: PairOptions): ContactPair[] {
  const faces = facesOf(hull);
  return faces.flatMap((face) =>
    samples(face, spacing_m).flatMap((a): ContactPair[] => {
      const inward: Vector3 = [-face.normal[0], -face.normal[1], -face.normal[2]];
      const exit = rayExit(faces, a, inward);
      if (exit === null || exit.depth_m > max_width_m) return [];
      const b: Vector3 = [
        a[0] + exit.depth_m * inward[0],
        a[1] + exit.depth_m * inward[1],
        a[2] + exit.depth_m * inward[2],
      ];
      const { normal } = exit.face;
      if (Math.acos(Math.min(1, dot(normal, inward))) > MOST_SLANT_RAD) return [];
      return [{ a, b, normal_a: face.normal, normal_b: normal }];
    }),
  );
}

/** Faces with an area. */
function facesOf({ vertices, triangles }: ConvexMesh): Face[] {
  const at = (k: number): Vector3 => [vertices[3 * k], vertices[3 * k + 1], vertices[3 * k + 2]];
  const faces: Face[] = [];
  for (let i = 0; i < triangles.length; i += 3) {
    const corners = [at(triangles[i]), at(triangles[i + 1]), at(triangles[i + 2])] as const;
    const normal = cross(minus(corners[1], corners[0]), minus(corners[2], corners[0]));
    if (Math.hypot(...normal) > LEAST_AREA_M2) faces.push({ corners, normal: unit(normal) });
  }
  return faces;
}

/** Where a ray from a point of the surface leaves a convex body, as the nearest plane it goes out through. */
function rayExit(
  faces: readonly Face[],
  from: Vector3,
  along: Vector3,
): { readonly face: Face; readonly depth_m: number } | null {
  let [best, depth_m]: [Face | null, number] = [null, Number.POSITIVE_INFINITY];
  for (const face of faces) {
    const speed = dot(face.normal, along);
    if (speed <= 1e-9) continue;
    const t = dot(face.normal, minus(face.corners[0], from)) / speed;
    if (t > LEAST_DEPTH_M && t < depth_m) [best, depth_m] = [face, t];
  }
  return best === null ? null : { face: best, depth_m };
}

/** Points inside a triangle about `spacing_m` apart, its centroid for a small one. */
function samples({ corners: [p, q, r] }: Face, spacing_m: number): Vector3[] {
  const longest = Math.max(Math.hypot(...minus(q, p)), Math.hypot(...minus(r, q)), Math.hypot(...minus(p, r)));
  const n = Math.max(1, Math.round(longest / spacing_m));
  const points: Vector3[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n - i; j++) {
      const [u, v] = [(i + 1 / 3) / n, (j + 1 / 3) / n];
      const at = (k: 0 | 1 | 2): number => p[k] + u * (q[k] - p[k]) + v * (r[k] - p[k]);
      points.push([at(0), at(1), at(2)]);
    }
  }
  return points;
}

const minus = (a: Vector3, b: Vector3): Vector3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const LEAST_AREA_M2 = 1e-9;
const LEAST_DEPTH_M = 1e-6;
