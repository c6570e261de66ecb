import type { Colliders } from './colliders.ts';
import { cylinderOnHullFace } from './cylinder_on_hull_face.ts';
import type { Hull } from './hull.ts';
import { closest, highest } from './hull_edges.ts';
import { HullFaces } from './hull_faces.ts';
import { opposedFace, setPolygon } from './hull_frame.ts';
import { HullPair } from './hull_pair.ts';
import { HullSearch, SEARCH } from './hull_search.ts';
import { HYSTERESIS, type Manifold } from './manifold.ts';
import { clipByCap } from './octagon.ts';
import { setCapFrame } from './reference_face.ts';

const pair = new HullPair();
const faces = new HullFaces();
const search = new HullSearch();
/** Direction along the cylinder's axis that separates most, frame of the hull, and by how much (m). */
const cap = new Float64Array(4);

/** Ends of a generator, 3 each, frame of the hull (m), and parameters along edge and generator. */
const generator = new Float64Array(6);
const at = new Float64Array(2);
/** A cylinder lies along a plane if its axis is less than this (sine) from it. */
const LYING = 0.02;

/** Ids of single points, above those of faces (2048 · 512 for each kind of face). */
const SINGLE = 2 ** 22;
const CAP_FACES = 2 ** 21;

/**
 * Contact of cylinder i and hull j by separating axes: the hull's faces; the cylinder's axis; and, unless the deepest point
 * stands over the best of them and is shallow, any direction (HullSearch). A cap or the side on a face, or a face on a cap,
 * touch as those of boxes do; all else in one point. Points with a gap of up to `margin` (m) are kept.
 */
export function cylinderHull(c: Colliders, i: number, j: number, margin: number, out: Manifold): void {
  out.count = 0;
  pair.load(c, j, i);
  const { a } = pair;
  if (a === null || !faces.meet(pair, margin)) return;
  if (!capMeets(margin)) return;
  const plane = faces.numbers[0];
  const onCap = cap[3] > plane + HYSTERESIS.face_m + HYSTERESIS.face * Math.abs(plane);
  const best = onCap ? cap[3] : plane;
  const vertex = pair.vertex[0];
  const sure = onCap ? best > -HYSTERESIS.edge_m && isUnderCap(a, vertex) : faces.sure;
  if (!sure) {
    search.separation[0] = best + HYSTERESIS.edge_m + HYSTERESIS.edge * Math.abs(best);
    const result = search.run(pair, margin, onCap ? cap : faces.normal);
    if (result === SEARCH.apart) return;
    if (result === SEARCH.found) {
      edgeOnCylinder(c, j, search.normal, SINGLE, out);
      return;
    }
  }
  if (onCap) hullOnCap(c, i, j, a, vertex, margin, out);
  else cylinderOnHullFace(c, i, j, a, faces.face, margin, out);
  if (out.count > 0 || best >= 0) return;
  // Beside the face: then another direction is the least, if only a little.
  const normal = onCap ? cap : faces.normal;
  search.separation[0] = best;
  const found = search.run(pair, margin, normal) === SEARCH.found;
  edgeOnCylinder(c, j, found ? search.normal : normal, SINGLE + 1, out);
}

/** Whether the caps' planes leave less than `margin` between (m); leaves the hull's vertex nearest to the cap in the pair. */
function capMeets(margin: number): boolean {
  const { round, vertex, heights } = pair;
  pair.setDirection(round, 2, 1);
  pair.floor();
  pair.reach();
  const above = heights[1] - heights[0];
  const top = vertex[0];
  pair.setDirection(round, 2, -1);
  pair.floor();
  pair.reach();
  const below = heights[1] - heights[0];
  const sign = above > below ? 1 : -1;
  if (sign > 0) vertex[0] = top;
  for (let k = 0; k < 3; k++) cap[k] = sign * round[2 + k];
  cap[3] = Math.max(above, below);
  return cap[3] <= margin;
}

/** Whether a vertex of the hull stands over the cap. */
function isUnderCap({ vertices }: Hull, vertex: number): boolean {
  const { p, round } = pair;
  const x = vertices[3 * vertex] - p[0];
  const y = vertices[3 * vertex + 1] - p[1];
  const z = vertices[3 * vertex + 2] - p[2];
  const along = x * round[2] + y * round[3] + z * round[4];
  return x * x + y * y + z * z - along * along <= round[0] * round[0];
}

/** The cap of cylinder i towards hull j as reference face, and the hull's face around its nearest vertex, clipped by it. */
function hullOnCap(
  c: Colliders,
  i: number,
  j: number,
  hull: Hull,
  vertex: number,
  margin: number,
  out: Manifold,
): void {
  const { round } = pair;
  // From the cylinder to the hull, along its axis or against it.
  const end = cap[0] * round[2] + cap[1] * round[3] + cap[2] * round[4] > 0 ? -1 : 1;
  setCapFrame(c, i, end, out);
  out.takeNormal(1);
  const face = opposedFace(c.R, 9 * j, hull, vertex, out);
  setPolygon(c, j, hull, face, out);
  clipByCap(c.size, i, out);
  out.addPolygon(margin, CAP_FACES + 2048 * face + (end > 0 ? 0 : 1_048_576), false);
  out.reduce(c.R, 9 * i, 0, 1, true);
}

/**
 * One point midway between the hull's edge and the cylinder's generator, or point of a rim, that are farthest towards each
 * other along a direction from hull to cylinder, frame of the hull.
 */
function edgeOnCylinder(c: Colliders, j: number, direction: Float64Array, id: number, out: Manifold): void {
  const { a, vertex, near, round, p } = pair;
  if (a === null) return;
  const x = direction[0];
  const y = direction[1];
  const z = direction[2];
  pair.setDirection(direction, 0, 1);
  pair.reach();
  pair.floor();
  const v = 3 * vertex[0];
  const w = 3 * highest(a, a.vertices, vertex[0], direction, 1);
  const along = x * round[2] + y * round[3] + z * round[4];
  // From one end of the generator to the other, or no farther than the rim.
  const back = Math.abs(along) < LYING ? 1 : 0;
  const end = (near[0] - p[0]) * round[2] + (near[1] - p[1]) * round[3] + (near[2] - p[2]) * round[4];
  for (let k = 0; k < 3; k++) {
    generator[k] = near[k];
    generator[3 + k] = near[k] - back * 2 * end * round[2 + k];
  }
  closest(a.vertices, v, w, generator, 0, 3, at);
  for (let k = 0; k < 3; k++) {
    const q = a.vertices[v + k] + at[0] * (a.vertices[w + k] - a.vertices[v + k]);
    generator[k] = 0.5 * (q + generator[k] + at[1] * (generator[3 + k] - generator[k]));
  }
  const { R } = c;
  const r = 9 * j;
  for (let k = 0; k < 3; k++) out.normal[k] = -(R[r + 3 * k] * x + R[r + 3 * k + 1] * y + R[r + 3 * k + 2] * z);
  out.add(
    c.p[3 * j] + R[r] * generator[0] + R[r + 1] * generator[1] + R[r + 2] * generator[2],
    c.p[3 * j + 1] + R[r + 3] * generator[0] + R[r + 4] * generator[1] + R[r + 5] * generator[2],
    c.p[3 * j + 2] + R[r + 6] * generator[0] + R[r + 7] * generator[1] + R[r + 8] * generator[2],
    search.separation[0],
    id,
  );
}
