import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { InputError } from '../contracts/index.ts';

/** What the platform takes for the path of a socket, bytes (sun_path of macOS is the shortest, 104 with its NUL). */
const LONGEST_PATH = 100;
/** What a socket's name may add to the folder's path: `/stop-`, process number, count, `.sock`. */
const LONGEST_NAME = 30;

/** Where sockets by which arms are stopped may lie: `$XDG_RUNTIME_DIR/surepick`, else `surepick-UID` among temporary files. */
export function stopFolders(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const run = env.XDG_RUNTIME_DIR ?? '';
  const temporary = join(tmpdir(), `surepick-${process.getuid?.() ?? 0}`);
  const folders = isAbsolute(run) ? [join(run, 'surepick'), temporary] : [temporary];
  return folders.filter((folder) => Buffer.byteLength(folder) + LONGEST_NAME <= LONGEST_PATH);
}

/** The first of the folders that is, or can be made, this user's alone (mode 0700). Throws InputError where none is. */
export function ownFolder(folders: readonly string[]): string {
  const refusals = folders.map((folder) => {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch {
      // Whatever is there says why it is of no use.
    }
    return foreign(folder);
  });
  const first = refusals.indexOf('');
  if (first < 0) throw new InputError(folders[0] ?? 'folder of sockets', refusals[0] ?? 'needs a shorter path');
  return folders[first];
}

/** Why a folder is not trusted, empty where it is; one that does not exist is not. */
export function foreign(folder: string): string {
  const stat = statOf(folder);
  if (stat === undefined) return 'does not exist and cannot be made';
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) return 'must be a folder of this user; remove it';
  return (stat.mode & 0o077) === 0 ? '' : 'must be open to nobody else; chmod 700 it';
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
