import { appendFileSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import type { FeatureSet } from './feature.ts';
import { DATA_PATH, fillPath, PROGRESS_NAME, placeOf } from './layout.ts';
import type { LeftOut } from './left_out.ts';
import type { FeatureStatistics } from './statistics.ts';

/** What of an exported episode is needed once its rows are written. */
export interface ExportedEpisode {
  readonly id: string;
  readonly rows: number;
  readonly tasks: readonly string[];
  readonly statistics: Readonly<Record<string, FeatureStatistics>>;
  readonly max_age_s: Readonly<Record<string, number>>;
  /** Greatest change of a value by the type that it is written as. */
  readonly max_rounding: Readonly<Record<string, number>>;
  readonly left_out: readonly LeftOut[];
  /** Where its pictures begin in the video of each camera, in frames of that file. */
  readonly first_frame: number;
}

export interface SkippedEpisode {
  readonly id: string;
  readonly why: string;
}

/** A file of data/ that is whole, and the videos beside it. */
export interface ClosedFile {
  readonly bytes: number;
  readonly features: FeatureSet;
  readonly episodes: readonly ExportedEpisode[];
  /** Looked at since the file before, and not in it. */
  readonly skipped: readonly SkippedEpisode[];
}

const statistics = z.object({
  min: z.array(z.number()),
  max: z.array(z.number()),
  mean: z.array(z.number()),
  std: z.array(z.number()),
  count: z.number(),
  quantiles: z.array(z.array(z.number())),
});
const numbers = z.record(z.string(), z.number());
const feature = z.object({ key: z.string() });
const closedFile = z.object({
  bytes: z.number(),
  features: z.object({ numbers: z.array(feature), pictures: z.array(feature), texts: z.array(feature) }).loose(),
  episodes: z.array(
    z.object({
      ...{ id: z.string(), rows: z.number(), tasks: z.array(z.string()), first_frame: z.number() },
      ...{ statistics: z.record(z.string(), statistics), max_age_s: numbers, max_rounding: numbers },
      left_out: z.array(z.object({ topic: z.string(), messages: z.number(), why: z.string() })),
    }),
  ),
  skipped: z.array(z.object({ id: z.string(), why: z.string() })),
});

/** Keeps, one line a file, how far an export has come, so that it can go on after any interruption to the same bytes. */
export class ExportProgress {
  private readonly file: string;
  private readonly request: string;

  /** @param request  what was asked for, in one line: an export goes on only as it was begun */
  constructor(out: string, request: string) {
    this.file = join(out, PROGRESS_NAME);
    this.request = request;
  }

  begin(): void {
    appendFileSync(this.file, `${this.request}\n`, { flush: true });
  }

  add(closed: ClosedFile): void {
    appendFileSync(this.file, `${JSON.stringify(closed, keepNumbers)}\n`, { flush: true });
  }

  /** Files that are whole. Throws an InputError where another export was begun. */
  read(out: string): readonly ClosedFile[] {
    const [begun, ...lines] = readFileSync(this.file, 'utf8').split('\n');
    if (begun !== this.request) {
      throw new InputError(`--resume ${out}`, 'the export there was begun with other options or of other episodes');
    }
    const closed: ClosedFile[] = [];
    for (const line of lines) {
      const file = parsed(line);
      const path = join(out, ...fillPath(DATA_PATH, placeOf(closed.length)).split('/'));
      if (file === null || !existsSync(path) || statSync(path).size !== file.bytes) break;
      closed.push(file);
    }
    return closed;
  }

  /** Writes the progress anew, without what could not be gone on from. */
  restart(closed: readonly ClosedFile[]): void {
    rmSync(this.file, { force: true });
    this.begin();
    for (const file of closed) this.add(file);
  }

  exists(): boolean {
    return existsSync(this.file);
  }

  end(): void {
    rmSync(this.file, { force: true });
  }
}

/** JSON has no such numbers. */
const ODD: Readonly<Record<string, number>> = {
  '\u0000NaN': Number.NaN,
  '\u0000Infinity': Number.POSITIVE_INFINITY,
  '\u0000-Infinity': Number.NEGATIVE_INFINITY,
};
const keepNumbers = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? `\u0000${value}` : value;

/** Null for a line that is not whole. */
function parsed(line: string): ClosedFile | null {
  try {
    const content: unknown = JSON.parse(line, (_key, value: unknown) =>
      typeof value === 'string' && value in ODD ? ODD[value] : value,
    );
    return isClosed(content) ? content : null;
  } catch {
    return null;
  }
}

function isClosed(content: unknown): content is ClosedFile {
  return closedFile.safeParse(content).success;
}
