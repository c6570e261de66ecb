import { grown } from './grown.ts';
import type { Lighting } from './lighting.ts';
import type { MeshData } from './mesh_data.ts';
import type { Patterns } from './patterns.ts';
import { type DrawableMesh, labelOf } from './scene_reader.ts';
import type { ShadowMap } from './shadow_map.ts';
import { FULL } from './texture.ts';

/** Bits of a face's state. */
const PAINTED = 1;
export const IN_SUN = 2;
export const TEXTURED = 4;

/** Entries of a face's ramp: its pattern's levels in the sun and in the shadow. */
export const RAMP = 2 * (FULL + 1);

/** A shadow falls where something is nearer to the sun by more than this (m) and what half a texel hides of a slope. */
export const SHADOW_BIAS_M = 2e-4;
export const SHADOW_BIAS_TEXELS = Math.SQRT1_2;

/**
 * The meshes and faces of a frame and their colours. A face is painted when it is first asked for, so those that are
 * hidden cost nothing. Allocates only while the tables grow.
 */
export class FaceTable {
  /** Faces of the frame so far, the background included, which is face 0. */
  count = 1;
  private meshes = 0;
  private readonly lighting: Lighting;
  private readonly patterns: Patterns;
  private shadow: ShadowMap | null = null;
  private readonly drawn: DrawableMesh[] = [];
  /** By mesh. */
  readonly data: MeshData[] = [];
  label = new Uint16Array(64);
  /** Cofactors of the mesh-to-world rotation and scale, row-major, 9 a mesh: maps normals to the world. */
  private G = new Float64Array(9 * 64);
  /** By face: its mesh, its number there, and what is known of it, 0 before it is painted. */
  meshOf = new Uint16Array(1024);
  faceOf = new Uint32Array(1024);
  state = new Uint8Array(1024);
  /** sRGB in the sun and in its shadow, and the light there, linear, 3 a face. */
  lit = new Uint8Array(3 * 1024);
  dark = new Uint8Array(3 * 1024);
  private litLight = new Float64Array(3 * 1024);
  private darkLight = new Float64Array(3 * 1024);
  /** How much nearer to the sun than the face its shadows' casters are, m. */
  bias = new Float64Array(1024);
  /** sRGB of every level of a face's pattern in the sun, then in its shadow. */
  ramp = new Uint8Array(3 * RAMP * 64);
  rampOf = new Int32Array(1024);
  private ramps = 0;

  constructor(lighting: Lighting, patterns: Patterns) {
    this.lighting = lighting;
    this.patterns = patterns;
  }

  /** Starts a frame. */
  begin(shadow: ShadowMap | null): void {
    this.shadow = shadow;
    this.meshes = 0;
    this.count = 1;
    this.ramps = 0;
    this.state[0] = PAINTED;
    this.lighting.paintBackground(this.lit, 0);
  }

  /**
   * Takes a mesh that is about to be drawn, and room for `faces` of it; returns its number.
   */
  addMesh(mesh: DrawableMesh, data: MeshData, faces: number): number {
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
    return m;
  }

  /** Takes face f of a mesh as the next face of the frame. */
  addFace(mesh: number, f: number): void {
    const n = this.count++;
    this.meshOf[n] = mesh;
    this.faceOf[n] = f;
    this.state[n] = 0;
  }

  /** Makes face f's colours, and says whether sun and pattern matter to it. */
  paint(f: number): number {
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
    const count = this.count + faces;
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
