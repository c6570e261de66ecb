import type { Matrix4 } from 'three';
import { ChangeKey } from './change_key.ts';
import type { Lighting } from './lighting.ts';
import { PolygonBuffer } from './polygon_buffer.ts';
import type { Polygons } from './polygons.ts';
import { type DrawableMesh, roundShapeOf, type SceneReader } from './scene_reader.ts';
import { createSections } from './sections.ts';

/**
 * Where a far light comes (Williams, 1978): what is nearest to it in every texel of a plane across its rays, in metres
 * towards the light. What never moves has a map of its own, drawn when it changes. The plane and the number of texels are
 * those of three's `light.shadow.camera` and `light.shadow.mapSize`, around the light's target; outside of them all is lit.
 */
export class ShadowMap {
  readonly width: number;
  readonly height: number;
  /** World (m) to column, row (texels) and nearness (m), row-major 3×4. */
  readonly L = new Float64Array(12);
  /** The longer side of a texel, m. */
  texel_m = 0;
  private readonly still: PolygonBuffer;
  /** What moves, over what is fixed, and which texels it is within. */
  readonly moved: PolygonBuffer;
  private readonly key = new ChangeKey();
  private readonly M = new Float64Array(12);
  private readonly light = new Float64Array(3);
  private readonly sections = createSections();

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.still = new PolygonBuffer(width, height, false);
    this.moved = new PolygonBuffer(width, height, false);
    this.still.clear(-Infinity);
    this.moved.clear(-Infinity);
  }

  /** Nearness of what is fixed, and of that and what moves, row-major. */
  get fixed(): Float32Array {
    return this.still.nearest;
  }

  get all(): Float32Array {
    return this.moved.nearest;
  }

  /** Draws the scene as its sun sees it. */
  draw(scene: SceneReader): void {
    this.texel_m = aimAtSun(scene.lighting, this.width, this.height, this.L);
    const { key, still, moved } = this;
    key.begin();
    key.addAll(this.L, 12);
    for (let i = 0; i < scene.fixed_count; i++) {
      const mesh = scene.fixed[i];
      key.addGeometry(mesh.geometry);
      key.addAll(mesh.matrixWorld.elements, 16);
      key.add(mesh.castShadow ? 1 : 0);
    }
    if (key.end()) moved.restore(still.nearest);
    else {
      still.clear(-Infinity);
      for (let i = 0; i < scene.fixed_count; i++) this.cast(scene, scene.fixed[i], still);
      moved.clear(-Infinity);
      moved.nearest.set(still.nearest);
    }
    for (let i = 0; i < scene.moving_count; i++) this.cast(scene, scene.moving[i], moved);
  }

  private cast(scene: SceneReader, mesh: DrawableMesh, into: PolygonBuffer): void {
    if (!mesh.castShadow) return;
    const { M, L } = this;
    const { geometry } = mesh;
    const data = scene.dataOf(geometry);
    multiply(L, mesh.matrixWorld, M);
    const { bound, faces } = data;
    const column = M[0] * bound[0] + M[1] * bound[1] + M[2] * bound[2] + M[3];
    const row = M[4] * bound[0] + M[5] * bound[1] + M[6] * bound[2] + M[7];
    const across = bound[3] * Math.sqrt(M[0] * M[0] + M[1] * M[1] + M[2] * M[2]);
    const along = bound[3] * Math.sqrt(M[4] * M[4] + M[5] * M[5] + M[6] * M[6]);
    if (column + across < 0 || column - across > this.width - 1) return;
    if (row + along < 0 || row - along > this.height - 1) return;
    this.findLight();
    const round = roundShapeOf(geometry);
    if (round === null) {
      into.projectFlat(data.positions, M);
      castLit(faces, this.light, into);
    } else {
      const section = this.sections[round];
      section.turn(this.light);
      into.projectFlat(section.positions, M);
      const { starts, corners } = section.faces;
      for (let f = 0; f + 1 < starts.length; f++) into.draw(corners, starts[f], starts[f + 1], 1);
    }
  }

  /** Towards the light in the mesh's frame: where neither column nor row changes. */
  private findLight(): void {
    const { M, light } = this;
    const x = M[6] * M[1] - M[5] * M[2];
    const y = M[4] * M[2] - M[6] * M[0];
    const z = M[5] * M[0] - M[4] * M[1];
    const scale = (M[8] * x + M[9] * y + M[10] * z < 0 ? -1 : 1) / Math.sqrt(x * x + y * y + z * z);
    light[0] = scale * x;
    light[1] = scale * y;
    light[2] = scale * z;
  }
}

/** Faces that look to the light by less than this may be of triangles that do. */
const FLATNESS = 1e-5;

/** Draws the faces on the side of the light, a unit direction (3) in the mesh's frame. */
function castLit({ starts, corners, normals }: Polygons, light: Float64Array, into: PolygonBuffer): void {
  const x = light[0];
  const y = light[1];
  const z = light[2];
  for (let f = 0; f + 1 < starts.length; f++) {
    if (normals[3 * f] * x + normals[3 * f + 1] * y + normals[3 * f + 2] * z < -FLATNESS) continue;
    into.draw(corners, starts[f], starts[f + 1], 1);
  }
}

/** Pictures with fewer columns have shadows of fewer texels a side, by this: they are then about as coarse as pixels. */
const SMALL_WIDTH = 160;
const SMALL_SHARE = 2.5;

/** Columns and rows of the shadow map for pictures of `width` columns, as the sun asks for; null without a sun. */
export function shadowSize({ sun }: Lighting, width: number, out: { columns: number; rows: number }): boolean {
  if (sun === null) return false;
  const share = width < SMALL_WIDTH ? SMALL_SHARE : 1;
  out.columns = Math.ceil(sun.shadow.mapSize.x / share);
  out.rows = Math.ceil(sun.shadow.mapSize.y / share);
  return true;
}

/** World (m) to column, row (texels) and nearness (m) of the sun's map into L, row-major 3×4. Returns a texel's size, m. */
export function aimAtSun(
  { sun, sunNumber, lights }: Lighting,
  map_columns: number,
  map_rows: number,
  L: Float64Array,
): number {
  if (sun === null) return 0;
  const { left, right, top, bottom } = sun.shadow.camera;
  const { x: tx, y: ty, z: tz } = sun.target.position;
  const dx = lights[6 * sunNumber];
  const dy = lights[6 * sunNumber + 1];
  const dz = lights[6 * sunNumber + 2];
  // Columns go along a horizontal; under a light straight above, along x.
  const flat = Math.sqrt(dx * dx + dy * dy);
  const ux = flat > 1e-6 ? -dy / flat : 1;
  const uy = flat > 1e-6 ? dx / flat : 0;
  const columns = map_columns / (right - left);
  const rows = map_rows / (top - bottom);
  L[0] = columns * ux;
  L[1] = columns * uy;
  L[2] = 0;
  L[3] = -columns * left - 0.5 - L[0] * tx - L[1] * ty;
  // Rows go along u × d, so that columns, rows and the rays of the light are right-handed, as an image and its depth are.
  L[4] = rows * dz * uy;
  L[5] = -rows * dz * ux;
  L[6] = rows * (dy * ux - dx * uy);
  L[7] = rows * top - 0.5 - L[4] * tx - L[5] * ty - L[6] * tz;
  L[8] = dx;
  L[9] = dy;
  L[10] = dz;
  L[11] = -(dx * tx + dy * ty + dz * tz);
  return 1 / Math.min(columns, rows);
}

/** L (3×4) times a mesh's matrix, row-major 3×4. */
export function multiply(L: Float64Array, matrix: Matrix4, M: Float64Array): void {
  const e = matrix.elements;
  for (let r = 0; r < 12; r += 4) {
    const a = L[r];
    const b = L[r + 1];
    const c = L[r + 2];
    M[r] = a * e[0] + b * e[1] + c * e[2];
    M[r + 1] = a * e[4] + b * e[5] + c * e[6];
    M[r + 2] = a * e[8] + b * e[9] + c * e[10];
    M[r + 3] = a * e[12] + b * e[13] + c * e[14] + L[r + 3];
  }
}
