import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { readRecording } from '../recording/read_recording.ts';
import { roleOf } from '../recording/roles.ts';
import { type RecordingSummaryOf, summarizeRecording } from '../recording/summary.ts';
import { hashFile } from '../run/file.ts';
import type { DatasetEpisode, Governance, Signal } from './schema.ts';
import { type WorldFacts, worldFacts } from './world_facts.ts';

/** What is known of an episode beside its recording; the recording itself says the rest. */
export interface EpisodeFacts {
  readonly id: string;
  /** From the dataset's folder, with slashes. */
  readonly file: string;
  readonly outcome?: Partial<DatasetEpisode['outcome']>;
  readonly governance?: Partial<Governance>;
  readonly lineage?: Partial<DatasetEpisode['lineage']>;
  readonly robot?: Partial<DatasetEpisode['robot']>;
  readonly task?: string;
  readonly text?: string;
  readonly recorded_at?: string | null;
}

/** Of a simulated scene no person is part. */
const OF_SIMULATION: Governance = { consent: 'none_needed', licence: '', purposes: [], retain_until: null, masked: [] };
const UNKNOWN: Governance = { ...OF_SIMULATION, consent: 'unknown' };
const TELEOPERATION = /^\/servo\/delta_/;

/** Describes a recording as an episode of a dataset. Throws an InputError for a recording that is not whole. */
export async function describeEpisode(folder: string, facts: EpisodeFacts): Promise<DatasetEpisode> {
  const path = join(folder, facts.file);
  const summary = await summarizeRecording(path);
  const own = summary.metadata.get('surepick') ?? {};
  const outcome = summary.metadata.get('outcome') ?? {};
  const world = own.world === undefined ? null : worldFacts(parseJson(own.world));
  const urdf = summary.attachments.find(({ name }) => name.endsWith('.urdf'));
  return {
    id: facts.id,
    file: facts.file,
    ...hashFile(path),
    recorded_at: facts.recorded_at ?? null,
    robot: {
      name: own.robot ?? '',
      joint_names: await jointNames(path, summary),
      urdf_sha256: urdf === undefined ? '' : createHash('sha256').update(urdf.data).digest('hex'),
      ...facts.robot,
    },
    engine: world?.engine ?? 'real',
    task: facts.task ?? world?.task ?? '',
    text: facts.text ?? world?.text ?? '',
    objects: world?.objects ?? [],
    scene_sha256: world?.scene_sha256 ?? '',
    duration_s: Number(summary.end_ns - summary.start_ns) / 1e9,
    signals: signalsOf(summary),
    outcome: {
      success: outcome.success === undefined ? null : outcome.success === 'true',
      stage: outcome.stage ?? '',
      reason: outcome.reason ?? '',
      interventions: Number(outcome.interventions ?? 0),
      corrections: isSteered(summary) ? 1 : 0,
      ...facts.outcome,
    },
    randomization: world?.randomization ?? {},
    quality: null,
    split: null,
    governance: {
      ...(world === null || isSteered(summary) ? UNKNOWN : OF_SIMULATION),
      masked: z
        .array(z.string())
        .catch([])
        .parse(parseJson(summary.metadata.get('masks')?.told ?? '[]')),
      ...facts.governance,
    },
    lineage: { ...lineageOf(own, world), ...facts.lineage },
  };
}

/** Whether a person steered. */
function isSteered({ channels }: RecordingSummaryOf): boolean {
  return channels.some(({ topic, messages }) => messages > 0 && TELEOPERATION.test(topic));
}

function lineageOf(own: Readonly<Record<string, string>>, world: WorldFacts | null): DatasetEpisode['lineage'] {
  const versions = Object.fromEntries(
    Object.entries(own).filter(([name]) => /^(surepick|node|version|.*_version)$/.test(name)),
  );
  return {
    source: world === null ? 'robot' : 'simulation',
    run_id: own.run_id ?? '',
    policy: world?.policy ?? '',
    model_sha256: own.model_sha256 ?? '',
    command: '',
    versions,
    made_of: [],
  };
}

/** What the topics of a recording are, in order of their names; topics without messages are none. */
export function signalsOf({ channels }: RecordingSummaryOf): Signal[] {
  return channels
    .filter(({ messages }) => messages > 0)
    .map(({ topic, type, messages }) => ({ ...roleOf(topic, type), topic, type, messages }));
}

/** An id from a file's name, of the characters that ids may have. */
export function idOf(prefix: string, file: string): string {
  const name = basename(file).replace(/\.[^.]*$/, '');
  return `${prefix}-${name}`
    .replaceAll(/[^A-Za-z0-9_.-]/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 120);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function jointNames(file: string, { channels }: RecordingSummaryOf): Promise<readonly string[]> {
  const topic = channels.find(
    (channel) => channel.messages > 0 && roleOf(channel.topic, channel.type).role === 'joint_state',
  );
  if (topic === undefined) return [];
  for await (const { message } of readRecording(file, [topic.topic]))
    return z.array(z.string()).catch([]).parse(message.name);
  return [];
}
