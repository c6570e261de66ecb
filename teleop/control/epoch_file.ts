import { closeSync, fsyncSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { replacePrivateFile } from '../access/private_json.ts';

/** Epochs are 32 bits wide where they cross to a page. */
export const MOST_EPOCH = 0xffff_ffff;
const MAX_BYTES = 1024;

const stored = z.strictObject({
  schema: z.literal('surepick/control-epoch'),
  version: z.literal(1),
  epoch: z.int().min(1).max(MOST_EPOCH),
});

/** Gives out epochs, each above all before it. */
export interface Epochs {
  /** On the disk when it returns. @throws InputError where it cannot be kept: nobody may be granted it then */
  next(): number;
}

/**
 * The epoch of the control lease in `epoch.json` of a folder. The first one after opening is above the one kept and not
 * below the seconds since 1970: a file that is gone, damaged or from a backup is passed by as well, for nobody is granted
 * a lease once a second over years.
 */
export class EpochFile implements Epochs {
  /** Why the file's epoch could not be used; empty where it was there and sound. */
  readonly problem: string;
  private readonly file: string;
  private epoch: number;

  /** @param wall_ms  since 1970 */
  constructor(folder: string, wall_ms: number) {
    this.file = join(folder, 'epoch.json');
    const { epoch, changed_s, problem } = readEpoch(this.file);
    this.problem = problem;
    this.epoch = Math.max(epoch, changed_s, Math.floor(wall_ms / 1000) - 1);
  }

  next(): number {
    const epoch = this.epoch + 1;
    if (epoch > MOST_EPOCH)
      throw new InputError(
        `${this.file}: epoch ${epoch}`,
        `must be at most ${MOST_EPOCH}; set the clock, then delete it`,
      );
    try {
      const text = JSON.stringify({ schema: 'surepick/control-epoch', version: 1, epoch });
      replacePrivateFile(this.file, `${text}\n`);
      syncFolder(dirname(this.file));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new InputError(this.file, `must be writable to give out control of the robot: ${why}`, { cause });
    }
    this.epoch = epoch;
    return epoch;
  }
}

interface Found {
  readonly epoch: number;
  /** When it was last written, s since 1970. */
  readonly changed_s: number;
  readonly problem: string;
}

function readEpoch(file: string): Found {
  let changed_s = 0;
  try {
    const { size, mtimeMs } = statSync(file);
    changed_s = Math.min(MOST_EPOCH, Math.ceil(mtimeMs / 1000));
    if (size > MAX_BYTES) return { epoch: 0, changed_s, problem: `${file} has ${size} bytes: no epoch` };
    const { epoch } = stored.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { epoch, changed_s: 0, problem: '' };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { epoch: 0, changed_s, problem: '' };
    const why = error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error);
    return { epoch: 0, changed_s, problem: `${file} cannot be read; epochs go on above the time of day: ${why}` };
  }
}

/** The new name too must outlive a loss of power. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
