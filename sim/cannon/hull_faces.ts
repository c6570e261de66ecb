import type { Hull } from './hull.ts';
import type { HullPair } from './hull_pair.ts';
import { HYSTERESIS } from './manifold.ts';

/** Faces of both bodies of a pair tried as separating planes. */
export class HullFaces {
  /** Face that separates most: of a from 0 on, of b −1 − its number. */
  face = 0;
  /** How far it separates (m), negative inside; and its normal from a to b, frame of a. */
  readonly numbers = new Float64Array(1);
  readonly normal = new Float64Array(3);
  /**
   * Whether the deepest point stands over the face, and is outside or shallow: then the face is the closest way, or no other
   * direction separates notably more.
   */
  sure = false;
  /** Vertex of the other body that is deepest under the face, −1 of a cylinder; and where it is, frame of a. */
  vertex = -1;
  readonly deepest = new Float64Array(3);
  private readonly place = new Float64Array(3);

  /**
   * Whether no face separates the bodies by more than `margin` (m). Faces that cannot be the best are passed by: a ball
   * inside the other body tells. One of b is only taken if it separates notably more than those of a.
   */
  meet(pair: HullPair, margin: number): boolean {
    const { a, b, p, R, near, vertex, heights } = pair;
    const { normal, numbers, deepest } = this;
    if (a === null) return false;
    const c = b === null ? ORIGIN : b.centre;
    const inner = b === null ? Math.min(pair.round[0], pair.round[1]) : b.inner;
    const cx = R[0] * c[0] + R[1] * c[1] + R[2] * c[2] + p[0];
    const cy = R[3] * c[0] + R[4] * c[1] + R[5] * c[2] + p[1];
    const cz = R[6] * c[0] + R[7] * c[1] + R[8] * c[2] + p[2];
    const n = a.normals;
    let likely = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let f = 0; f < a.faces; f++) {
      const height = n[3 * f] * cx + n[3 * f + 1] * cy + n[3 * f + 2] * cz - a.offsets[f];
      if (height > most) {
        most = height;
        likely = f;
      }
    }
    let best = Number.NEGATIVE_INFINITY;
    for (let k = -1; k < a.faces; k++) {
      const f = k < 0 ? likely : k;
      const x = n[3 * f];
      const y = n[3 * f + 1];
      const z = n[3 * f + 2];
      if (x * cx + y * cy + z * cz - inner - a.offsets[f] <= best) continue;
      pair.setDirection(n, 3 * f, 1);
      pair.floor();
      const s = heights[1] - a.offsets[f];
      if (s > margin) return false;
      if (s <= best) continue;
      best = s;
      this.face = f;
      this.vertex = b === null ? -1 : vertex[1];
      for (let i = 0; i < 3; i++) deepest[i] = near[i];
    }
    const f = 3 * this.face;
    normal[0] = n[f];
    normal[1] = n[f + 1];
    normal[2] = n[f + 2];
    numbers[0] = best;
    this.sure = best > -HYSTERESIS.edge_m && this.isOver(pair);
    return this.sure || b === null || this.meetFacesOfB(pair, margin);
  }

  private meetFacesOfB(pair: HullPair, margin: number): boolean {
    const { a, b, p, R, vertex, direction, heights } = pair;
    if (a === null || b === null) return true;
    const { normal, numbers, deepest } = this;
    let best = numbers[0] + HYSTERESIS.face_m + HYSTERESIS.face * Math.abs(numbers[0]);
    // Centre of a in b's frame.
    const dx = a.centre[0] - p[0];
    const dy = a.centre[1] - p[1];
    const dz = a.centre[2] - p[2];
    const cx = R[0] * dx + R[3] * dy + R[6] * dz;
    const cy = R[1] * dx + R[4] * dy + R[7] * dz;
    const cz = R[2] * dx + R[5] * dy + R[8] * dz;
    const n = b.normals;
    for (let f = 0; f < b.faces; f++) {
      const u = n[3 * f];
      const v = n[3 * f + 1];
      const w = n[3 * f + 2];
      if (u * cx + v * cy + w * cz - a.inner - b.offsets[f] <= best) continue;
      const x = -(R[0] * u + R[1] * v + R[2] * w);
      const y = -(R[3] * u + R[4] * v + R[5] * w);
      const z = -(R[6] * u + R[7] * v + R[8] * w);
      direction[0] = x;
      direction[1] = y;
      direction[2] = z;
      pair.reach();
      const s = x * p[0] + y * p[1] + z * p[2] - b.offsets[f] - heights[0];
      if (s > margin) return false;
      if (s <= best) continue;
      best = s;
      numbers[0] = s;
      this.face = -1 - f;
      this.vertex = vertex[0];
      normal[0] = x;
      normal[1] = y;
      normal[2] = z;
      for (let i = 0; i < 3; i++) deepest[i] = a.vertices[3 * vertex[0] + i];
    }
    this.sure = numbers[0] > -HYSTERESIS.edge_m && this.isOver(pair);
    return true;
  }

  /** Whether the deepest point stands over the face itself, not beside it. */
  private isOver(pair: HullPair): boolean {
    const { a, b, R, p } = pair;
    const { deepest, place } = this;
    if (this.face >= 0) return a !== null && isOverFace(a, this.face, deepest);
    if (b === null) return false;
    const dx = deepest[0] - p[0];
    const dy = deepest[1] - p[1];
    const dz = deepest[2] - p[2];
    place[0] = R[0] * dx + R[3] * dy + R[6] * dz;
    place[1] = R[1] * dx + R[4] * dy + R[7] * dz;
    place[2] = R[2] * dx + R[5] * dy + R[8] * dz;
    return isOverFace(b, -1 - this.face, place);
  }
}

const ORIGIN = [0, 0, 0] as const;

/** Whether a point in the hull's frame stands over or under a face, seen along its normal. */
export function isOverFace(hull: Hull, face: number, point: Float64Array): boolean {
  const { vertices, loop, loop_first, normals } = hull;
  const x = point[0];
  const y = point[1];
  const z = point[2];
  const nx = normals[3 * face];
  const ny = normals[3 * face + 1];
  const nz = normals[3 * face + 2];
  const end = loop_first[face + 1];
  let v = 3 * loop[end - 1];
  for (let k = loop_first[face]; k < end; k++) {
    const w = 3 * loop[k];
    const ex = vertices[w] - vertices[v];
    const ey = vertices[w + 1] - vertices[v + 1];
    const ez = vertices[w + 2] - vertices[v + 2];
    const dx = x - vertices[v];
    const dy = y - vertices[v + 1];
    const dz = z - vertices[v + 2];
    if (nx * (ey * dz - ez * dy) + ny * (ez * dx - ex * dz) + nz * (ex * dy - ey * dx) < 0) return false;
    v = w;
  }
  return true;
}
