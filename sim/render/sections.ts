import type { Polygons } from './polygons.ts';

type Faces = Pick<Polygons, 'starts' | 'corners'>;

/** What casts the shadow of a unit shape under a light far away: flat sections through it, vertices in its own frame. */
export interface Section {
  readonly positions: Float64Array;
  readonly faces: Faces;
  /** Lays the sections out for a light in a unit direction (3), shape frame. */
  readonly turn: (light: Float64Array) => void;
}

/** Sections lie within the shape by this share, so that none shades the shape's own lit side. */
const WITHIN = 0.998;
/** Edges around half an end of a cylinder, and around a ball. */
const END_EDGES = 4;
const BALL_EDGES = 12;

/**
 * Of a cylinder (radius 1, length 1, axis z): the rectangle through its axis and its outline, and of both ends the half
 * that stands out from behind it. Their shadows together are the cylinder's, its ends taken as polygons; every ray that
 * meets the cylinder meets one of them inside of it.
 */
export function cylinderSection(): Section {
  const count = END_EDGES + 1;
  const positions = new Float64Array(6 * count);
  const end = Array.from({ length: count }, (_, k) => k);
  const corners = [2 * count - 1, 0, count - 1, count, ...end, ...end.map((k) => k + count)];
  const faces = { starts: Int32Array.of(0, 4, 4 + count, 4 + 2 * count), corners: Int32Array.from(corners) };
  const angle = Math.PI / END_EDGES;
  const cosines = Float64Array.from(end, (k) => WITHIN * Math.cos(k * angle));
  const sines = Float64Array.from(end, (k) => WITHIN * Math.sin(k * angle));
  const turn = (light: Float64Array): void => {
    const x = light[0];
    const y = light[1];
    const across = Math.sqrt(x * x + y * y);
    // Along the axis any section through it will do.
    const sx = across > 1e-9 ? x / across : 1;
    const sy = across > 1e-9 ? y / across : 0;
    const side = light[2] < 0 ? 1 : -1;
    for (let k = 0; k < count; k++) {
      const c = cosines[k];
      const s = side * sines[k];
      const o = 3 * k;
      positions[o] = s * sx - c * sy;
      positions[o + 1] = s * sy + c * sx;
      positions[o + 2] = 0.5;
      positions[o + 3 * count] = -positions[o];
      positions[o + 3 * count + 1] = -positions[o + 1];
      positions[o + 3 * count + 2] = -0.5;
    }
  };
  return { positions, faces, turn };
}

/** Of a ball of radius 1: the disc across the light, as a polygon. */
export function ballSection(): Section {
  const positions = new Float64Array(3 * BALL_EDGES);
  const round = Array.from({ length: BALL_EDGES }, (_, k) => (2 * Math.PI * k) / BALL_EDGES);
  const faces = { starts: Int32Array.of(0, BALL_EDGES), corners: Int32Array.from(round, (_, k) => k) };
  const cosines = Float64Array.from(round, (angle) => WITHIN * Math.cos(angle));
  const sines = Float64Array.from(round, (angle) => WITHIN * Math.sin(angle));
  const turn = (light: Float64Array): void => {
    const x = light[0];
    const y = light[1];
    const z = light[2];
    const level = Math.sqrt(x * x + y * y);
    const ax = level > 1e-9 ? -y / level : 1;
    const ay = level > 1e-9 ? x / level : 0;
    const bx = -z * ay;
    const by = z * ax;
    const bz = x * ay - y * ax;
    for (let k = 0; k < BALL_EDGES; k++) {
      positions[3 * k] = cosines[k] * ax + sines[k] * bx;
      positions[3 * k + 1] = cosines[k] * ay + sines[k] * by;
      positions[3 * k + 2] = sines[k] * bz;
    }
  };
  return { positions, faces, turn };
}

/** Made once for each user, as `turn` writes into them. */
export function createSections(): Readonly<Record<'cylinder' | 'ball', Section>> {
  return { cylinder: cylinderSection(), ball: ballSection() };
}

export type RoundShape = keyof ReturnType<typeof createSections>;
