import { grown } from './grown.ts';
import { encode } from './lighting.ts';
import { type DrawableMesh, textureOf } from './scene_reader.ts';
import {
  FULL,
  NOISE_PER_GRAIN,
  NOISE_SIZE,
  noiseVolume,
  PATTERN,
  PATTERN_INSET_M,
  POSITIVE,
  patternAt,
} from './texture.ts';

/** The patterns over the paint of a frame's meshes, ready to be read a pixel at a time. */
export class Patterns {
  /** Kind of pattern a mesh has, 0 for none. */
  kind = new Uint8Array(64);
  /** Pixel and depth to pattern: factors of z·u, z·v, z and 1 for each of three coordinates, 12 a mesh. */
  private P = new Float64Array(12 * 64);
  /** Linear paint (3), and what is added to it where the pattern is full (3). */
  private mix = new Float64Array(6 * 64);
  /** Metres of the shape's frame to the pattern's units, and the mesh's scale (3). */
  private size = new Float64Array(4 * 64);
  private readonly point = new Float64Array(3);
  private noise: Uint8Array = new Uint8Array(0);

  /**
   * Takes the pattern of mesh m, if it has one.
   * @param M mesh to camera, row-major 3×4
   * @param ray pixel to ray: x = r0 u + r1, y = r2 v + r3
   */
  take(m: number, mesh: DrawableMesh, M: Float64Array, ray: Float64Array): void {
    if (m >= this.kind.length) this.grow(m + 1);
    const texture = textureOf(mesh);
    this.kind[m] = texture === null ? 0 : PATTERN[texture.kind];
    if (texture === null) return;
    if (texture.kind === 'noise' && this.noise.length === 0) this.noise = noiseVolume();
    const { P, mix, size } = this;
    const { color } = mesh.material;
    const [red, green, blue] = texture.rgb;
    mix[6 * m] = color.r;
    mix[6 * m + 1] = color.g;
    mix[6 * m + 2] = color.b;
    mix[6 * m + 3] = texture.strength * (linear(red) - color.r);
    mix[6 * m + 4] = texture.strength * (linear(green) - color.g);
    mix[6 * m + 5] = texture.strength * (linear(blue) - color.b);
    size[4 * m] = 1 / texture.scale_m;
    for (let k = 0; k < 3; k++) {
      const a = M[k];
      const b = M[4 + k];
      const c = M[8 + k];
      const scale = Math.sqrt(a * a + b * b + c * c);
      const factor = 1 / (scale * texture.scale_m);
      const shift = (a * M[3] + b * M[7] + c * M[11]) * factor + texture.offset_m[k] / texture.scale_m;
      affineOfPixel(ray, P, 12 * m + 4 * k, a * factor, b * factor, c * factor, -shift);
      size[4 * m + 1 + k] = scale;
    }
  }

  /**
   * sRGB of every level of mesh m's pattern in a light (3 at `offset`), into `ramp` from entry `first`.
   */
  paint(m: number, light: Float64Array, offset: number, ramp: Uint8Array, first: number): void {
    const step = this.kind[m] === PATTERN.noise ? 1 : FULL;
    for (let level = 0; level <= FULL; level += step) {
      for (let k = 0; k < 3; k++) {
        const albedo = this.mix[6 * m + k] + (level / FULL) * this.mix[6 * m + 3 + k];
        ramp[3 * (first + level) + k] = encode(light[offset + k] * albedo);
      }
    }
  }

  /**
   * Levels of mesh m's pattern just under its face f, at columns `first` to `last` of a row, into `out` by column.
   * @param z depth of every column, m
   */
  read(
    m: number,
    normals: Float64Array,
    f: number,
    row: number,
    first: number,
    last: number,
    z: Float64Array,
    out: Uint8Array,
  ): void {
    const { P, size, noise, point } = this;
    const kind = this.kind[m];
    const nx = normals[3 * f] / size[4 * m + 1];
    const ny = normals[3 * f + 1] / size[4 * m + 2];
    const nz = normals[3 * f + 2] / size[4 * m + 3];
    const depth = (PATTERN_INSET_M * size[4 * m]) / Math.sqrt(nx * nx + ny * ny + nz * nz);
    const o = 12 * m;
    // Noise is read in samples, and its coordinates kept positive.
    const per = kind === PATTERN.noise ? NOISE_PER_GRAIN : 1;
    const up = kind === PATTERN.noise ? POSITIVE : 0;
    const xSlope = per * P[o];
    const xStart = per * (P[o + 1] * row + P[o + 2]);
    const xShift = per * (P[o + 3] - depth * nx) + up;
    const ySlope = per * P[o + 4];
    const yStart = per * (P[o + 5] * row + P[o + 6]);
    const yShift = per * (P[o + 7] - depth * ny) + up;
    const zSlope = per * P[o + 8];
    const zStart = per * (P[o + 9] * row + P[o + 10]);
    const zShift = per * (P[o + 11] - depth * nz) + up;
    if (kind === PATTERN.noise) {
      for (let u = first; u <= last; u++) {
        const here = z[u];
        const i = (here * (xSlope * u + xStart) + xShift) & (NOISE_SIZE - 1);
        const j = (here * (ySlope * u + yStart) + yShift) & (NOISE_SIZE - 1);
        const k = (here * (zSlope * u + zStart) + zShift) & (NOISE_SIZE - 1);
        out[u] = noise[(k * NOISE_SIZE + j) * NOISE_SIZE + i];
      }
      return;
    }
    for (let u = first; u <= last; u++) {
      const here = z[u];
      point[0] = here * (xSlope * u + xStart) + xShift;
      point[1] = here * (ySlope * u + yStart) + yShift;
      point[2] = here * (zSlope * u + zStart) + zShift;
      out[u] = patternAt(kind, point, noise);
    }
  }

  private grow(count: number): void {
    this.kind = grown(this.kind, count, Uint8Array);
    this.P = grown(this.P, 12 * count, Float64Array);
    this.mix = grown(this.mix, 6 * count, Float64Array);
    this.size = grown(this.size, 4 * count, Float64Array);
  }
}

/** x·X + y·Y + z·Z + shift of a point X, Y, Z in the camera's frame, as factors of z·u, z·v, z and 1 into `out` at `o`. */
export function affineOfPixel(
  ray: Float64Array,
  out: Float64Array,
  o: number,
  x: number,
  y: number,
  z: number,
  shift: number,
): void {
  out[o] = x * ray[0];
  out[o + 1] = y * ray[2];
  out[o + 2] = x * ray[1] + y * ray[3] + z;
  out[o + 3] = shift;
}

/** Linear value of sRGB (IEC 61966-2-1). */
export function linear(srgb: number): number {
  return srgb <= 0.04045 ? srgb / 12.92 : ((srgb + 0.055) / 1.055) ** 2.4;
}
