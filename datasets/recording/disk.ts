import { open, rename, statfs } from 'node:fs/promises';

/** Where recordings are written: the file system, or in tests a disk whose power can be cut. */
export interface Disk {
  /** Creates the file, or empties it. */
  create(file: string): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
  /** After it the names in the folder, of files created or renamed in it, survive a power cut. */
  syncFolder(folder: string): Promise<void>;
  /** Bytes that may still be written into the folder. */
  freeBytes(folder: string): Promise<number>;
}

/** A file that only grows. Errors are those of node:fs, with their `code`. */
export interface DiskFile {
  /** Appends all of it; the bytes are the caller's again once it has resolved. */
  append(bytes: Uint8Array): Promise<void>;
  /** After it everything appended before the call survives a power cut (fdatasync); appending may go on meanwhile. */
  datasync(): Promise<void>;
  /** As `datasync`, with every attribute of the file (fsync). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What a system says of files and folders that cannot be synced: devices, folders on some file systems. */
const UNSYNCED = ['EINVAL', 'ENOTSUP', 'EISDIR', 'EPERM'];

/** The file system of this machine. */
export const SYSTEM_DISK: Disk = {
  async create(file) {
    const handle = await open(file, 'w');
    return {
      async append(bytes) {
        for (let done = 0; done < bytes.length; ) {
          done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
        }
      },
      datasync: () => handle.datasync().catch(unlessUnsynced),
      sync: () => handle.sync().catch(unlessUnsynced),
      close: () => handle.close(),
    };
  },
  rename: (from, to) => rename(from, to),
  async syncFolder(folder) {
    const handle = await open(folder, 'r');
    try {
      await handle.sync().catch(unlessUnsynced);
    } finally {
      await handle.close();
    }
  },
  async freeBytes(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
};

function unlessUnsynced(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!UNSYNCED.includes(code)) throw error;
}
