import { readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { InputError, type Vector3 } from '../../contracts/index.ts';
import { parseDae } from './dae.ts';
import { MESH_LIMITS, type MeshPart } from './mesh_part.ts';
import { parseObj } from './obj.ts';
import { parseStl } from './stl.ts';

const FORMATS: Readonly<Record<string, (bytes: Uint8Array, file: string) => readonly MeshPart[]>> = {
  '.stl': (bytes, file) => [parseStl(bytes, file)],
  '.obj': (bytes, file) => [parseObj(new TextDecoder().decode(bytes), file)],
  '.dae': (bytes, file) => parseDae(new TextDecoder().decode(bytes), file),
};

/**
 * Triangles of an STL, OBJ or COLLADA file, each coordinate times `scale` (a negative one mirrors; triangles stay outward).
 * One part for each colour. Throws InputError naming file and place for what is missing, too large, cut off, not a number,
 * or has no triangle.
 */
export function readMesh(file: string, scale: Vector3 = [1, 1, 1]): readonly MeshPart[] {
  const parse = FORMATS[extname(file).toLowerCase()];
  if (parse === undefined) {
    throw new InputError(`mesh ${file}`, `must be one of ${Object.keys(FORMATS).join(', ')}`);
  }
  if (!scale.every((factor) => Number.isFinite(factor) && factor !== 0)) {
    throw new InputError(`mesh ${file}: scale ${scale.join(' ')}`, 'must be three numbers other than 0');
  }
  const parts = parse(readBytes(file), file).map((part) => scaled(part, scale));
  if (parts.every(({ triangles }) => triangles.length === 0)) {
    throw new InputError(`mesh ${file}`, 'must have at least one triangle');
  }
  return parts;
}

function readBytes(file: string): Uint8Array {
  try {
    const { size } = statSync(file);
    if (size > MESH_LIMITS.bytes) {
      throw new InputError(`mesh ${file}: ${size} bytes`, `at most ${MESH_LIMITS.bytes} are read`);
    }
    return readFileSync(file);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : 'unreadable';
    throw new InputError(`mesh ${file} cannot be read (${code})`, 'give the path of an STL, OBJ or DAE file', {
      cause: error,
    });
  }
}

function scaled(part: MeshPart, [sx, sy, sz]: Vector3): MeshPart {
  if (sx === 1 && sy === 1 && sz === 1) return part;
  const vertices = part.vertices.map((x, i) => x * [sx, sy, sz][i % 3]);
  const triangles = part.triangles.slice();
  if (sx * sy * sz < 0) {
    for (let t = 0; t < triangles.length; t += 3) {
      triangles[t + 1] = part.triangles[t + 2];
      triangles[t + 2] = part.triangles[t + 1];
    }
  }
  return { ...part, vertices, triangles };
}
