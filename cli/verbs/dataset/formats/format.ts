import type { Command } from 'commander';
import type { Dataset, DatasetEpisode } from '../../../../datasets/index.ts';
import type { Bar } from '../../../progress.ts';

/** What an export is asked for, whatever the format. */
export interface ExportRequest {
  readonly dataset: Dataset;
  /** Those chosen, in the order of the dataset. */
  readonly episodes: readonly DatasetEpisode[];
  readonly out: string;
  readonly workers: number;
  /** Goes on where an interrupted export ended. */
  readonly resume: boolean;
  /** Wall time, ISO 8601. */
  readonly now: string;
  readonly signal: AbortSignal;
  readonly bar: Bar;
  /** Every option of the command line by its name, those of the format among them. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What an import is asked for, whatever the format. */
export interface ImportRequest {
  /** A folder, or a file where the format has single files. */
  readonly source: string;
  /** Folder of the dataset that is made. */
  readonly out: string;
  readonly name: string;
  readonly now: string;
  readonly signal: AbortSignal;
  readonly bar: Bar;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface FormatOutcome {
  /** Of the JSON object that the verb prints. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** For people: what was written, and what could not be kept. */
  readonly lines: readonly string[];
  /** false: interrupted; what is done is kept. */
  readonly complete: boolean;
  /** Ids of the episodes that went into it. */
  readonly episodes: readonly string[];
}

export interface Format<Request> {
  readonly name: string;
  /** Adds what only this format takes to the verb; descriptions begin with the name of the format. */
  readonly addOptions?: (command: Command) => void;
  readonly run: (request: Request) => Promise<FormatOutcome>;
}
export type ExportFormat = Format<ExportRequest>;
export type ImportFormat = Format<ImportRequest>;
