import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { InputError } from './errors.ts';
import { PACKAGE_ROOT } from './paths.ts';

/**
 * Where a kind of things that are fetched or built once is kept, each under a name that changes with its content:
 * `SUREPICK_CACHE`; else `.cache` of this checkout where it has that kind already; else the user's cache (`XDG_CACHE_HOME`,
 * `~/.cache`), so that another checkout builds nothing again; else, where that cannot be written, `.cache` of this checkout.
 *
 * @throws InputError when SUREPICK_CACHE is no absolute path
 */
export function cacheFolder(
  kind: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
  checkout = PACKAGE_ROOT,
): string {
  const asked = env.SUREPICK_CACHE;
  if (asked !== undefined && asked !== '') {
    if (!isAbsolute(asked)) throw new InputError(`SUREPICK_CACHE=${asked}`, 'an absolute path');
    return join(asked, kind);
  }
  const own = join(checkout, '.cache', kind);
  if (existsSync(own)) return own;
  const cache = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  return isWritable(cache) ? join(cache, 'surepick', kind) : own;
}

/** Whether a folder can be written, or made. */
function isWritable(folder: string): boolean {
  if (!existsSync(folder)) return dirname(folder) !== folder && isWritable(dirname(folder));
  try {
    accessSync(folder, constants.W_OK);
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}
