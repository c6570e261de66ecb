import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../contracts/index.ts';

/** What the platform takes for the path of a socket, bytes (sun_path of macOS is the shortest, 104 with its NUL). */
const LONGEST_PATH = 100;
/** What a socket's name may add to the folder's path: `/.`, process number, 8 characters, `.sock`. */
const LONGEST_NAME = 30;

/**
 * The folder in which processes of this user and ROS domain find each other's sockets, made if need be and open to nobody
 * else. Throws an InputError where it cannot be trusted or its path is too long.
 */
export function linkFolder(domain: number, base = process.env.XDG_RUNTIME_DIR || tmpdir()): string {
  const uid = process.getuid?.();
  if (uid === undefined) throw new InputError('local links', 'need a system with users, such as Linux or macOS');
  const own = join(base, `surepick-${uid}`);
  const folder = join(own, String(domain));
  if (Buffer.byteLength(folder) + LONGEST_NAME > LONGEST_PATH)
    throw new InputError(folder, `is too long for sockets; set XDG_RUNTIME_DIR to a path of fewer bytes`);
  for (const path of [own, folder]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const stat = lstatSync(path);
    if (!stat.isDirectory() || stat.uid !== uid)
      throw new InputError(path, `must be a folder of user ${uid}; remove it`);
    if ((stat.mode & 0o077) !== 0) chmodSync(path, 0o700);
  }
  return folder;
}
