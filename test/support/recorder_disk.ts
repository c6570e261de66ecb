import { type Disk, SYSTEM_DISK } from '../../datasets/index.ts';

/** The system's disk with as much room as a test says, and whose writes wait while it is held. */
export class RecorderDisk implements Disk {
  free_bytes = 1e12;
  private held: Promise<void> | null = null;
  private release = () => {};
  /** What the next write fails with. */
  failure: Error | null = null;

  hold(): void {
    this.held = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  resume(): void {
    this.held = null;
    this.release();
  }

  async create(file: string) {
    const inner = await SYSTEM_DISK.create(file);
    return {
      append: async (bytes: Uint8Array) => {
        await this.held;
        if (this.failure !== null) throw this.failure;
        await inner.append(bytes);
      },
      datasync: () => inner.datasync(),
      sync: () => inner.sync(),
      close: () => inner.close(),
    };
  }

  rename(from: string, to: string) {
    return SYSTEM_DISK.rename(from, to);
  }

  syncFolder(folder: string) {
    return SYSTEM_DISK.syncFolder(folder);
  }

  async freeBytes() {
    return this.free_bytes;
  }
}
