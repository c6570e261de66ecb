import { InputError } from '../../contracts/index.ts';
import { type MaskRules, roleOf } from '../../datasets/index.ts';
import type { CalibrationFile } from '../../perception/index.ts';
import { canonicalJson } from '../../safety/index.ts';
import { episodeDigest } from '../digest.ts';
import { type EpisodeHooks, type EpisodeRunner, STOP_CHECK_CYCLES } from '../episode.ts';
import type { EpisodeOptions } from '../options.ts';
import { checkMaskRules } from '../people_detector.ts';
import type { WorldRecord } from '../world_record.ts';
import { AnswerPlayer, type RecordedAnswers, readAnswers } from './answer_player.ts';
import { knownCauses, thisReplayer } from './causes.ts';
import { type ComparedMessages, MessageComparison } from './compare_messages.ts';
import { ComparingDisk, UnkeptLog } from './comparing_disk.ts';
import { type FieldDifference, firstDifference } from './first_difference.ts';
import { type RecordedOrigin, readOrigin } from './recorded_origin.ts';
import type { ReplaySource } from './sources.ts';
import { type Metadata, type StoredMessage, StoredRecording } from './stored_messages.ts';

/** What became of one recording. */
export interface EpisodeReplay {
  readonly id: string;
  readonly file: string;
  /**
   * `cannot`: there is nothing that could be played again, or all is the same but for pictures that nobody can mask again;
   * `damaged`: what could be read of it was compared.
   */
  readonly result: 'same' | 'differs' | 'damaged' | 'cannot';
  /** Of what its physics went through and how it ended; null where the recording has none, and where it was not played. */
  readonly digest: { readonly recorded: string | null; readonly replayed: string | null };
  /** Null where nothing was played. */
  readonly compared: ComparedMessages | null;
  /** Where the records around the messages differ first: the world, the outcome. */
  readonly record: FieldDifference | null;
  /** Why, one a line: what cannot be replayed, what is damaged, what differs between then and now. Empty for `same`. */
  readonly reasons: readonly string[];
  readonly task: string;
  readonly engine: string;
  readonly sim_seconds: number;
  readonly wall_seconds: number;
}

export interface ReplayDuties {
  /** A runner of these options, in a cell with this calibration. */
  readonly runnerFor: (options: EpisodeOptions, calibration: CalibrationFile | null) => Promise<EpisodeRunner>;
  /** Whether to break off; what was broken off gives null. */
  readonly stopped: () => boolean;
  /** Seconds on any clock. */
  readonly now_s: () => number;
}

/**
 * Plays a recorded episode again from the record in its file, in its own engine, and compares what it went through and every
 * message of a new recording with what is stored, to the byte.
 */
export async function replayEpisode(source: ReplaySource, duties: ReplayDuties): Promise<EpisodeReplay | null> {
  const started_s = duties.now_s();
  const nothing = {
    ...{ id: source.id, file: source.file, compared: null, record: null },
    ...{ task: '', engine: '' },
  };
  const unplayed = { ...nothing, digest: { recorded: null, replayed: null }, sim_seconds: 0, wall_seconds: 0 };
  try {
    const origin = await readOrigin(source.file);
    const { world } = origin;
    if (world === null) {
      const reason = 'is no simulated episode: it has no record of a world, and the real one cannot be played again';
      return { ...unplayed, result: 'cannot', reasons: [reason] };
    }
    const played = await play(source, origin, world, duties);
    return played === null ? null : { ...played, wall_seconds: duties.now_s() - started_s };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { ...unplayed, result: 'cannot', reasons: [error.message] };
  }
}

async function play(
  source: ReplaySource,
  origin: RecordedOrigin,
  world: WorldRecord,
  { runnerFor, stopped }: ReplayDuties,
): Promise<Omit<EpisodeReplay, 'wall_seconds'> | null> {
  const { run, outcome, masks } = origin;
  const runner = await runnerFor(world.options, world.calibration ?? null);
  const unmaskable = masks === null ? '' : await whyUnmaskable(masks);
  const recording = await StoredRecording.open(source.file);
  try {
    const comparison = new MessageComparison(recording, unmaskable === '' ? undefined : isNoPicture);
    const disk = new ComparingDisk(comparison);
    const people = peopleAsked(await readAnswers(source.file));
    const finished = await runner.replay(world, { ...hooksOf(origin, disk, stopped), ...people });
    if (stopped()) return null;
    if (finished.recorded === null) throw new InputError(`${source.file}: its world`, 'cannot be played in any more');
    const compared = await comparison.finish();
    const now = disk.written;
    const record =
      attachmentDifference(recording.attachments, now.attachments) ??
      recordDifference(origin, now.metadata, unmaskable === '');
    const damage = recording.damage || (await changedSince(source, recording));
    const digest = { recorded: outcome?.digest ?? null, replayed: episodeDigest(finished.trace) };
    const equal = compared.first === null && record === null;
    const masked = [origin.masks_told, now.metadata.get('masks')?.told ?? ''];
    const causes = [
      ...knownCauses(run, thisReplayer(runner.model_sha256, runner.degraded_reason)),
      ...(masked[0] === masked[1] ? [] : [`recorded with the masks ${masked[0]}, replayed with ${masked[1]}`]),
    ];
    return {
      ...{ id: source.id, file: source.file, digest, compared, record },
      result: damage !== '' ? 'damaged' : !equal ? 'differs' : unmaskable === '' ? 'same' : 'cannot',
      reasons: [
        ...(unmaskable === '' ? [] : [`its pictures cannot be masked again and were not compared: ${unmaskable}`]),
        ...reasonsOf(damage, equal, causes),
      ],
      ...{ task: world.options.task, engine: world.options.engine, sim_seconds: finished.result.sim_seconds },
    };
  } finally {
    await recording.close();
  }
}

/** People are asked for as long as they were, and answer what they answered when they did. */
function peopleAsked({ answers, answer_within_s }: RecordedAnswers): Pick<EpisodeHooks, 'company' | 'answer_within_s'> {
  if (answer_within_s === null) return {};
  return { company: [new AnswerPlayer(answers)], answer_within_s };
}

/** Why the pictures of a recording cannot be masked again; empty where they can. What finds people is the user's. */
async function whyUnmaskable(masks: MaskRules): Promise<string> {
  try {
    await checkMaskRules(masks);
    return '';
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

function isNoPicture({ topic, type }: StoredMessage): boolean {
  const { role } = roleOf(topic, type);
  return role !== 'colour' && role !== 'depth';
}

/** Plays as it was played: recorded and masked in the same way, and ended where it was ended if somebody interrupted it. */
function hooksOf({ run, outcome, masks }: RecordedOrigin, disk: ComparingDisk, stopped: () => boolean): EpisodeHooks {
  const { episode: _episode, world: _world, jpeg_quality, ...metadata } = run;
  const cut_steps = outcome?.interrupted === 'true' ? Number(outcome.steps) : Number.POSITIVE_INFINITY;
  let asked = 0;
  return {
    ...{ pace: Number.POSITIVE_INFINITY, trace_file: null, onStage: () => {} },
    recording: {
      ...{ folder: '', metadata, audit_file: new UnkeptLog() },
      ...(masks === null ? {} : { masks }),
      recorder: { disk, ...(jpeg_quality === undefined ? {} : { jpeg_quality: Number(jpeg_quality) }) },
    },
    stopped: () => stopped() || asked++ * STOP_CHECK_CYCLES >= cut_steps,
  };
}

/** What the arm was and might do is attached to every recording; what a run adds to its own is not made again. */
function attachmentDifference(
  recorded: ReadonlyMap<string, string>,
  replayed: ReadonlyMap<string, string>,
): FieldDifference | null {
  const other = [...replayed].find(([name, sha256]) => recorded.has(name) && recorded.get(name) !== sha256);
  if (other === undefined) return null;
  const [name, sha256] = other;
  return { field: `attachment ${name}`, recorded: `SHA-256 ${recorded.get(name)}`, replayed: `SHA-256 ${sha256}` };
}

/** What the recording says beside its messages; keys that it does not know yet are not missed. */
function recordDifference(
  { outcome, world_text, withheld }: RecordedOrigin,
  now: Metadata,
  with_pictures: boolean,
): FieldDifference | null {
  const told = outcome ?? {};
  const ended = now.get('outcome') ?? {};
  // A recording without an end does not tell it.
  const compares_withheld = with_pictures && outcome !== null;
  const known = Object.fromEntries(Object.keys(told).map((name) => [name, ended[name]]));
  return firstDifference(
    { world: inOrder(world_text), outcome: told, ...(compares_withheld ? { withheld } : {}) },
    {
      ...{ world: inOrder(now.get('surepick')?.world ?? ''), outcome: known },
      ...(compares_withheld ? { withheld: now.get('withheld') ?? {} } : {}),
    },
  );
}

/** A record of a world whatever the order its fields were written in. */
const inOrder = (json: string): unknown => JSON.parse(canonicalJson(JSON.parse(json)));

async function changedSince(source: ReplaySource, recording: StoredRecording): Promise<string> {
  if (source.sha256 === '' || (await recording.sha256()) === source.sha256) return '';
  return 'is not the file that its manifest or dataset names: its SHA-256 is another';
}

function reasonsOf(damage: string, equal: boolean, causes: readonly string[]): string[] {
  if (damage !== '') return [damage, ...(equal ? ['what can be read of it is the same'] : causes)];
  if (equal) return [];
  if (causes.length > 0) return [...causes];
  return ['versions and model are those that recorded: the file, or surepick without a new version, was changed'];
}
