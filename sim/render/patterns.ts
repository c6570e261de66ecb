import { grown } from './grown.ts';
import { SRGB } from './lighting.ts';
import { type DrawableMesh, textureOf } from './scene_reader.ts';
import { noiseVolume, PATTERN, PATTERN_INSET_M, patternAt } from './texture.ts';

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
  private readonly inset = new Float64Array(3);
  private noise: Float32Array = new Float32Array(0);

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

  /** Moves where the pattern is read to just under face f, for the pixels that come. */
  goUnder(m: number, normals: Float64Array, f: number): void {
    const { size, inset } = this;
    let square = 0;
    for (let k = 0; k < 3; k++) {
      inset[k] = normals[3 * f + k] / size[4 * m + 1 + k];
      square += inset[k] * inset[k];
    }
    const length = (PATTERN_INSET_M * size[4 * m]) / Math.sqrt(square);
    for (let k = 0; k < 3; k++) inset[k] *= length;
  }

  /** sRGB of mesh m at column u, row v and depth z in the light `light` (3 a face, at face f) into pixel i. */
  colour(
    m: number,
    u: number,
    v: number,
    z: number,
    light: Float64Array,
    f: number,
    rgb: Uint8Array,
    i: number,
  ): void {
    const { P, inset, mix } = this;
    const o = 12 * m;
    const x = z * (P[o] * u + P[o + 1] * v + P[o + 2]) + P[o + 3] - inset[0];
    const y = z * (P[o + 4] * u + P[o + 5] * v + P[o + 6]) + P[o + 7] - inset[1];
    const h = z * (P[o + 8] * u + P[o + 9] * v + P[o + 10]) + P[o + 11] - inset[2];
    const share = patternAt(this.kind[m], x, y, h, this.noise);
    const c = 6 * m;
    rgb[3 * i] = encode(light[3 * f] * (mix[c] + share * mix[c + 3]));
    rgb[3 * i + 1] = encode(light[3 * f + 1] * (mix[c + 1] + share * mix[c + 4]));
    rgb[3 * i + 2] = encode(light[3 * f + 2] * (mix[c + 2] + share * mix[c + 5]));
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

function encode(value: number): number {
  return SRGB[Math.min(4095, (value * 4095 + 0.5) | 0)];
}
