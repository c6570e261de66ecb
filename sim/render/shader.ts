import type { FixedImages, RenderTarget } from './fixed_layer.ts';
import { grown } from './grown.ts';
import type { Lighting } from './lighting.ts';
import type { MeshData } from './mesh_data.ts';
import { affineOfPixel, Patterns } from './patterns.ts';
import type { PinholeCamera } from './pinhole.ts';
import { type DrawableMesh, labelOf } from './scene_reader.ts';
import type { ShadowMap } from './shadow_map.ts';
import { FULL } from './texture.ts';

/** Bits of a face's state. */
const PAINTED = 1;
const IN_SUN = 2;
const TEXTURED = 4;

/** Entries of a face's ramp: its pattern's levels in the sun and in the shadow. */
const RAMP = 2 * (FULL + 1);

/** A shadow falls where something is nearer to the sun by more than this (m) and what half a texel hides of a slope. */
export const SHADOW_BIAS_M = 2e-4;
export const SHADOW_BIAS_TEXELS = Math.SQRT1_2;

/**
 * Colours the pixels of a picture: Lambert shading a face, patterns and shadows a pixel. Faces are painted when they are
 * first seen, so those that are hidden cost nothing. Allocates only while the tables grow.
 */
export class Shader {
  /** Faces of the frame so far, the background included, which is face 0. */
  faces = 1;
  private meshes = 0;
  private readonly width: number;
  private readonly lighting: Lighting;
  private shadow: ShadowMap | null = null;
  private readonly drawn: DrawableMesh[] = [];
  private readonly data: MeshData[] = [];
  /** Cofactors of the mesh-to-world rotation and scale, row-major, 9 a mesh: maps normals to the world. */
  private G = new Float64Array(9 * 64);
  private label = new Uint16Array(64);
  private meshOf = new Uint16Array(1024);
  private faceOf = new Uint32Array(1024);
  private state = new Uint8Array(1024);
  /** sRGB in the sun and in its shadow, and the light there, linear, 3 a face. */
  private lit = new Uint8Array(3 * 1024);
  private dark = new Uint8Array(3 * 1024);
  private litLight = new Float64Array(3 * 1024);
  private darkLight = new Float64Array(3 * 1024);
  private bias = new Float64Array(1024);
  /** sRGB of every level of a face's pattern in the sun, then in its shadow. */
  private ramp = new Uint8Array(3 * RAMP * 64);
  private rampOf = new Int32Array(1024);
  private ramps = 0;
  /** Pixel and depth to column, row and nearness of the shadow map: factors of z·u, z·v, z and 1. */
  private readonly S = new Float64Array(12);
  /** Pixel to ray: x = r0 u + r1, y = r2 v + r3. */
  private readonly ray = new Float64Array(4);
  private readonly patterns = new Patterns();
  /** Of the pixels of a row: 1 in a shadow, and level of the pattern. */
  private readonly shaded: Uint8Array;
  private readonly level: Uint8Array;

  constructor(lighting: Lighting, width: number) {
    this.lighting = lighting;
    this.width = width;
    this.shaded = new Uint8Array(width);
    this.level = new Uint8Array(width);
  }

  /** Starts a frame. */
  begin(shadow: ShadowMap | null, camera: PinholeCamera): void {
    this.shadow = shadow;
    this.meshes = 0;
    this.faces = 1;
    this.ramps = 0;
    this.state[0] = PAINTED;
    this.lighting.paintBackground(this.lit, 0);
    const { ray, S } = this;
    const { K, T_world_camera_optical: T } = camera;
    ray[0] = 1 / K[0];
    ray[1] = -K[2] / K[0];
    ray[2] = 1 / K[4];
    ray[3] = -K[5] / K[4];
    if (shadow === null) return;
    const { L } = shadow;
    for (let r = 0; r < 12; r += 4) {
      const x = L[r] * T[0] + L[r + 1] * T[4] + L[r + 2] * T[8];
      const y = L[r] * T[1] + L[r + 1] * T[5] + L[r + 2] * T[9];
      const z = L[r] * T[2] + L[r + 1] * T[6] + L[r + 2] * T[10];
      affineOfPixel(ray, S, r, x, y, z, L[r] * T[3] + L[r + 1] * T[7] + L[r + 2] * T[11] + L[r + 3]);
    }
  }

  /**
   * Takes a mesh that is about to be drawn, and room for `faces` of it; returns its number.
   * @param M mesh to camera, row-major 3×4
   */
  addMesh(mesh: DrawableMesh, data: MeshData, M: Float64Array, faces: number): number {
    const m = this.meshes++;
    this.reserve(faces);
    this.drawn[m] = mesh;
    this.data[m] = data;
    this.label[m] = labelOf(mesh);
    const { G } = this;
    const o = 9 * m;
    const e = mesh.matrixWorld.elements;
    G[o] = e[5] * e[10] - e[9] * e[6];
    G[o + 1] = e[9] * e[2] - e[1] * e[10];
    G[o + 2] = e[1] * e[6] - e[5] * e[2];
    G[o + 3] = e[8] * e[6] - e[4] * e[10];
    G[o + 4] = e[0] * e[10] - e[8] * e[2];
    G[o + 5] = e[4] * e[2] - e[0] * e[6];
    G[o + 6] = e[4] * e[9] - e[8] * e[5];
    G[o + 7] = e[8] * e[1] - e[0] * e[9];
    G[o + 8] = e[0] * e[5] - e[4] * e[1];
    this.patterns.take(m, mesh, M, this.ray);
    return m;
  }

  /** Takes face f of a mesh as the next face of the frame. */
  addFace(mesh: number, f: number): void {
    const n = this.faces++;
    this.meshOf[n] = mesh;
    this.faceOf[n] = f;
    this.state[n] = 0;
  }

  /**
   * Writes colour, label and depth of the pixels `first` to `last` of a row, in all of which face f is seen.
   * @param nearest 1/z of every pixel
   * @param keep where to leave how the pixels look in the shadow of what moves; null to look for that shadow at once
   */
  paintRun(
    f: number,
    row: number,
    first: number,
    last: number,
    nearest: Float32Array,
    out: RenderTarget,
    keep: FixedImages | null,
  ): void {
    const state = this.state[f] || this.paint(f);
    const label = f === 0 ? 0 : this.label[this.meshOf[f]];
    const { rgb, depth, segmentation } = out;
    for (let i = first; i <= last; i++) {
      segmentation[i] = label;
      depth[i] = f === 0 ? 0 : 1 / nearest[i];
    }
    if (state !== PAINTED) {
      this.shadeRun(f, row, first, last, nearest, rgb, keep);
      return;
    }
    const red = this.lit[3 * f];
    const green = this.lit[3 * f + 1];
    const blue = this.lit[3 * f + 2];
    for (let o = 3 * first; o <= 3 * last; o += 3) {
      rgb[o] = red;
      rgb[o + 1] = green;
      rgb[o + 2] = blue;
    }
  }

  /** Colours of pixels that a pattern or a shadow may change. */
  private shadeRun(
    f: number,
    row: number,
    first: number,
    last: number,
    nearest: Float32Array,
    rgb: Uint8Array,
    keep: FixedImages | null,
  ): void {
    const { lit, dark, ramp, shaded, level } = this;
    const sunny = (this.state[f] & IN_SUN) !== 0;
    if (sunny) this.findShadows(f, row, first, last, nearest, keep);
    const start = row * this.width;
    if ((this.state[f] & TEXTURED) === 0) {
      for (let i = first, u = first - start; i <= last; i++, u++) {
        copyColour(sunny && shaded[u] === 1 ? dark : lit, f, rgb, i);
        if (keep !== null && sunny) copyColour(dark, f, keep.dark, i);
      }
      return;
    }
    const m = this.meshOf[f];
    const { normals } = this.data[m].faces;
    this.patterns.read(m, normals, this.faceOf[f], row, first - start, last - start, start, nearest, level);
    const inSun = RAMP * this.rampOf[f];
    const inShadow = inSun + FULL + 1;
    for (let i = first, u = first - start; i <= last; i++, u++) {
      copyColour(ramp, (sunny && shaded[u] === 1 ? inShadow : inSun) + level[u], rgb, i);
      if (keep !== null && sunny) copyColour(ramp, inShadow + level[u], keep.dark, i);
    }
  }

  /** Marks the pixels of a run of face f that are in a shadow; says in `keep` where what moves may yet shade the others. */
  private findShadows(
    f: number,
    row: number,
    first: number,
    last: number,
    nearest: Float32Array,
    keep: FixedImages | null,
  ): void {
    const { S, shaded, shadow, width } = this;
    if (shadow === null) return;
    const { fixed, moving } = shadow;
    const columnSlope = S[0];
    const columnStart = S[1] * row + S[2];
    const columnShift = S[3] + 0.5;
    const lineSlope = S[4];
    const lineStart = S[5] * row + S[6];
    const lineShift = S[7] + 0.5;
    const heightSlope = S[8];
    const heightStart = S[9] * row + S[10];
    const heightShift = S[11] + this.bias[f];
    const columns = shadow.width;
    const lines = shadow.height;
    for (let i = first, u = first - row * width; i <= last; i++, u++) {
      const z = 1 / nearest[i];
      const column = z * (columnSlope * u + columnStart) + columnShift;
      const line = z * (lineSlope * u + lineStart) + lineShift;
      shaded[u] = 0;
      if (!(column > 0 && line > 0 && column < columns && line < lines)) continue;
      const texel = (line | 0) * columns + (column | 0);
      const height = z * (heightSlope * u + heightStart) + heightShift;
      if (fixed[texel] > height || (keep === null && moving[texel] > height)) shaded[u] = 1;
      else if (keep !== null) {
        keep.texel[i] = texel;
        keep.nearness[i] = height;
      }
    }
  }

  /** Makes face f's colours, and says whether sun and pattern matter to it. */
  private paint(f: number): number {
    const { lighting, lit, dark, litLight, darkLight, shadow } = this;
    const m = this.meshOf[f];
    const mesh = this.drawn[m];
    const { color } = mesh.material;
    const cosine = lighting.shadeFace(
      this.data[m].faces.normals,
      this.faceOf[f],
      this.G,
      9 * m,
      litLight,
      darkLight,
      3 * f,
    );
    lighting.paint(litLight, 3 * f, color, lit, f);
    let state = PAINTED;
    if (this.patterns.kind[m] > 0) {
      state |= TEXTURED;
      const ramp = this.ramps++;
      if (3 * RAMP * this.ramps > this.ramp.length) this.ramp = grown(this.ramp, 3 * RAMP * this.ramps, Uint8Array);
      this.rampOf[f] = ramp;
      this.patterns.paint(m, litLight, 3 * f, this.ramp, RAMP * ramp);
      this.patterns.paint(m, darkLight, 3 * f, this.ramp, RAMP * ramp + FULL + 1);
    }
    if (shadow !== null && cosine > 0 && mesh.receiveShadow) {
      lighting.paint(darkLight, 3 * f, color, dark, f);
      const slope = Math.sqrt(Math.max(0, 1 - cosine * cosine)) / cosine;
      this.bias[f] = SHADOW_BIAS_M + SHADOW_BIAS_TEXELS * shadow.texel_m * slope;
      state |= IN_SUN;
    }
    this.state[f] = state;
    return state;
  }

  private reserve(faces: number): void {
    const { meshes } = this;
    if (9 * meshes > this.G.length) this.G = grown(this.G, 9 * meshes, Float64Array);
    if (meshes > this.label.length) this.label = grown(this.label, meshes, Uint16Array);
    const count = this.faces + faces;
    if (count <= this.state.length) return;
    this.meshOf = grown(this.meshOf, count, Uint16Array);
    this.faceOf = grown(this.faceOf, count, Uint32Array);
    this.state = grown(this.state, count, Uint8Array);
    this.lit = grown(this.lit, 3 * count, Uint8Array);
    this.dark = grown(this.dark, 3 * count, Uint8Array);
    this.litLight = grown(this.litLight, 3 * count, Float64Array);
    this.darkLight = grown(this.darkLight, 3 * count, Float64Array);
    this.bias = grown(this.bias, count, Float64Array);
    this.rampOf = grown(this.rampOf, count, Int32Array);
  }
}

function copyColour(palette: Uint8Array, entry: number, rgb: Uint8Array, pixel: number): void {
  rgb[3 * pixel] = palette[3 * entry];
  rgb[3 * pixel + 1] = palette[3 * entry + 1];
  rgb[3 * pixel + 2] = palette[3 * entry + 2];
}
