import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { InputError, withoutSecrets } from '../../contracts/index.ts';
import { hashFile, replaceFile } from './file.ts';
import type { EpisodeCounts, EpisodeRecord, RunRecord } from './run_record.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex');

/** Where an audit log ends: the log's file, from the manifest's folder with slashes, and its last checkpoint. */
export const auditSeal = z.object({
  file: z.string().min(1),
  log: z.string().min(1),
  sequence: z.number().int().nonnegative(),
  hash: sha256,
  stamp_ns: z.string().regex(/^\d+$/, 'must be decimal digits'),
  key: z.string(),
  signature: z.string(),
});

const count = z.number().int().nonnegative();
export const episodeCounts = z.object({
  wrong_picks: count,
  retries: count,
  escalations_asked: count,
  escalations_answered: count,
  escalations_overruled: count,
  saves: count,
}) satisfies z.ZodType<EpisodeCounts>;

export const manifestEpisode = z.object({
  index: z.number().int().nonnegative(),
  /** Path of the recording from the folder of the manifest, with slashes. */
  file: z.string().min(1),
  bytes: z.number().int().nonnegative(),
  sha256,
  outcome: z.object({
    success: z.boolean(),
    stage: z.string(),
    reason: z.string(),
    object: z.string(),
    attempts: z.number().int().nonnegative(),
    sim_seconds: z.number().nonnegative(),
    /** Distance from the target, m; null where it is not known. */
    placement_error_m: z.number().nonnegative().nullable(),
    interventions: z.number().int().nonnegative(),
    /** Its recording was finished by a repair: how it would have ended is not known. */
    interrupted: z.boolean().optional(),
    /** Absent from runs of before they were counted, and of what nobody simulated. */
    counts: episodeCounts.optional(),
  }),
  audit: auditSeal.optional(),
  /** SHA-256 of what its physics went through and how it ended. */
  digest: sha256.optional(),
});
export type ManifestEpisode = z.infer<typeof manifestEpisode>;

/** What a run folder holds and how it was made. `finished` is false until the last episode has been written. */
export const manifest = z.object({
  schema: z.literal('surepick/run-manifest'),
  version: z.literal(1),
  run_id: z.string().min(1),
  command: z.string(),
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  versions: z.record(z.string(), z.string()),
  model: z.object({ name: z.string(), sha256 }).nullable(),
  /** Why the classical detector stood in for the model; empty when it did not. */
  degraded_reason: z.string().default(''),
  machine: z.record(z.string(), z.string()),
  /** Digest of the whole run; null until it has ended. */
  digest: sha256.nullable(),
  finished: z.boolean(),
  interrupted: z.boolean(),
  audit: auditSeal.optional(),
  episodes: z.array(manifestEpisode).readonly(),
});
export type Manifest = z.infer<typeof manifest>;

export const MANIFEST_NAME = 'manifest.json';

/** Folder of a run that holds its recordings. */
export const EPISODES_FOLDER = 'episodes';

/** What is known of a run before its first episode. */
export type RunFacts = Pick<RunRecord, 'run_id' | 'command' | 'options' | 'versions' | 'machine'>;

/**
 * Keeps the manifest of a run. Every change replaces the file in one step (written beside it, then renamed), so whatever
 * moment the run dies at, the manifest parses and names finished recordings only.
 */
export class ManifestWriter {
  private readonly file: string;
  private current: Manifest;

  /** Writes the manifest of a run without episodes; throws an InputError where `file` cannot be written. */
  constructor(file: string, facts: RunFacts) {
    const { run_id, command, options, versions, machine } = facts;
    this.file = file;
    this.current = {
      schema: 'surepick/run-manifest',
      version: 1,
      ...{ run_id, command, options: { ...options }, versions: { ...versions }, machine: { ...machine } },
      ...{ model: null, degraded_reason: '', digest: null, finished: false, interrupted: false, episodes: [] },
    };
    this.write();
  }

  get value(): Manifest {
    return this.current;
  }

  /** Adds an episode whose recording stands finished in `out_dir`/episodes. Episodes are kept in order of their index. */
  add(episode: EpisodeRecord, out_dir: string): void {
    const { index, success, stage, reason, object, attempts, sim_seconds, placement_error_m, interventions } = episode;
    const { audit, digest, counts } = episode;
    const file = `${EPISODES_FOLDER}/${basename(episode.recording)}`;
    const entry: ManifestEpisode = {
      index,
      file,
      ...hashFile(join(out_dir, file)),
      outcome: {
        ...{ success, stage, reason, object, attempts, sim_seconds },
        placement_error_m: Number.isFinite(placement_error_m) ? placement_error_m : null,
        interventions: interventions.length,
        ...(counts === undefined ? {} : { counts }),
      },
      ...(digest === undefined ? {} : { digest }),
      ...(audit === undefined ? {} : { audit: { ...audit, file: `${EPISODES_FOLDER}/${audit.file}` } }),
    };
    const episodes = [...this.current.episodes.filter((other) => other.index !== index), entry];
    this.current = { ...this.current, episodes: episodes.sort((a, b) => a.index - b.index) };
    this.write();
  }

  /** Ends the run: its digest, model and audit log are known, and whether it was cut short. */
  finish(run: Pick<RunRecord, 'digest' | 'interrupted' | 'model' | 'degraded_reason' | 'audit'>): void {
    const { digest, interrupted, model, degraded_reason = '', audit } = run;
    const sealed = audit === undefined ? {} : { audit };
    this.current = { ...this.current, digest, interrupted, model, degraded_reason, ...sealed, finished: true };
    this.write();
  }

  private write(): void {
    replaceFile(this.file, withoutSecrets(`${JSON.stringify(manifest.parse(this.current), null, 2)}\n`));
  }
}

/** Reads and checks the manifest of a run folder; throws an InputError that names the field that is wrong. */
export function readManifest(folder: string): Manifest {
  const file = join(folder, MANIFEST_NAME);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new InputError(`manifest ${file}`, `cannot be read (${messageOf(error)})`, { cause: error });
  }
  const parsed = manifest.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`manifest ${file}: ${issue.path.join('.') || 'content'}`, issue.message);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
