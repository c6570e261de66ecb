import { InputError, type Pose, type Vector3 } from '../../contracts/index.ts';
import type { SceneObject } from '../scene.ts';
import { buildObject, totalInertia } from './build_object.ts';
import { meshSolid } from './solid.ts';

export interface MeshObjectOptions {
  readonly name?: string;
  /** Factor of each coordinate of the file; 0.001 for millimetres. Default 1. */
  readonly scale?: Vector3;
  /** Either of them; default 500 kg/m³. */
  readonly mass_kg?: number;
  readonly density_kg_m3?: number;
  readonly friction?: number;
  /** Pose of the file's frame in the world. */
  readonly pose?: Pose;
  /** Default: the file's first colour, else grey. */
  readonly rgb?: Vector3;
}

const DENSITY_KG_M3 = 500;
const FRICTION = 0.6;
const GREY: Vector3 = [0.7, 0.7, 0.7];

/**
 * An object from an STL, OBJ or DAE file: it touches as the mesh's convex hull, is seen as its triangles, and weighs as what
 * they enclose. Throws InputError for a file that cannot be read, encloses nothing, or for impossible options.
 */
export function meshObject(file: string, options: MeshObjectOptions = {}): SceneObject {
  const { scale = [1, 1, 1], mass_kg, density_kg_m3, friction = FRICTION } = options;
  if (mass_kg !== undefined && density_kg_m3 !== undefined) {
    throw new InputError(`mesh object ${file}: mass_kg and density_kg_m3`, 'give one of them');
  }
  const solid = meshSolid(file, scale);
  const mass = mass_kg ?? (density_kg_m3 ?? DENSITY_KG_M3) * solid.volume_m3;
  if (!(mass > 0 && mass < 1e6)) throw new InputError(`mesh object ${file}: mass ${mass} kg`, 'must be above 0');
  if (!(friction >= 0)) {
    throw new InputError(`mesh object ${file}: friction ${friction}`, 'must be a number of at least 0');
  }
  const part = { solid, T_body_solid: ORIGIN, mass_kg: mass };
  return buildObject({
    name: options.name ?? 'mesh',
    T_world_body: options.pose ?? ORIGIN,
    inertia: totalInertia([part]),
    collision: part,
    visual: [],
    friction,
    rgb: options.rgb ?? solid.rgb ?? GREY,
  });
}

const ORIGIN: Pose = { position: [0, 0, 0], orientation: [0, 0, 0, 1] };
