import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface WalkedFile {
  /** From the folder, with slashes. */
  readonly path: string;
  readonly bytes: number;
  /** Names that this file has on its disk. */
  readonly links: number;
  readonly inode: number;
}

export interface Walked {
  readonly files: readonly WalkedFile[];
  /** Links, which are not followed. */
  readonly links: readonly string[];
  /** Folders of version control, which are not looked into. */
  readonly histories: readonly string[];
}

const HISTORIES = ['.git', '.hg', '.svn', '.dvc', '.zfs', '.snapshots'];

/** Everything in a folder, in order of paths. */
export function walk(folder: string): Walked {
  const files: WalkedFile[] = [];
  const links: string[] = [];
  const histories: string[] = [];
  const visit = (inner: string): void => {
    for (const entry of readdirSync(join(folder, inner), { withFileTypes: true })) {
      const path = inner === '' ? entry.name : `${inner}/${entry.name}`;
      if (entry.isSymbolicLink()) links.push(path);
      else if (HISTORIES.includes(entry.name)) histories.push(path);
      else if (entry.isDirectory()) visit(path);
      else if (entry.isFile()) {
        const { size, nlink, ino } = lstatSync(join(folder, path));
        files.push({ path, bytes: size, links: nlink, inode: ino });
      }
    }
  };
  visit('');
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), links: links.sort(), histories };
}
