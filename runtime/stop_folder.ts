import { lstatSync, mkdirSync } from 'node:fs';
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

/** Makes the folder if need be (mode 0700). Throws InputError where others than this user could reach into it. */
export function ownFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const refusal = foreign(folder);
  if (refusal !== '') throw new InputError(folder, refusal);
}

/** Why a folder is not trusted, empty where it is; one that does not exist is not. */
export function foreign(folder: string): string {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) return 'does not exist';
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) return 'must be a folder of this user; remove it';
  return (stat.mode & 0o077) === 0 ? '' : 'must be open to nobody else; chmod 700 it';
}
