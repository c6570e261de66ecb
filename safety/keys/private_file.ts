import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { InputError } from '../../contracts/index.ts';

const OTHERS_READ = 0o077;
const OTHERS_WRITE = 0o022;

/** Makes a folder that is its owner's alone. Throws InputError where another one could put files into it. */
export function preparePrivateFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new InputError(`folder ${folder} (${codeOf(cause)})`, 'must be a folder that can be made', { cause });
  }
  checkPrivateFolder(folder);
}

export function checkPrivateFolder(folder: string): void {
  const { mode, uid } = statSync(folder);
  if ((mode & OTHERS_WRITE) !== 0 || uid !== userId(uid))
    throw new InputError(`folder ${folder} of mode ${octal(mode)}`, `must be yours alone; chmod 700 ${folder}`);
}

/** Writes a new file of mode 0600, on the disk when this returns. Throws InputError where one of this name is. */
export function writePrivateFile(file: string, text: string): void {
  let fd = -1;
  try {
    fd = openSync(file, 'wx', 0o600);
    chmodSync(file, 0o600);
    writeFileSync(fd, text);
    fsyncSync(fd);
  } catch (cause) {
    const allowed = codeOf(cause) === 'EEXIST' ? 'is there already; name another' : 'must be a place for a new file';
    throw new InputError(`${file} (${codeOf(cause)})`, allowed, { cause });
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}

/** The text of a file that only its owner can read, who is this user. Follows no link. Throws InputError. */
export function readPrivateFile(file: string): string {
  let fd = -1;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new InputError(file, 'must be a file');
    if ((stat.mode & OTHERS_READ) !== 0)
      throw new InputError(
        `${file} of mode ${octal(stat.mode)}`,
        `others can read it; chmod 600 ${file}, or rotate it`,
      );
    if (stat.uid !== userId(stat.uid)) throw new InputError(`${file} of user ${stat.uid}`, 'must be your own');
    return readFileSync(fd, 'utf8');
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(`${file} (${codeOf(cause)})`, 'must be a file that can be read, and no link', { cause });
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}

/** Systems without users have none to compare with. */
function userId(otherwise: number): number {
  return process.getuid?.() ?? otherwise;
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
