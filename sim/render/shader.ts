import { FaceTable, IN_SUN, RAMP, TEXTURED } from './faces.ts';
import type { FixedImages, RenderTarget } from './fixed_layer.ts';
import type { Lighting } from './lighting.ts';
import type { MeshData } from './mesh_data.ts';
import { affineOfPixel, Patterns } from './patterns.ts';
import type { PinholeCamera } from './pinhole.ts';
import type { PolygonBuffer } from './polygon_buffer.ts';
import type { DrawableMesh } from './scene_reader.ts';
import type { ShadowMap } from './shadow_map.ts';
import { FULL } from './texture.ts';

/** Colours the pixels of a picture: Lambert shading a face, patterns and shadows a pixel. */
export class Shader {
  readonly faces: FaceTable;
  private readonly width: number;
  private shadow: ShadowMap | null = null;
  /** Pixel and depth to column and row of the shadow map, plus a half, and nearness: factors of z·u, z·v, z and 1. */
  private readonly S = new Float64Array(12);
  /** Pixel to ray: x = r0 u + r1, y = r2 v + r3. */
  private readonly ray = new Float64Array(4);
  private readonly patterns = new Patterns();
  /** Of the pixels of a row: depth (m), 1 in a shadow, and level of the pattern. */
  private readonly z: Float64Array;
  private readonly shaded: Uint8Array;
  private readonly level: Uint8Array;

  constructor(lighting: Lighting, width: number) {
    this.faces = new FaceTable(lighting, this.patterns);
    this.width = width;
    this.z = new Float64Array(width);
    this.shaded = new Uint8Array(width);
    this.level = new Uint8Array(width);
  }

  /** Starts a frame. */
  begin(shadow: ShadowMap | null, camera: PinholeCamera): void {
    this.shadow = shadow;
    this.faces.begin(shadow);
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
    S[3] += 0.5;
    S[7] += 0.5;
  }

  /**
   * Takes a mesh that is about to be drawn, and room for `faces` of it; returns its number.
   * @param M mesh to camera, row-major 3×4
   */
  addMesh(mesh: DrawableMesh, data: MeshData, M: Float64Array, faces: number): number {
    const m = this.faces.addMesh(mesh, data, faces);
    this.patterns.take(m, mesh, M, this.ray);
    return m;
  }

  /**
   * Writes colour, label and depth of the pixels `first` to `last` of a row.
   * @param inverse 1/z of what stands there already: only faces before it are painted; null to paint all and the background
   * @param keep where to leave how the pixels look in the shadow of what moves; null to look for that shadow at once
   */
  paintRow(
    row: number,
    first: number,
    last: number,
    { face, nearest }: PolygonBuffer,
    inverse: Float64Array | null,
    out: RenderTarget,
    keep: FixedImages | null,
  ): void {
    const mixed = keep === null && this.shadow !== null;
    for (let i = first; i <= last; ) {
      if (mixed) i = this.paintMixed(row, i, last, face, nearest, inverse, out);
      const f = face[i];
      const start = i;
      if (inverse === null) while (i <= last && face[i] === f) i++;
      // As `draw` decides between what it drew and the face that comes after it.
      else while (i <= last && face[i] === f && f !== 0 && !(inverse[i] > nearest[i])) i++;
      if (i > start) this.paintRun(f, row, start, i - 1, nearest, out, keep);
      else i++;
    }
  }

  /** As `paintRow`, pixel by pixel and up to one with a pattern or the background: the arm's faces are narrow. */
  private paintMixed(
    row: number,
    first: number,
    last: number,
    face: Int32Array,
    nearest: Float32Array,
    inverse: Float64Array | null,
    { rgb, depth, segmentation }: RenderTarget,
  ): number {
    const { S, shadow, faces } = this;
    if (shadow === null) return first;
    const { state, label, meshOf, lit, dark, bias } = faces;
    const { all, width: columns, height: lines } = shadow;
    const start = row * this.width;
    const columnStart = S[1] * row + S[2];
    const lineStart = S[5] * row + S[6];
    const heightStart = S[9] * row + S[10];
    let i = first;
    for (; i <= last; i++) {
      const f = face[i];
      const w = nearest[i];
      if (inverse !== null && (f === 0 || inverse[i] > w)) continue;
      const s = state[f] || faces.paint(f);
      if (f === 0 || (s & TEXTURED) !== 0) break;
      const z = 1 / w;
      depth[i] = z;
      segmentation[i] = label[meshOf[f]];
      let colours = lit;
      if ((s & IN_SUN) !== 0) {
        const u = i - start;
        const column = z * (S[0] * u + columnStart) + S[3];
        const line = z * (S[4] * u + lineStart) + S[7];
        if (column > 0 && line > 0 && column < columns && line < lines) {
          const texel = (line | 0) * columns + (column | 0);
          const height = z * (S[8] * u + heightStart) + (S[11] + bias[f]);
          if (all[texel] > height) colours = dark;
        }
      }
      const o = 3 * i;
      const c = 3 * f;
      rgb[o] = colours[c];
      rgb[o + 1] = colours[c + 1];
      rgb[o + 2] = colours[c + 2];
    }
    return i;
  }

  /** As `paintRow`, for pixels in all of which face f is seen. */
  private paintRun(
    f: number,
    row: number,
    first: number,
    last: number,
    nearest: Float32Array,
    { rgb, depth, segmentation }: RenderTarget,
    keep: FixedImages | null,
  ): void {
    const { faces, z } = this;
    const state = faces.state[f] || faces.paint(f);
    const left = row * this.width;
    const label = f === 0 ? 0 : faces.label[faces.meshOf[f]];
    const sunny = (state & IN_SUN) !== 0;
    const textured = (state & TEXTURED) !== 0;
    if (!sunny && !textured) {
      for (let i = first; i <= last; i++) {
        segmentation[i] = label;
        depth[i] = f === 0 ? 0 : 1 / nearest[i];
      }
      fill(faces.lit, f, rgb, first, last);
      return;
    }
    for (let i = first, u = first - left; i <= last; i++, u++) {
      const here = 1 / nearest[i];
      z[u] = here;
      depth[i] = here;
      segmentation[i] = label;
    }
    if (sunny && keep === null) this.findShadows(f, row, first - left, last - left);
    if (sunny && keep !== null) this.findFixedShadows(f, row, first - left, last - left, keep);
    if (textured) this.readPattern(f, row, first - left, last - left);
    const { shaded, level } = this;
    const colours = textured ? faces.ramp : faces.lit;
    const shades = textured ? faces.ramp : faces.dark;
    const inSun = textured ? 3 * RAMP * faces.rampOf[f] : 3 * f;
    const inShadow = textured ? inSun + 3 * (FULL + 1) : inSun;
    if (textured) {
      const step = sunny ? inShadow - inSun : 0;
      for (let u = first - left, o = 3 * first; u <= last - left; u++, o += 3) {
        const c = inSun + step * shaded[u] + 3 * level[u];
        rgb[o] = colours[c];
        rgb[o + 1] = colours[c + 1];
        rgb[o + 2] = colours[c + 2];
      }
    } else {
      for (let i = first, u = first - left; i <= last; i++, u++) {
        fill(shaded[u] === 1 ? shades : colours, f, rgb, i, i);
      }
    }
    if (keep === null || !sunny) return;
    for (let u = first - left, o = 3 * first; u <= last - left; u++, o += 3) {
      const c = inShadow + (textured ? 3 * level[u] : 0);
      keep.dark[o] = shades[c];
      keep.dark[o + 1] = shades[c + 1];
      keep.dark[o + 2] = shades[c + 2];
    }
  }

  /** Levels of face f's pattern at columns `first` to `last` of a row, whose depths are in `z`. */
  private readPattern(f: number, row: number, first: number, last: number): void {
    const { faces, z, level } = this;
    const m = faces.meshOf[f];
    this.patterns.read(m, faces.data[m].faces.normals, faces.faceOf[f], row, first, last, z, level);
  }

  /** Marks the columns `first` to `last` of a row, in which face f is seen at the depths in `z`, that are in a shadow. */
  private findShadows(f: number, row: number, first: number, last: number): void {
    const { S, shaded, shadow, z } = this;
    if (shadow === null) return;
    const { all, width: columns, height: lines } = shadow;
    const columnSlope = S[0];
    const columnStart = S[1] * row + S[2];
    const columnShift = S[3];
    const lineSlope = S[4];
    const lineStart = S[5] * row + S[6];
    const lineShift = S[7];
    const heightSlope = S[8];
    const heightStart = S[9] * row + S[10];
    const heightShift = S[11] + this.faces.bias[f];
    // A flat face between two columns within the map is within it.
    if (this.isInMap(row, first, shadow) && this.isInMap(row, last, shadow)) {
      for (let u = first; u <= last; u++) {
        const depth = z[u];
        const column = depth * (columnSlope * u + columnStart) + columnShift;
        const line = depth * (lineSlope * u + lineStart) + lineShift;
        const height = depth * (heightSlope * u + heightStart) + heightShift;
        shaded[u] = all[(line | 0) * columns + (column | 0)] > height ? 1 : 0;
      }
      return;
    }
    for (let u = first; u <= last; u++) {
      const depth = z[u];
      const column = depth * (columnSlope * u + columnStart) + columnShift;
      const line = depth * (lineSlope * u + lineStart) + lineShift;
      const height = depth * (heightSlope * u + heightStart) + heightShift;
      const inMap = column > 0 && line > 0 && column < columns && line < lines;
      shaded[u] = inMap && all[(line | 0) * columns + (column | 0)] > height ? 1 : 0;
    }
  }

  /** True if what is seen in a column of a row is within the map by more than rounding. */
  private isInMap(row: number, u: number, { width, height }: ShadowMap): boolean {
    const { S, z } = this;
    const column = z[u] * (S[0] * u + S[1] * row + S[2]) + S[3];
    const line = z[u] * (S[4] * u + S[5] * row + S[6]) + S[7];
    return column > 0.01 && line > 0.01 && column < width - 0.01 && line < height - 0.01;
  }

  /** As `findShadows`, of what is fixed alone; says in `keep` where what moves may yet shade the others. */
  private findFixedShadows(f: number, row: number, first: number, last: number, keep: FixedImages): void {
    const { S, shaded, shadow, z } = this;
    if (shadow === null) return;
    const { fixed, width: columns, height: lines } = shadow;
    const columnStart = S[1] * row + S[2];
    const lineStart = S[5] * row + S[6];
    const heightStart = S[9] * row + S[10];
    const heightShift = S[11] + this.faces.bias[f];
    for (let u = first; u <= last; u++) {
      const column = z[u] * (S[0] * u + columnStart) + S[3];
      const line = z[u] * (S[4] * u + lineStart) + S[7];
      shaded[u] = 0;
      if (!(column > 0 && line > 0 && column < columns && line < lines)) continue;
      const texel = (line | 0) * columns + (column | 0);
      const height = z[u] * (S[8] * u + heightStart) + heightShift;
      if (fixed[texel] > height) shaded[u] = 1;
      else keep.shadable.add(row * this.width + u, texel, height);
    }
  }
}

/** Entry f of a palette into the pixels `first` to `last`. */
function fill(palette: Uint8Array, f: number, rgb: Uint8Array, first: number, last: number): void {
  const red = palette[3 * f];
  const green = palette[3 * f + 1];
  const blue = palette[3 * f + 2];
  for (let o = 3 * first; o <= 3 * last; o += 3) {
    rgb[o] = red;
    rgb[o + 1] = green;
    rgb[o + 2] = blue;
  }
}
