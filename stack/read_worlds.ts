import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../contracts/index.ts';
import { manifest, readRecording } from '../datasets/index.ts';
import type { BatchOptions } from './batch.ts';
import { parseWorldRecord, type WorldRecord } from './world_record.ts';

export type ReplayBatch = Required<Pick<BatchOptions, 'episode' | 'first' | 'episodes' | 'worlds' | 'calibration'>>;

const line = z.looseObject({ world: z.unknown() });

/**
 * The records of worlds in a file, in its order: a recording (`.mcap`), the manifest of a run with its recordings
 * beside it, a trace of `--trace`, or a record itself. Throws an InputError where the file cannot be read or holds none.
 */
export async function readWorldRecords(file: string): Promise<WorldRecord[]> {
  const records = await (file.endsWith('.mcap') ? fromRecording(file) : fromText(readText(file), file));
  if (records.length > 0) return records;
  throw new InputError(file, 'holds no record of a world; name a recording, a manifest, a trace or a record');
}

/** What of a batch follows from the records of its episodes. Throws an InputError where they are of different runs. */
export function replayOf(records: readonly WorldRecord[], file: string): ReplayBatch {
  const [first] = records;
  records.forEach(({ index, options, calibration }, k) => {
    if (JSON.stringify([options, calibration]) !== JSON.stringify([first.options, first.calibration])) {
      throw new InputError(
        `${file}: episode ${index}`,
        `the options of episode ${first.index}; replay runs one by one`,
      );
    }
    if (index !== first.index + k) {
      throw new InputError(
        `${file}: episode ${index} after ${first.index + k - 1}`,
        'episodes without a gap, in order',
      );
    }
  });
  const { options: episode, index, calibration = null } = first;
  return { episode, first: index, episodes: records.length, worlds: records, calibration };
}

async function fromRun(folder: string, files: readonly string[]): Promise<WorldRecord[]> {
  const records: WorldRecord[] = [];
  for (const file of files) records.push(...(await fromRecording(join(folder, file))));
  return records;
}

async function fromRecording(file: string): Promise<WorldRecord[]> {
  const reader = readRecording(file);
  // The record stands at the front: no need to read on.
  for await (const _ of reader) if (reader.metadata.has('surepick')) break;
  const world = reader.metadata.get('surepick')?.world;
  return world === undefined ? [] : [parseWorldRecord(parseJson(world, file), file)];
}

async function fromText(text: string, file: string): Promise<WorldRecord[]> {
  const lines = text.split('\n').filter((each) => each.trim() !== '');
  if (lines.length > 0 && isJson(lines[0])) {
    const contents = lines.map((each, k) => ({
      content: parseJson(each, `${file}:${k + 1}`),
      place: `${file}:${k + 1}`,
    }));
    return contents.flatMap(({ content, place }) => {
      const traced = line.safeParse(content);
      if (traced.success && traced.data.world !== undefined) return [parseWorldRecord(traced.data.world, place)];
      return lines.length === 1 ? [parseWorldRecord(content, place)] : [];
    });
  }
  const content = parseJson(text, file);
  const run = manifest.safeParse(content);
  if (!run.success) return [parseWorldRecord(content, file)];
  return fromRun(
    dirname(file),
    run.data.episodes.map((episode) => episode.file),
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError(file, `cannot be read (${messageOf(error)})`, { cause: error });
  }
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(place, `is no JSON (${messageOf(error)})`, { cause: error });
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
