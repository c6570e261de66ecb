import type { Disk, DiskFile } from '../../datasets/index.ts';
import type { LogFile, OpenedLog } from '../../safety/index.ts';
import { EMPTY_CHAIN } from '../../safety/index.ts';
import type { MessageComparison } from './compare_messages.ts';
import { MessageStream } from './stored_messages.ts';

/** Where a replay is recorded: whatever is written is compared at once with the recording it is of, and kept nowhere. */
export class ComparingDisk implements Disk {
  /** What was written so far, as far as it is not compared yet. */
  readonly written = new MessageStream();
  private readonly comparison: MessageComparison;

  constructor(comparison: MessageComparison) {
    this.comparison = comparison;
  }

  async create(): Promise<DiskFile> {
    const { written, comparison } = this;
    const nothing = async () => {};
    return {
      async append(bytes) {
        written.append(bytes);
        for (let message = written.next(); message !== null; message = written.next()) await comparison.take(message);
      },
      ...{ datasync: nothing, sync: nothing, close: nothing },
    };
  }

  async rename(): Promise<void> {}
  async syncFolder(): Promise<void> {}

  async freeBytes(): Promise<number> {
    return Number.MAX_SAFE_INTEGER;
  }
}

/** An audit log that is kept nowhere: its checkpoints, which hold the hash of all its lines, are in the recording. */
export class UnkeptLog implements LogFile {
  readonly opened: OpenedLog = { head: EMPTY_CHAIN, torn_bytes: 0, broken: '', set_aside: '' };
  readonly failure = '';
  kept = 0;
  onKept: (sequence: number) => void = () => {};
  onFailure: (reason: string) => void = () => {};

  append(_line: string, sequence: number): void {
    this.kept = sequence;
    this.onKept(sequence);
  }

  async close(): Promise<void> {}
}
