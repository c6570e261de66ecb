import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { InputError } from '../../contracts/index.ts';

/** A place that data would go to, with every `..` and link followed. */
export type Destination =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string };

const MOST_LINKS = 40;
const URL_LIKE = /^[A-Za-z][A-Za-z0-9+.-]+:\/\//;

/** Where a path or URL really leads. Throws an InputError for a URL that is none, and for links in a circle. */
export function resolveDestination(told: string): Destination {
  if (!URL_LIKE.test(told)) return { kind: 'folder', path: realPath(resolve(told)) };
  if (told.startsWith('file://')) throw new InputError(`destination ${told}`, 'write a local folder as a path');
  try {
    const url = new URL(told);
    if (url.username !== '' || url.password !== '')
      throw new InputError('destination', 'must hold no user and password');
    return { kind: 'url', url: url.href };
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(`destination ${told}`, 'must be a URL', { cause });
  }
}

/** Whether a destination lies in an outlet: below its folder, or below its URL by whole segments of the path. */
export function liesIn(destination: Destination, outlet: Destination): boolean {
  if (destination.kind === 'folder') return outlet.kind === 'folder' && isBelow(destination.path, outlet.path);
  if (outlet.kind === 'folder') return false;
  const [to, prefix] = [new URL(destination.url), new URL(outlet.url)];
  const path = prefix.pathname.endsWith('/') ? prefix.pathname : `${prefix.pathname}/`;
  return to.origin === prefix.origin && to.protocol === prefix.protocol && `${to.pathname}/`.startsWith(path);
}

export function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

export function tellDestination(destination: Destination): string {
  return destination.kind === 'folder' ? destination.path : destination.url;
}

/** The real path of what may not exist yet: links are followed in what does, also one that leads to nothing yet. */
function realPath(path: string, followed = 0): string {
  if (followed > MOST_LINKS) throw new InputError(`destination ${path}`, 'its links must not lead in a circle');
  if (existsSync(path)) return realpathSync(path);
  if (isLink(path)) return realPath(resolve(dirname(path), readlinkSync(path)), followed + 1);
  const above = dirname(path);
  return above === path ? path : join(realPath(above, followed), path.slice(above.length));
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  } catch (cause) {
    throw new InputError(`destination ${path}`, 'must be a path that can be followed, with no links in a circle', {
      cause,
    });
  }
}
