import { existsSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../contracts/index.ts';

/**
 * The file a mesh's `filename` names: `package://NAME/…` (or `model://`) looked for as NAME/… in `packageDir` and in the
 * parents of the URDF's folder, and beside a folder called NAME itself; `file://` and plain paths, relative ones from the
 * URDF's folder. Throws InputError naming what is missing and where it was looked for.
 */
export function resolveMesh(filename: string, urdfFile: string, packageDir: string | null, place: string): string {
  const folder = dirname(resolve(urdfFile));
  const candidates = candidatePaths(filename, folder, packageDir, `${urdfFile}: ${place}`);
  const found = candidates.find((path) => existsSync(path) && statSync(path).isFile());
  if (found !== undefined) return found;
  const remedy = filename.startsWith('package://') ? '; name the folder that holds the package by --package DIR' : '';
  throw new InputError(`${urdfFile}: ${place}: mesh ${filename} not found`, `looked at ${candidates[0]}${remedy}`);
}

function candidatePaths(filename: string, folder: string, packageDir: string | null, place: string): string[] {
  const scheme = /^([a-z]+):\/\//i.exec(filename)?.[1].toLowerCase();
  if (scheme === 'file') {
    const path = filename.startsWith('file:///') ? fileURLToPath(filename) : filename.slice('file://'.length);
    return [isAbsolute(path) ? path : join(folder, path)];
  }
  if (scheme === undefined) return [isAbsolute(filename) ? filename : join(folder, filename)];
  if (scheme !== 'package' && scheme !== 'model') {
    throw new InputError(`${place}: mesh ${filename}`, 'give it as package://, file:// or a path');
  }
  const inPackage = filename.slice(scheme.length + 3);
  const slash = inPackage.indexOf('/');
  const name = slash < 0 ? inPackage : inPackage.slice(0, slash);
  const rest = slash < 0 ? '' : inPackage.slice(slash + 1);
  const roots = packageDir === null ? [] : [resolve(packageDir)];
  for (let at = folder; ; at = dirname(at)) {
    roots.push(at);
    if (dirname(at) === at) break;
  }
  return roots.flatMap((root) =>
    basename(root) === name ? [join(root, name, rest), join(root, rest)] : [join(root, name, rest)],
  );
}
