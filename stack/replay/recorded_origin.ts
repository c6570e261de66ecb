import { InputError } from '../../contracts/index.ts';
import { type MaskRules, maskRules, summarizeRecording } from '../../datasets/index.ts';
import { parseWorldRecord, type WorldRecord } from '../world_record.ts';
import { type Metadata, StoredRecording } from './stored_messages.ts';

/** What a recording says of what it was made from, and how it ended. */
export interface RecordedOrigin {
  /** Null where no simulation made it. */
  readonly world: WorldRecord | null;
  /** The record as it stands in the file. */
  readonly world_text: string;
  /** Everything told of the run: versions, model, options. */
  readonly run: Readonly<Record<string, string>>;
  /** What was masked in pictures before they were stored; null for nothing. */
  readonly masks: MaskRules | null;
  /** The same in words, with the hash of what finds people, as JSON; empty for nothing. */
  readonly masks_told: string;
  /** Null where the recording has no end. */
  readonly outcome: Readonly<Record<string, string>> | null;
  /** Why pictures were withheld, and how many. */
  readonly withheld: Readonly<Record<string, string>>;
}

/** Reads it from a recording, whole or cut. Throws an InputError for a file that cannot be read, and for a record that is none. */
export async function readOrigin(file: string): Promise<RecordedOrigin> {
  const metadata = await summarizeRecording(file).then(
    (summary): Metadata => summary.metadata,
    () => front(file),
  );
  const run = metadata.get('surepick') ?? {};
  const world_text = run.world ?? '';
  const world = world_text === '' ? null : parseWorldRecord(parseJson(world_text), file);
  return {
    ...{ world, world_text, run, masks: masksOf(metadata, file) },
    masks_told: metadata.get('masks')?.told ?? '',
    ...{ outcome: metadata.get('outcome') ?? null, withheld: metadata.get('withheld') ?? {} },
  };
}

/** Metadata that stand before the first message. */
async function front(file: string): Promise<Metadata> {
  const recording = await StoredRecording.open(file);
  try {
    await recording.next();
    return recording.metadata;
  } finally {
    await recording.close();
  }
}

function masksOf(metadata: Metadata, file: string): MaskRules | null {
  const record = metadata.get('masks');
  if (record === undefined) return null;
  const { data, error } = maskRules.safeParse(parseJson(record.rules ?? ''));
  if (data !== undefined) return data;
  const [{ path, message }] = error.issues;
  throw new InputError(`${file}: what it says it masks: ${path.join('.') || 'rules'}`, message);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
