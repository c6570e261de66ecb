import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { link, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { SYSTEM_DISK } from './disk.ts';
import { partialName } from './mcap_file.ts';
import { messageOf, RecordingFile } from './read_recording_file.ts';
import { type Examination, examineRecording } from './repair_examine.ts';
import type { RecordingDamage } from './repair_scan.ts';
import { writeRepaired } from './repair_write.ts';
import { summarizeRecording } from './summary.ts';

export interface RepairOptions {
  /** Only say what would be done. Default false. */
  readonly check?: boolean;
  /** Do not keep the damaged original. Default false. */
  readonly replace?: boolean;
  /** When it is repaired, ISO 8601; written into the file. Default not said. */
  readonly now?: string;
}

/** A topic of a damaged recording: messages that were kept, and those that are known to be missing. */
export interface RepairedTopic {
  readonly topic: string;
  readonly type: string;
  readonly kept: number;
  readonly lost: number;
}

export interface RepairReport {
  readonly file: string;
  /** `repairable`: not touched, as asked. `lost`: holds no message, not touched. */
  readonly state: 'whole' | 'repaired' | 'repairable' | 'lost';
  /** Why it is not whole; empty when it is. */
  readonly reason: string;
  /** The finished file; null where there is none. */
  readonly result: string | null;
  /** Where the damaged original lies now; null where it was not touched, or not kept. */
  readonly original: string | null;
  readonly kept: {
    readonly messages: number;
    readonly seconds: number;
    readonly bytes: number;
    readonly chunks: number;
  };
  /**
   * What the file itself tells to be missing; `exact` where its summary said how much there was. What never reached the disk
   * is in no count.
   */
  readonly lost: {
    readonly messages: number;
    readonly exact: boolean;
    readonly seconds: number;
    readonly bytes: number;
    readonly damages: readonly RecordingDamage[];
    /** Metadata records and attachments. */
    readonly records: readonly string[];
  };
  readonly topics: readonly RepairedTopic[];
}

const PART = partialName('');
/** Damages that a report tells one by one. */
const TOLD_DAMAGES = 100;

/**
 * Restores what is left of a recording: an unfinished `NAME.mcap.part`, or a `NAME.mcap` that is cut off, has wrong bits or zeros
 * in it. Every sound chunk is kept as it is, those behind damage too; nothing that fails its checksum is. The result has
 * indexes, checksums, statistics and summary, a metadata record `repaired` that says what happened, and is read through before
 * it takes its final name in one step. The original is kept as `NAME.damaged`. A whole file is left alone.
 * Throws an InputError for what is no recording, one that is still being written, and where the final name is taken.
 */
export async function repairRecording(file: string, options: RepairOptions = {}): Promise<RepairReport> {
  const target = file.endsWith(PART) ? file.slice(0, -PART.length) : file;
  const recording = await RecordingFile.open(file);
  try {
    const examination = await examineRecording(recording);
    const report = reportOf(recording, examination, target);
    if (report.state !== 'repairable') {
      if (report.state === 'lost' && !file.endsWith(PART) && examination.damages[0]?.offset === 0) {
        throw new InputError(
          `recording ${file}`,
          'is not an MCAP file, nor is any part of one in it; nothing was changed',
        );
      }
      return report;
    }
    if (options.check === true) return report;
    await refuseWhileWritten(recording);
    const original = await replaceBySound(recording, target, examination, report, options);
    return { ...report, state: 'repaired', result: target, original };
  } finally {
    await recording.close();
  }
}

function reportOf(recording: RecordingFile, examination: Examination, target: string): RepairReport {
  const { file, bytes } = recording;
  const { whole, damages, definitions, channels, first_ns, last_ns, lost_ns, sound_bytes, exact, missing } =
    examination;
  const topics = [...channels]
    .map(([id, { messages, lost }]) => {
      const { topic = `channel ${id}`, schemaId = 0 } = definitions.channels.get(id) ?? {};
      return { topic, type: definitions.schemas.get(schemaId)?.name ?? '', kept: messages, lost };
    })
    .filter(({ kept, lost }) => kept + lost > 0)
    .sort((a, b) => (a.topic < b.topic ? -1 : 1));
  const kept = topics.reduce((sum, topic) => sum + topic.kept, 0);
  const named = file === target;
  const state = whole && named ? 'whole' : kept === 0 && !whole ? 'lost' : 'repairable';
  return {
    ...{ file, state, result: state === 'whole' ? file : null, original: null },
    reason: whole && !named ? 'is whole, but for its name' : examination.reason,
    kept: {
      ...{ messages: kept, seconds: kept === 0 ? 0 : Number(last_ns - first_ns) / 1e9 },
      ...{ bytes: sound_bytes, chunks: examination.chunks },
    },
    lost: {
      messages: topics.reduce((sum, { lost }) => sum + lost, 0),
      ...{ exact, seconds: Number(lost_ns) / 1e9, bytes: whole ? 0 : bytes - sound_bytes },
      ...{ damages: damages.slice(0, TOLD_DAMAGES), records: missing },
    },
    topics,
  };
}

/** Returns where the original is now. */
async function replaceBySound(
  recording: RecordingFile,
  target: string,
  examination: Examination,
  report: RepairReport,
  { replace = false, now = '' }: RepairOptions,
): Promise<string | null> {
  const { file } = recording;
  if (file !== target && existsSync(target)) {
    await refuseUnlessRepaired(target, file);
    return setAside(file, replace);
  }
  if (examination.whole) {
    await rename(file, target);
    await SYSTEM_DISK.syncFolder(dirname(target));
    return null;
  }
  const temporary = `${target}.repairing`;
  try {
    await writeRepaired(recording, temporary, examination, await noteOf(file, report, now));
    await requireWhole(temporary, report);
    // Until the new file has the name, the old one keeps it.
    const original = file === target && !replace ? await linked(file) : null;
    await rename(temporary, target);
    const kept = file === target ? original : await setAside(file, replace);
    await SYSTEM_DISK.syncFolder(dirname(target));
    return kept;
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof InputError) throw error;
    throw new InputError(`recording ${target}`, `cannot be written (${messageOf(error)}); ${file} is as it was`, {
      cause: error,
    });
  }
}

/** What the repaired file says of itself. */
async function noteOf(file: string, report: RepairReport, now: string): Promise<Record<string, string>> {
  const { reason, kept, lost, topics } = report;
  return {
    ...{ source: basename(file), source_sha256: await sha256Of(file), reason },
    ...{ kept_messages: String(kept.messages), kept_s: kept.seconds.toFixed(3) },
    ...{ lost_messages: String(lost.messages), lost_is: lost.exact ? 'exact' : 'at least' },
    ...{ lost_s: lost.seconds.toFixed(3), lost_bytes: String(lost.bytes), damages: String(lost.damages.length) },
    lost_topics: JSON.stringify(
      Object.fromEntries(topics.filter(({ lost: n }) => n > 0).map((t) => [t.topic, t.lost])),
    ),
    ...(now === '' ? {} : { repaired_at: now }),
  };
}

async function refuseWhileWritten({ file, bytes }: RecordingFile): Promise<void> {
  const again = await RecordingFile.open(file);
  await again.close();
  if (again.bytes !== bytes)
    throw new InputError(`recording ${file}`, 'is still being written; wait until it is finished');
}

/** A part whose repair was cut off behind the last step but one may be set aside; others may not. */
async function refuseUnlessRepaired(target: string, file: string): Promise<void> {
  const summary = await summarizeRecording(target).catch(() => null);
  const made_of = summary?.metadata.get('repaired')?.source_sha256;
  if (made_of !== undefined && made_of === (await sha256Of(file))) return;
  throw new InputError(`recording ${file}`, `cannot become ${target}, which is there already; move one of them away`);
}

async function requireWhole(file: string, report: RepairReport): Promise<void> {
  const written = await RecordingFile.open(file);
  try {
    const { whole, reason, channels } = await examineRecording(written);
    const messages = [...channels.values()].reduce((sum, count) => sum + count.messages, 0);
    if (whole && messages === report.kept.messages) return;
    throw new Error(
      `what was written reads differently: ${reason || `${messages} messages of ${report.kept.messages}`}`,
    );
  } finally {
    await written.close();
  }
}

async function setAside(file: string, replace: boolean): Promise<string | null> {
  if (replace) {
    await rm(file);
    return null;
  }
  const name = damagedName(file);
  await rename(file, name);
  return name;
}

/** A second name for the file, so that it never lacks one; where that cannot be, its only one. */
async function linked(file: string): Promise<string> {
  const name = damagedName(file);
  await link(file, name).catch(() => rename(file, name));
  return name;
}

function damagedName(file: string): string {
  let name = `${file}.damaged`;
  for (let k = 2; existsSync(name); k++) name = `${file}.damaged-${k}`;
  return name;
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const block of createReadStream(file)) hash.update(block);
  return hash.digest('hex');
}
