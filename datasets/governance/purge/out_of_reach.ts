import { existsSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Walked, WalkedFile } from './walk.ts';

/** Magic numbers of statfs(2) of file systems that keep what was removed, or that lie elsewhere. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  2435016766: 'btrfs: its snapshots keep it until they are deleted (btrfs subvolume list -s)',
  801189825: 'zfs: its snapshots keep it until they are destroyed (zfs list -t snapshot)',
  26985: 'nfs: snapshots and backups of its server keep it; ask who runs it',
  4283649346: 'smb: snapshots and backups of its server keep it; ask who runs it',
  2035054128: 'an overlay: layers below it keep what was there when they were made',
};
const ARCHIVE = /\.(?:zip|7z|rar|gz|tgz|bz2|xz|zst|lz4)$/i;

/** Where bytes of purged episodes may still be, and what to do about each; nothing here reaches there. */
export function outOfReach(
  folder: string,
  { files, links, histories }: Walked,
  removed: readonly WalkedFile[],
): string[] {
  const root = resolve(folder);
  return [
    'backups and copies made by hand or by other programs: remove it there, too, or let them run out',
    'exports and datasets outside this folder: those that the index or the log of outlets tells of are listed as products',
    'blocks of the disk: an SSD keeps old ones until it erases them, so only a disk that was encrypted from the start is safe',
    ...fileSystem(root),
    ...hardLinks(root, removed),
    ...histories.map((path) => `${path}: its history was not looked into; rewrite it, or remove it`),
    ...historyAbove(root),
    ...links.map((path) => `${path} is a link, which was not followed`),
    ...files
      .filter(({ path }) => ARCHIVE.test(path) && !removed.some((one) => one.path === path))
      .map(({ path }) => `${path}: is an archive, which was not looked into`),
  ];
}

/** Other names of the removed files, beyond those that are removed, too. */
function hardLinks(root: string, removed: readonly WalkedFile[]): string[] {
  return removed
    .filter(({ inode, links }) => links > removed.filter((one) => one.inode === inode).length)
    .map(({ path, inode, links }) => {
      const remedy = `find ${JSON.stringify(mountOf(root))} -xdev -inum ${inode}`;
      return `${path} has ${links} names on this disk (hard links), as of datasets made with links; ${remedy} finds the others`;
    });
}

function fileSystem(root: string): string[] {
  const told = FILE_SYSTEMS[statfsSync(root).type];
  const usual = 'snapshots of the file system, where somebody makes them';
  return [told === undefined ? usual : `the file system is ${told}`];
}

function historyAbove(root: string): string[] {
  for (let above = dirname(root); ; above = dirname(above)) {
    if (existsSync(join(above, '.git')))
      return [`${join(above, '.git')}: if this folder was ever committed, its history keeps it`];
    if (dirname(above) === above) return [];
  }
}

/** The uppermost folder on the same disk. */
function mountOf(root: string): string {
  const { type, blocks } = statfsSync(root);
  let mount = root;
  for (let above = dirname(mount); above !== mount; above = dirname(mount)) {
    const there = statfsSync(above);
    if (there.type !== type || there.blocks !== blocks) break;
    mount = above;
  }
  return mount;
}
