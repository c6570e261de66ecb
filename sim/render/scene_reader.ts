import { BufferGeometry, type Color, type Material, type Mesh, type Object3D, type Scene } from 'three';
import type { SurfaceTexture } from '../scene.ts';
import { Lighting } from './lighting.ts';
import { type MeshData, readMeshData } from './mesh_data.ts';
import type { RoundShape } from './sections.ts';

export type DrawableMesh = Mesh & { readonly material: Material & { readonly color: Color } };

/**
 * What there is to draw in a three.js scene, in order: the meshes that move, then those that do not, and the lights. A
 * mesh says the rest in `userData`: `label` (number in the segmentation), `fixed` (with all below it), and, on its
 * material, `texture`. Shadows are three's: `castShadow` of the light, `castShadow` and `receiveShadow` of a mesh.
 */
export class SceneReader {
  readonly lighting = new Lighting();
  /** The first `moving_count` and `fixed_count` entries are those of the last scene read. */
  readonly moving: DrawableMesh[] = [];
  readonly fixed: DrawableMesh[] = [];
  moving_count = 0;
  fixed_count = 0;
  private readonly meshes = new WeakMap<BufferGeometry, MeshData>();
  private readonly casters = new WeakMap<BufferGeometry, MeshData>();

  /** Reads a scene whose world matrices are up to date. Invisible branches are left out. */
  read(scene: Scene): void {
    this.lighting.reset(scene);
    this.moving_count = 0;
    this.fixed_count = 0;
    this.collect(scene, false);
  }

  /** A geometry is read once; a changed one must be replaced. */
  dataOf(geometry: BufferGeometry): MeshData {
    const known = this.meshes.get(geometry);
    if (known !== undefined) return known;
    const data = readMeshData(geometry);
    this.meshes.set(geometry, data);
    return data;
  }

  /** What casts a geometry's shadow on a GPU: `userData.caster` of the geometry, a coarser one, or the geometry. */
  casterOf(geometry: BufferGeometry): MeshData {
    const known = this.casters.get(geometry);
    if (known !== undefined) return known;
    const caster: unknown = geometry.userData.caster;
    const data = this.dataOf(caster instanceof BufferGeometry ? caster : geometry);
    this.casters.set(geometry, data);
    return data;
  }

  private collect(object: Object3D, fixed: boolean): void {
    if (!object.visible) return;
    const still = fixed || object.userData.fixed === true;
    if (isDrawable(object)) {
      if (still) this.fixed[this.fixed_count++] = object;
      else this.moving[this.moving_count++] = object;
    } else this.lighting.add(object);
    const { children } = object;
    for (let i = 0; i < children.length; i++) this.collect(children[i], still);
  }
}

export function labelOf(mesh: DrawableMesh): number {
  const label: unknown = mesh.userData.label;
  return typeof label === 'number' ? label : 0;
}

/** The round shape that a geometry's triangles stand for, as `userData.round` says; null for any other. */
export function roundShapeOf(geometry: BufferGeometry): RoundShape | null {
  const round: unknown = geometry.userData.round;
  return round === 'cylinder' || round === 'ball' ? round : null;
}

/** The pattern over the paint of a mesh, as `setTexture` left it. */
export function textureOf(mesh: DrawableMesh): SurfaceTexture | null {
  const texture: unknown = mesh.material.userData.texture;
  return isTexture(texture) ? texture : null;
}

function isTexture(value: unknown): value is SurfaceTexture {
  return typeof value === 'object' && value !== null && 'kind' in value && 'scale_m' in value;
}

function isDrawable(object: Object3D): object is DrawableMesh {
  return (
    'isMesh' in object &&
    'material' in object &&
    typeof object.material === 'object' &&
    object.material !== null &&
    'color' in object.material
  );
}
