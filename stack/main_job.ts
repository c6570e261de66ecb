import { writeFileSync } from 'node:fs';
import { cpus, platform, release, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { InputError, prepareOutputFolder } from '../contracts/index.ts';
import {
  type EpisodeRecord,
  EXAMPLES_FOLDER,
  earlierRuns,
  ManifestWriter,
  type MaskRules,
  type RunRecord,
  renderReport,
} from '../datasets/index.ts';
import { type BatchEvents, type BatchOptions, type BatchResult, runBatch } from './batch.ts';
import { EpisodeRunner } from './episode.ts';
import { QUESTIONS_FOLDER } from './escalation/question_files.ts';
import { policyFileOf } from './options.ts';
import { checkMaskRules } from './people_detector.ts';
import { runAttachments } from './recording_attachments.ts';
import { RunAudit } from './run_audit.ts';
import { startTrace } from './state_trace.ts';
import { packageVersions } from './versions.ts';

export interface MainJobOptions extends Omit<BatchOptions, 'recording' | 'ask'> {
  /** Folder of the run; null chooses `runs/RUN_ID` under the working folder. */
  readonly out_dir: string | null;
  /** What is masked in pictures before they are stored; nothing by default. */
  readonly masks?: MaskRules | null;
  /** Where the calibration was read, for the run's record. */
  readonly calibration_file?: string;
  /** How long people have to answer what the robot is not sure of (s, simulated); null, the default: nobody is there. */
  readonly answer_within_s?: number | null;
}

export interface MainJobResult {
  readonly result: BatchResult;
  readonly run_id: string;
  readonly out_dir: string;
  readonly report: string;
}

/** Runs and records episodes, keeps the manifest valid after each, and writes the report at the end. */
export async function runMainJob(
  options: MainJobOptions,
  events: BatchEvents = {},
  signal?: AbortSignal,
): Promise<MainJobResult> {
  const run_id = `${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-seed${options.episode.seed}`;
  const out_dir = resolve(options.out_dir ?? join('runs', run_id));
  const model_sha256 = await checkPolicy(options);
  const { masks = null, answer_within_s = null } = options;
  if (masks !== null) await checkMaskRules(masks);
  if (masks !== null && answer_within_s !== null)
    throw new InputError('--ask with --masks', 'a person would be shown what is masked; leave one of them out');
  if (answer_within_s !== null) checkAskable(options);
  if (options.trace_file !== null) startTrace(options.trace_file);
  const folder = prepareOutputFolder(join(out_dir, 'episodes'), '--out');
  const facts = runFacts(options);
  const records: EpisodeRecord[] = [];
  const manifest = new ManifestWriter(join(out_dir, 'manifest.json'), { run_id, ...facts });
  const audit = new RunAudit(out_dir, options.episode, options.first, options.episodes);
  const metadata = { run_id, model_sha256, ...strings(facts.options), ...facts.versions };
  const attachments = await runAttachments({ run_id, model_sha256, ...facts }, model_sha256);
  const ask = answer_within_s === null ? null : { folder: join(out_dir, QUESTIONS_FOLDER), answer_within_s };
  const result = await runBatch(
    {
      ...options,
      ask,
      recording: {
        folder,
        metadata,
        attachments,
        examples: join(out_dir, EXAMPLES_FOLDER),
        ...(masks === null ? {} : { masks }),
      },
    },
    {
      ...events,
      onEpisode: (episode, recorded) => {
        if (recorded !== null) {
          records.push(recorded);
          manifest.add(recorded, out_dir);
          audit.add(recorded);
        }
        events.onEpisode?.(episode, recorded);
      },
    },
    signal,
  );
  const run: RunRecord = {
    run_id,
    ...facts,
    model: result.model_sha256 === null ? null : { name: modelName(options.episode), sha256: result.model_sha256 },
    degraded_reason: result.degraded_reason,
    digest: result.digest,
    success_rate: result.summary.success_rate,
    wilson95: result.summary.wilson95,
    real_time_factor: result.summary.real_time_factor,
    interrupted: result.interrupted,
    audit: await audit.end(result.digest, result.interrupted),
    episodes: records.sort((a, b) => a.index - b.index),
    earlier: earlierRuns(out_dir, options.episode.task),
  };
  manifest.finish(run);
  const report = join(out_dir, 'report.html');
  writeFileSync(report, renderReport(run));
  return { result, run_id, out_dir, report };
}

/** What decides by a network: the policy itself, or what it sees with. */
function modelName({ policy, model }: MainJobOptions['episode']): string {
  return policyFileOf(policy) === null ? model : policy;
}

/** A model that cannot be used is refused before anything is written. Gives its SHA-256, empty where there is none. */
async function checkPolicy({ episode, calibration }: MainJobOptions): Promise<string> {
  const runner = await EpisodeRunner.create(episode, 'silent', {}, calibration);
  await runner.close();
  return runner.model_sha256 ?? '';
}

/** Simulated seconds a second above which nobody can answer in time. */
const FASTEST_ASKED = 10;

function checkAskable({ pace, workers }: Pick<MainJobOptions, 'pace' | 'workers'>): void {
  if (!(pace <= FASTEST_ASKED))
    throw new InputError(`--ask with --pace ${pace}`, `no faster than ${FASTEST_ASKED}, e.g. --pace realtime`);
  if (workers > 1)
    throw new InputError(`--ask with --workers ${workers}`, 'one worker: people are asked one at a time');
}

function runFacts(options: MainJobOptions): Pick<RunRecord, 'command' | 'options' | 'versions' | 'machine'> {
  const { episode, first, episodes, workers, calibration_file: calibration } = options;
  const given = { ...episode, first, episodes, workers, ...(calibration === undefined ? {} : { calibration }) };
  return {
    command: `surepick run ${Object.entries(given)
      .filter(([name]) => name !== 'policy_sha256')
      .map(([name, value]) => `--${name} ${value}`)
      .join(' ')}`,
    options: given,
    versions: packageVersions(),
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: String(cpus().length),
      memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
      system: `${platform()} ${release()}`,
    },
  };
}

function strings(fields: Readonly<Record<string, string | number | boolean>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}
