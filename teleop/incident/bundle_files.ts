import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of a bundle, named from its folder with slashes. */
export interface BundleFile {
  readonly name: string;
  readonly bytes: number;
}

/** The files of a folder and those below it, in order of their names. */
export async function filesOf(folder: string, prefix = ''): Promise<readonly BundleFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map(async (entry): Promise<readonly BundleFile[]> => {
      const [path, name] = [join(folder, entry.name), `${prefix}${entry.name}`];
      return entry.isDirectory() ? filesOf(path, `${name}/`) : [{ name, bytes: (await stat(path)).size }];
    });
  return (await Promise.all(found)).flat().sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** SHA-256 of a file in lower-case hex, read by pieces. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece);
  return hash.digest('hex');
}
