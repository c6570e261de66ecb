import type { Colliders } from './colliders.ts';
import type { Hull } from './hull.ts';
import { hullEdges } from './hull_edges.ts';
import { HullFaces } from './hull_faces.ts';
import { clipByLines, faceLines, opposedFace, reduceOnFace, setHullFrame, setPolygon } from './hull_frame.ts';
import { HullPair } from './hull_pair.ts';
import { HullSearch, SEARCH } from './hull_search.ts';
import { HYSTERESIS, type Manifold } from './manifold.ts';

const pair = new HullPair();
const faces = new HullFaces();
const search = new HullSearch();
const lines = new Float64Array(24);

/** Ids: 2¹¹ polygon corners, 2⁹ faces of each hull, which of them is the reference. */
const CORNERS = 2048;
const FACES = 512;

/**
 * Contact of two polyhedra, hulls or boxes where there are hulls: the faces of both as separating planes (Gregorius, The
 * Separating Axis Test between Convex Polyhedra, GDC 2013), and, unless the deepest point stands over the best of them and is
 * shallow, any direction (HullSearch). Then the incident face clipped by the reference face, or the closest points of two
 * edges. Points with a gap of up to `margin` (m) are kept; none if the two are farther apart.
 */
export function hullHull(c: Colliders, i: number, j: number, margin: number, out: Manifold): void {
  out.count = 0;
  pair.load(c, i, j);
  const { a, b } = pair;
  if (a === null || b === null || !faces.meet(pair, margin)) return;
  const best = faces.numbers[0];
  if (!faces.sure) {
    search.separation[0] = best + HYSTERESIS.edge_m + HYSTERESIS.edge * Math.abs(best);
    const result = search.run(pair, margin, faces.normal);
    if (result === SEARCH.apart) return;
    if (result === SEARCH.found) {
      hullEdges(c, i, pair, search.normal, search.separation, out);
      return;
    }
  }
  if (faces.face >= 0) faceOnFace(c, i, a, j, b, faces.face, faces.vertex, 1, margin, out);
  else faceOnFace(c, j, b, i, a, -1 - faces.face, faces.vertex, -1, margin, out);
  if (out.count > 0 || best >= 0) return;
  // Beside the face: then another direction is the least, if only a little.
  search.separation[0] = best;
  const found = search.run(pair, margin, faces.normal) === SEARCH.found;
  hullEdges(c, i, pair, found ? search.normal : faces.normal, search.separation, out);
}

/** Face `face` of hull a as reference face, and the face of b around its deepest vertex that most opposes it. */
function faceOnFace(
  c: Colliders,
  i: number,
  a: Hull,
  j: number,
  b: Hull,
  face: number,
  vertex: number,
  order: number,
  margin: number,
  out: Manifold,
): void {
  setHullFrame(c, i, a, face, out);
  out.takeNormal(order);
  const incident = opposedFace(c.R, 9 * j, b, vertex, out);
  setPolygon(c, j, b, incident, out);
  clipByLines(lines, faceLines(a, face, lines), out);
  const base = CORNERS * (face + FACES * (incident + (order > 0 ? 0 : FACES)));
  out.addPolygon(margin, base, true);
  reduceOnFace(out);
}
