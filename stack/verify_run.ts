import { createHash, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditCheckpoint, InputError } from '../contracts/index.ts';
import { type AuditSeal, hashFile, type ManifestEpisode, readManifest, readSafetyRecord } from '../datasets/index.ts';
import { type FoundCheckpoint, type LogVerdict, verifyLog } from '../safety/index.ts';

/** What was found of one audit log, or of what it vouches for. */
export interface VerifiedLog {
  readonly file: string;
  readonly verdict: LogVerdict;
}

export interface RunVerdict {
  readonly ok: boolean;
  readonly logs: readonly VerifiedLog[];
  /** What is wrong with the run beside its logs, e.g. a recording that was changed. */
  readonly findings: readonly string[];
}

/** Checks one log; `recordings` may hold checkpoints of it. Throws InputError for what cannot be read. */
export async function verifyLogFile(
  file: string,
  recordings: readonly string[],
  keys: readonly KeyObject[],
): Promise<VerifiedLog> {
  const checkpoints: FoundCheckpoint[] = [];
  for (const recording of recordings) {
    const record = await readSafetyRecord(recording);
    checkpoints.push(...record.checkpoints.map((checkpoint) => ({ checkpoint, where: recording })));
  }
  return { file, verdict: verifyLog(read(file), { checkpoints, keys }) };
}

/**
 * Checks the folder of a run: the run's log against the manifest, every episode's log against manifest, recording and the
 * run's log, every recording against its hash in the manifest, and its journal against the hash in the episode's log.
 */
export async function verifyRun(folder: string, keys: readonly KeyObject[]): Promise<RunVerdict> {
  const manifest = readManifest(folder);
  const logs: VerifiedLog[] = [];
  const findings: string[] = [];
  const vouched: FoundCheckpoint[] = [];
  if (manifest.audit === undefined) findings.push('the manifest names no audit log of the run');
  else {
    const file = join(folder, manifest.audit.file);
    const verdict = verifyLog(read(file), { checkpoints: [sealed(manifest.audit)], keys });
    logs.push({ file, verdict });
    vouched.push(...verdict.entries.flatMap(({ inputs }) => endOf(inputs)));
  }
  for (const episode of manifest.episodes) {
    const { found, log } = await verifyEpisode(folder, episode, vouched, keys);
    findings.push(...found);
    if (log !== null) logs.push(log);
  }
  return { ok: findings.length === 0 && logs.every(({ verdict }) => verdict.ok), logs, findings };
}

async function verifyEpisode(
  folder: string,
  { index, file, sha256, audit }: ManifestEpisode,
  vouched: readonly FoundCheckpoint[],
  keys: readonly KeyObject[],
): Promise<{ readonly found: readonly string[]; readonly log: VerifiedLog | null }> {
  const recording = join(folder, file);
  if (!existsSync(recording)) return { found: [`${file} is missing`], log: null };
  const found: string[] = [];
  if (hashFile(recording).sha256 !== sha256) found.push(`${file} is not the one of the manifest: its hash differs`);
  if (audit === undefined)
    return { found: [...found, `the manifest names no audit log of episode ${index}`], log: null };
  const record = await readSafetyRecord(recording);
  const checkpoints = [
    ...vouched.filter(({ checkpoint }) => checkpoint.log === audit.log),
    sealed(audit),
    ...record.checkpoints.map((checkpoint) => ({ checkpoint, where: file })),
  ];
  const log = join(folder, audit.file);
  if (!existsSync(log)) return { found: [...found, `${audit.file} is missing`], log: null };
  const verdict = verifyLog(read(log), { checkpoints, keys });
  const hash = createHash('sha256');
  for (const { data } of record.journal) hash.update(data);
  const journal = verdict.entries.find(({ inputs }) => 'journal_sha256' in inputs)?.inputs.journal_sha256;
  if (journal !== undefined && journal !== hash.digest('hex')) {
    found.push(`the gate's journal in ${file} is not the one of ${audit.file}: its hash differs`);
  }
  return { found, log: { file: log, verdict } };
}

function sealed({ file: _file, stamp_ns, ...rest }: AuditSeal): FoundCheckpoint {
  return { checkpoint: { ...rest, stamp_ns: BigInt(stamp_ns) }, where: 'the manifest' };
}

/** Where an episode's log ends, as the run's log says; nothing for other entries. */
function endOf(inputs: Readonly<Record<string, unknown>>): FoundCheckpoint[] {
  const end = inputs.log;
  if (typeof end !== 'object' || end === null || !('log' in end && 'entries' in end && 'hash' in end)) return [];
  const { log, entries, hash } = end;
  if (typeof log !== 'string' || typeof entries !== 'number' || typeof hash !== 'string') return [];
  const checkpoint: AuditCheckpoint = { log, sequence: entries, hash, stamp_ns: 0n, key: '', signature: '' };
  return [{ checkpoint, where: "the run's log", verified: true }];
}

function read(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`audit log ${file}`, `cannot be read (${reason})`, { cause: error });
  }
}
