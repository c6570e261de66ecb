import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, isAbsolute, join, resolve, sep } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { type BagInformation, readBagInformation } from './bag_metadata.ts';
import { LIMITS } from './limits.ts';

/** The files of a bag, found and allowed, in their order. */
export interface BagFiles {
  /** As it was told. */
  readonly path: string;
  /** Without what says that it is a file or a part. */
  readonly name: string;
  /** Null where there is no `metadata.yaml`. */
  readonly information: BagInformation | null;
  readonly files: readonly string[];
}

const METADATA = 'metadata.yaml';
const STORAGE = /\.(mcap|db3)(\.zstd)?$/;
const PART = /_\d+(?=\.(mcap|db3)(\.zstd)?$)/;

/**
 * Bags at a path: a folder with `metadata.yaml`; a file `.mcap` or `.db3`, also `.zstd`; or a folder of such folders and
 * files, where those that differ in `_0`, `_1`, … alone are one bag that lost its `metadata.yaml`. Throws an InputError for a
 * path with none, and for one that leads out of its bag.
 */
export function findBags(path: string): readonly BagFiles[] {
  if (statusOf(path).isFile()) return [{ path, name: nameOf(path), information: null, files: [storageFile(path)] }];
  if (has(path, METADATA)) return [bagOfFolder(path)];
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const folders = entries.filter((entry) => entry.isDirectory() && has(join(path, entry.name), METADATA));
  const loose = entries.filter((entry) => entry.isFile() && STORAGE.test(entry.name)).map(({ name }) => name);
  const groups = grouped(loose);
  const bags = [
    ...folders.map(({ name }) => bagOfFolder(join(path, name))),
    ...[...groups].map(([stem, names]) => ({
      ...{ path: join(path, names[0]), name: nameOf(stem), information: null },
      files: names.map((name) => join(path, name)),
    })),
  ];
  if (bags.length > 0) return bags;
  throw new InputError(`bag ${path}`, `must be a file .mcap or .db3, or a folder with ${METADATA} or with such files`);
}

function bagOfFolder(folder: string): BagFiles {
  const file = join(folder, METADATA);
  const information = readBagInformation(file);
  const { relative_file_paths: told } = information;
  if (told.length === 0) throw new InputError(`bag ${file}: relative_file_paths`, 'must name at least one file');
  const files = told.map((path) => fileOfBag(folder, path));
  const twice = files.find((each, i) => files.indexOf(each) !== i);
  if (twice !== undefined) throw new InputError(`bag ${file}: relative_file_paths ${twice}`, 'is there twice');
  return { path: folder, name: nameOf(resolve(folder)), information, files };
}

/** A file that metadata name; before version 4 with the name of the bag's folder before it. */
function fileOfBag(folder: string, told: string): string {
  const what = `bag ${join(folder, METADATA)}: relative_file_paths ${JSON.stringify(told)}`;
  const parts = told.split(/[\\/]/);
  if (told === '' || isAbsolute(told) || parts.includes('..') || told.includes('\0')) {
    throw new InputError(what, 'must be a path inside the folder of the bag');
  }
  const path = [join(folder, told), join(folder, basename(told))].find((each) => exists(each));
  if (path === undefined) throw new InputError(what, 'is not there; bring it, or give the files that are there alone');
  const inside = realpathSync(folder) + sep;
  if (!realpathSync(path).startsWith(inside)) {
    throw new InputError(what, 'is a link out of the folder of the bag; give the file that it leads to');
  }
  return storageFile(path);
}

function storageFile(path: string): string {
  if (!statusOf(path).isFile()) throw new InputError(`bag ${path}`, 'must be a regular file');
  if (STORAGE.test(path)) return path;
  throw new InputError(`bag ${path}`, 'must end in .mcap or .db3, or in these with .zstd');
}

function grouped(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) groups.set(name.replace(PART, ''), [...(groups.get(name.replace(PART, '')) ?? []), name]);
  if (names.length > LIMITS.files) throw new InputError(`folder of ${names.length} bags`, `at most ${LIMITS.files}`);
  const part = (name: string) => Number(/_(\d+)\./.exec(PART.exec(name)?.[0].concat('.') ?? '')?.[1] ?? -1);
  for (const group of groups.values()) group.sort((a, b) => part(a) - part(b));
  return groups;
}

const nameOf = (path: string): string => basename(path).replace(STORAGE, '').replace(/_0$/, '') || 'bag';
const has = (folder: string, name: string): boolean => exists(join(folder, name));

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function statusOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`bag ${path}`, `cannot be read (${reason})`, { cause: error });
  }
}
