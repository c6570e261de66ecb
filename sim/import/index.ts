import { readFileSync, statSync } from 'node:fs';
import { InputError } from '../../contracts/index.ts';
import { parseXml } from '../../robots/index.ts';
import type { SceneObject } from '../scene.ts';
import { objectsFromMjcf } from './mjcf.ts';
import { objectsFromSdf } from './sdf.ts';

export { type MeshObjectOptions, meshObject } from './mesh_object.ts';

/** Longest description that is read, bytes. */
const MOST_BYTES = 16 * 1024 * 1024;

export interface ImportOptions {
  /** Where meshes of `model://NAME/…` and `package://NAME/…` are looked for first. */
  readonly packageDir?: string;
}

/**
 * Movable objects of a MuJoCo model (MJCF) or of models in SDF, as they are spawned: shape, mass, inertia, friction, colour
 * and pose. Meshes are STL, OBJ or DAE files; they touch as their convex hulls. What a scene object cannot be is refused by
 * name, never left out. Throws InputError naming file and place.
 */
export function importObjects(file: string, options: ImportOptions = {}): SceneObject[] {
  const root = parseXml(readText(file), file, 'a scene description');
  if (root.name === 'mujoco') return objectsFromMjcf(root, file);
  if (root.name === 'sdf') return objectsFromSdf(root, file, options.packageDir ?? null);
  throw new InputError(`${file}: <${root.name}>`, 'must be <mujoco> or <sdf>');
}

function readText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > MOST_BYTES) throw new InputError(`${file}: ${size} bytes`, `at most ${MOST_BYTES} are read`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : 'unreadable';
    throw new InputError(`${file} cannot be read (${code})`, 'give the path of an MJCF or SDF file', { cause: error });
  }
}
