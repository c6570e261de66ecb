import { dirname } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import type { Disk } from './disk.ts';

/** Free space on the disk, bytes: below each of these something happens. Falling. */
export interface DiskLimits {
  /** No recording begins. Default 512 MB. */
  readonly start_bytes: number;
  /** It is said that space runs out. Default 512 MB. */
  readonly warn_bytes: number;
  /** Pictures are left out. Default 256 MB. */
  readonly picture_bytes: number;
  /** The recording ends, whole. Default 64 MB. */
  readonly end_bytes: number;
}

const MB = 1e6;
export const DISK_LIMITS: DiskLimits = {
  ...{ start_bytes: 512 * MB, warn_bytes: 512 * MB, picture_bytes: 256 * MB, end_bytes: 64 * MB },
};
/** What was left out comes back once there is so much more than its limit. */
const BACK = 1.25;

export const DISK_LEVELS = ['enough', 'low', 'no_pictures', 'ended'] as const;
export type DiskLevel = (typeof DISK_LEVELS)[number];

/** Watches the space that a recording has left. */
export class DiskSpace {
  /** Free bytes when last looked; infinite where the system does not tell. */
  free_bytes = Number.POSITIVE_INFINITY;
  level: DiskLevel = 'enough';
  private readonly disk: Disk;
  private readonly file: string;
  private readonly limits: DiskLimits;

  /** @throws InputError for limits that do not fall */
  constructor(disk: Disk, file: string, limits: Partial<DiskLimits> = {}) {
    this.disk = disk;
    this.file = file;
    this.limits = { ...DISK_LIMITS, ...limits };
    const { warn_bytes, picture_bytes, end_bytes } = this.limits;
    if (!(warn_bytes >= picture_bytes && picture_bytes >= end_bytes && end_bytes >= 0))
      throw new InputError(
        `limits of free space of ${warn_bytes}, ${picture_bytes}, ${end_bytes} bytes`,
        'must fall: to warn, to leave pictures out, to end the recording',
      );
  }

  /** Throws an InputError where there is too little to begin with. */
  async requireStart(): Promise<void> {
    await this.measure();
    const { start_bytes } = this.limits;
    if (this.free_bytes >= start_bytes) return;
    throw new InputError(
      `recording ${this.file}`,
      `${mb(this.free_bytes)} are free on the disk of ${dirname(this.file)}, at least ${mb(start_bytes)} are needed; free some space or choose another folder`,
    );
  }

  /** Looks again; true if the level is another one. An end is for good. */
  async look(): Promise<boolean> {
    await this.measure();
    const before = this.level;
    if (before !== 'ended') this.level = this.next(before);
    return this.level !== before;
  }

  /** What the level means, in one line. */
  get text(): string {
    const { picture_bytes, end_bytes } = this.limits;
    const left = `${mb(this.free_bytes)} are free on the disk of ${dirname(this.file)}`;
    const texts: Readonly<Record<DiskLevel, string>> = {
      enough: `there is room again: ${left}`,
      low: `space runs out: ${left}; pictures are left out below ${mb(picture_bytes)}`,
      no_pictures: `pictures are left out: ${left}; the recording ends below ${mb(end_bytes)}`,
      ended: `it has ended, whole, before its disk is full: ${left}, ${mb(end_bytes)} are kept; free some space or choose another folder`,
    };
    return texts[this.level];
  }

  private next(before: DiskLevel): DiskLevel {
    const { warn_bytes, picture_bytes, end_bytes } = this.limits;
    const below = (limit: number, level: DiskLevel) => {
      const holds = DISK_LEVELS.indexOf(before) >= DISK_LEVELS.indexOf(level);
      return this.free_bytes < (holds ? BACK * limit : limit);
    };
    if (this.free_bytes < end_bytes) return 'ended';
    if (below(picture_bytes, 'no_pictures')) return 'no_pictures';
    return below(warn_bytes, 'low') ? 'low' : 'enough';
  }

  private async measure(): Promise<void> {
    // A disk that does not tell is written until it refuses.
    this.free_bytes = await this.disk.freeBytes(dirname(this.file)).catch(() => Number.POSITIVE_INFINITY);
  }
}

function mb(bytes: number): string {
  return `${(bytes / MB).toFixed(0)} MB`;
}
