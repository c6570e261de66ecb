import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every file of a folder by its path in it, in order. @param without  names that are left out */
export function setContents(folder: string, without: readonly string[] = []): ReadonlyMap<string, Buffer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.filter(({ name }) => !without.includes(name)).map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.sort().map((path) => [path.slice(folder.length + 1), readFileSync(path)]));
}

/** Paths whose bytes differ or that one of two folders lacks. */
export function differingFiles(a: ReadonlyMap<string, Buffer>, b: ReadonlyMap<string, Buffer>): readonly string[] {
  const all = [...new Set([...a.keys(), ...b.keys()])];
  return all.filter((path) => !a.get(path)?.equals(b.get(path) ?? Buffer.from('missing')));
}
