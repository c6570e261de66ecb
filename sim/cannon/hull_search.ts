import type { HullPair } from './hull_pair.ts';

const MOST_POINTS = 64;
const MOST_FACES = 512;
/** A face that no support point lies beyond by more than this is one of the difference (m). */
const DONE = 1e-7;
/** A point is beyond a face by more than this (m). */
const BEYOND = 1e-11;

/** What a search ends with. */
export const SEARCH = { nothing: 0, found: 1, apart: 2 } as const;

/**
 * Looks for the direction in which two bodies overlap least, by growing a polytope inside their Minkowski difference a − b
 * towards the origin (expanding polytope algorithm; van den Bergen, Collision Detection in Interactive 3D Environments,
 * 2004, 4.3.8): always at the face whose plane separates most. The origin may be outside, where the bodies are apart: then
 * it is the best of the planes of the difference's faces. No allocation.
 */
export class HullSearch {
  /** Direction found, from a to b, frame of a, and its separation (m). */
  readonly normal = new Float64Array(3);
  readonly separation = new Float64Array(1);
  private readonly points = new Float64Array(3 * MOST_POINTS);
  private count = 0;
  /** Corners of the faces, 3 each; unit outward normals, and heights of the planes over the origin (m). */
  private readonly corners = new Int32Array(3 * MOST_FACES);
  private readonly normals = new Float64Array(3 * MOST_FACES);
  private readonly heights = new Float64Array(MOST_FACES);
  private faces = 0;
  private readonly horizon = new Int32Array(2 * MOST_FACES);
  private edges = 0;
  private readonly way = new Float64Array(3);

  /**
   * Whether a direction separates by more than separation[0] says (m), or by more than `margin`, where the search ends at
   * once; it and how far it separates are written.
   * @param hint  a direction that separates well, 3
   */
  run(pair: HullPair, margin: number, hint: Float64Array): number {
    const { heights, normals, normal, separation, points } = this;
    let result: number = SEARCH.nothing;
    if (!this.start(pair, hint)) return result;
    while (this.count < MOST_POINTS && this.faces > 0) {
      let face = 0;
      for (let f = 1; f < this.faces; f++) if (heights[f] < heights[face]) face = f;
      if (-heights[face] <= separation[0]) return result;
      const x = normals[3 * face];
      const y = normals[3 * face + 1];
      const z = normals[3 * face + 2];
      this.addSupport(pair, normals, 3 * face, 1);
      const at = 3 * (this.count - 1);
      const height = x * points[at] + y * points[at + 1] + z * points[at + 2];
      if (-height > separation[0]) {
        separation[0] = -height;
        normal[0] = x;
        normal[1] = y;
        normal[2] = z;
        if (-height > margin) return SEARCH.apart;
        result = SEARCH.found;
      }
      if (height - heights[face] <= DONE || !this.expand()) return result;
    }
    return result;
  }

  /** A tetrahedron of support points; false if the difference is flat. */
  private start(pair: HullPair, hint: Float64Array): boolean {
    const { points, way } = this;
    this.count = 0;
    this.faces = 0;
    this.addSupport(pair, hint, 0, 1);
    this.addSupport(pair, hint, 0, -1);
    const ex = points[3] - points[0];
    const ey = points[4] - points[1];
    const ez = points[5] - points[2];
    // Across the line of both.
    const flat = Math.abs(ex) < Math.abs(ey);
    way[0] = flat ? 0 : -ez;
    way[1] = flat ? ez : 0;
    way[2] = flat ? -ey : ex;
    if (!this.addFarther(pair, 6)) return false;
    const ux = points[6] - points[0];
    const uy = points[7] - points[1];
    const uz = points[8] - points[2];
    way[0] = ey * uz - ez * uy;
    way[1] = ez * ux - ex * uz;
    way[2] = ex * uy - ey * ux;
    if (!this.addFarther(pair, 9)) return false;
    const side =
      way[0] * (points[9] - points[0]) + way[1] * (points[10] - points[1]) + way[2] * (points[11] - points[2]);
    if (side < 0) {
      this.addFace(0, 1, 2);
      this.addFace(0, 2, 3);
      this.addFace(2, 1, 3);
      this.addFace(1, 0, 3);
    } else {
      this.addFace(0, 2, 1);
      this.addFace(0, 3, 2);
      this.addFace(2, 3, 1);
      this.addFace(1, 3, 0);
    }
    return true;
  }

  /** Adds the support point along or against the way that is farther from the first point; false if neither is. */
  private addFarther(pair: HullPair, at: number): boolean {
    const { points, way } = this;
    const scale = 1 / Math.max(1e-300, Math.sqrt(way[0] * way[0] + way[1] * way[1] + way[2] * way[2]));
    for (let k = 0; k < 3; k++) way[k] *= scale;
    this.addSupport(pair, way, 0, 1);
    const along =
      way[0] * (points[at] - points[0]) + way[1] * (points[at + 1] - points[1]) + way[2] * (points[at + 2] - points[2]);
    this.addSupport(pair, way, 0, -1);
    const against =
      way[0] * (points[0] - points[at + 3]) +
      way[1] * (points[1] - points[at + 4]) +
      way[2] * (points[2] - points[at + 5]);
    this.count--;
    if (against > along) points.copyWithin(at, at + 3, at + 6);
    return Math.max(along, against) > 1e-9;
  }

  /** Appends the point of the difference farthest along `sign` times the unit vector at from[o ..]. */
  private addSupport(pair: HullPair, from: Float64Array, o: number, sign: number): void {
    const { a, near, vertex } = pair;
    if (a === null) return;
    pair.setDirection(from, o, sign);
    pair.reach();
    pair.floor();
    const v = 3 * vertex[0];
    const at = 3 * this.count++;
    this.points[at] = a.vertices[v] - near[0];
    this.points[at + 1] = a.vertices[v + 1] - near[1];
    this.points[at + 2] = a.vertices[v + 2] - near[2];
  }

  /** Takes the newest point into the polytope: what it sees gives way to a cone from its horizon. */
  private expand(): boolean {
    const { points, normals, heights, corners, horizon } = this;
    const apex = this.count - 1;
    const x = points[3 * apex];
    const y = points[3 * apex + 1];
    const z = points[3 * apex + 2];
    this.edges = 0;
    for (let f = 0; f < this.faces; ) {
      const height = normals[3 * f] * x + normals[3 * f + 1] * y + normals[3 * f + 2] * z - heights[f];
      if (!(height > BEYOND)) {
        f++;
        continue;
      }
      for (let k = 0; k < 3; k++) this.addEdge(corners[3 * f + k], corners[3 * f + (k === 2 ? 0 : k + 1)]);
      const last = --this.faces;
      corners.copyWithin(3 * f, 3 * last, 3 * last + 3);
      normals.copyWithin(3 * f, 3 * last, 3 * last + 3);
      heights[f] = heights[last];
    }
    if (this.edges === 0 || this.faces + this.edges > MOST_FACES) return false;
    for (let e = 0; e < this.edges; e++) this.addFace(horizon[2 * e], horizon[2 * e + 1], apex);
    return true;
  }

  /** Adds an edge of the horizon; an edge walked both ways is inside it. */
  private addEdge(from: number, to: number): void {
    const { horizon } = this;
    for (let e = 0; e < this.edges; e++) {
      if (horizon[2 * e] !== to || horizon[2 * e + 1] !== from) continue;
      const last = --this.edges;
      horizon[2 * e] = horizon[2 * last];
      horizon[2 * e + 1] = horizon[2 * last + 1];
      return;
    }
    horizon[2 * this.edges] = from;
    horizon[2 * this.edges + 1] = to;
    this.edges++;
  }

  private addFace(i: number, j: number, k: number): void {
    const { points, corners, normals, heights } = this;
    const a = 3 * i;
    const b = 3 * j;
    const c = 3 * k;
    const ux = points[b] - points[a];
    const uy = points[b + 1] - points[a + 1];
    const uz = points[b + 2] - points[a + 2];
    const wx = points[c] - points[a];
    const wy = points[c + 1] - points[a + 1];
    const wz = points[c + 2] - points[a + 2];
    const x = uy * wz - uz * wy;
    const y = uz * wx - ux * wz;
    const z = ux * wy - uy * wx;
    const length = Math.sqrt(x * x + y * y + z * z);
    const f = this.faces++;
    corners[3 * f] = i;
    corners[3 * f + 1] = j;
    corners[3 * f + 2] = k;
    // A face without area has no plane; it is never looked at and sees nothing.
    const scale = length > 1e-16 ? 1 / length : 0;
    normals[3 * f] = x * scale;
    normals[3 * f + 1] = y * scale;
    normals[3 * f + 2] = z * scale;
    heights[f] =
      scale === 0 ? Number.POSITIVE_INFINITY : scale * (x * points[a] + y * points[a + 1] + z * points[a + 2]);
  }
}
