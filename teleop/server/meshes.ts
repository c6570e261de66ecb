import { realpath, stat } from 'node:fs/promises';
import { delimiter, join, sep } from 'node:path';

/** Largest mesh that is given out, bytes. */
const MOST_BYTES = 64 * 1024 * 1024;
const MESH = /^package:\/\/([A-Za-z0-9_.-]+)\/([^\0]+\.(?:stl|dae))$/i;

type Variables = Readonly<Record<string, string | undefined>>;

/** Folders in which ROS packages share their files: `share` of each prefix in AMENT_PREFIX_PATH. */
export function shareFolders(env: Variables): readonly string[] {
  return (env.AMENT_PREFIX_PATH ?? '')
    .split(delimiter)
    .flatMap((prefix) => (prefix === '' ? [] : join(prefix, 'share')));
}

/** Meshes that a description names: `package://NAME/…` of STL and DAE files. */
export function meshesIn(urdf: string): ReadonlySet<string> {
  return new Set(
    [...urdf.matchAll(/filename\s*=\s*"(package:\/\/[^"]+)"/g)].flatMap(([, url]) => (MESH.test(url) ? url : [])),
  );
}

/**
 * The file of a mesh; null where the description names none such, or it is not there, is too large, or lies outside its
 * package however links lead.
 */
export async function meshFile(url: string, urdf: string, folders: readonly string[]): Promise<string | null> {
  const [, name, rest] = MESH.exec(url) ?? [];
  if (name === undefined || !meshesIn(urdf).has(url)) return null;
  for (const folder of folders) {
    try {
      const root = await realpath(join(folder, name));
      const file = await realpath(join(root, rest));
      const { size } = await stat(file);
      if (file.startsWith(`${root}${sep}`) && size <= MOST_BYTES) return file;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
