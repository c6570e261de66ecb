import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { InputError } from '../../../contracts/index.ts';
import {
  type DatasetVerdict,
  FileHashCache,
  type ModelLineage,
  modelLineage,
  ownTrustedKeys,
  parseTrustedKey,
  proveFile,
  SeenRevisions,
  seenFolder,
  type TrustedKey,
  type VerifiedEpisodes,
  verifyDataset,
  withRevocations,
} from '../../../datasets/index.ts';
import { personOf } from '../../../safety/index.ts';
import { checkRun } from '../../../stack/index.ts';
import { checkBundle, isBundle } from '../../../teleop/index.ts';
import { emitJson, integerFrom, say } from '../../common.ts';
import { readTextFile } from '../../json_files.ts';
import { createBar } from '../../progress.ts';
import { ownKeys } from '../keys.ts';
import { untilAborted } from './interrupted.ts';

const flagsSchema = z.object({
  key: z.array(z.string()).default([]),
  owner: z.string().optional(),
  revocation: z.array(z.string()).default([]),
  requireSignature: z.boolean().default(false),
  expectRevision: z.number().optional(),
  expectRoot: z.string().optional(),
  proof: z.string().optional(),
  model: z.string().optional(),
  quick: z.boolean().default(false),
  json: z.boolean().default(false),
});
type Flags = z.infer<typeof flagsSchema>;

const collect = (value: string, before: readonly string[] = []) => [...before, value];

export function addVerify(dataset: Command): void {
  dataset
    .command('verify')
    .description('Whether a dataset or a run is as it was signed; exit code 1 if not, with every difference by name.')
    .argument('<dir>', 'folder of a dataset or a run')
    .option(
      '--key <file>',
      'public key that is trusted: PEM, or as keys export-public prints it (default: yours)',
      collect,
    )
    .option('--owner <person>', 'only keys of this person are trusted')
    .option('--revocation <file>', 'gives a key up, as surepick keys revoke writes it', collect)
    .option('--require-signature', 'what nobody signed fails')
    .option('--expect-revision <n>', 'it must be this revision', integerFrom(0))
    .option('--expect-root <hex>', 'its files must have this root', hex)
    .option('--proof <id>', 'print the proof that this episode is part of the root')
    .option('--model <file>', 'a model or its manifest: which episodes it was made from, and whether they are whole')
    .option('--quick', 'do not read files again whose size and times are as a quick check left them')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addHelpText('after', '\nExample: surepick dataset verify runs/first --key ada.json')
    .action(async (dir: string, raw: unknown) => {
      const flags = flagsSchema.parse(raw);
      const seen = new SeenRevisions(seenFolder(process.env));
      const verdict = await verified(dir, flags, trustedBy(flags), seen);
      if (verdict === null) return;
      const lineage = flags.model === undefined ? null : await modelLineage(flags.model, verifiedEpisodes(verdict));
      const found = [...verdict.findings, ...(lineage?.findings ?? [])];
      for (const { kind, place, detail } of found) say(`error: ${kind}: ${place}: ${detail}`);
      for (const warning of verdict.warnings) say(`warning: ${warning}`);
      if (flags.quick) say(`${verdict.files.length - verdict.files_read} files were taken for unchanged and not read`);
      say(summaryOf(verdict));
      if (lineage !== null) say(lineageLine(lineage));
      const proof = flags.proof === undefined ? null : proofOf(verdict, dir, flags.proof);
      if (proof !== null && !flags.json) process.stdout.write(`${JSON.stringify(proof, null, 1)}\n`);
      const { signed, id, revision, root, signers, warnings, files, files_read } = verdict;
      const ok = found.length === 0;
      if (flags.json)
        emitJson('dataset_verify', {
          ...{ ok, signed, id, revision, root, signers, findings: found, warnings, files: files.length, files_read },
          ...(proof === null ? {} : { proof }),
          ...(lineage === null ? {} : { lineage }),
        });
      if (!ok) process.exitCode = 1;
    });
}

async function verified(dir: string, flags: Flags, trusted: readonly TrustedKey[], seen: SeenRevisions) {
  const cache = flags.quick ? new FileHashCache(join(seen.folder, 'quick', `${quickName(dir)}.json`)) : null;
  const bar = createBar('files');
  const { expectRevision: expect_revision, expectRoot: expect_root, requireSignature } = flags;
  const verdict = await untilAborted((signal) =>
    verifyDataset(dir, {
      ...{ trusted, seen, signal, checkRun: isBundle(dir) ? checkBundle : checkRun },
      ...{ onProgress: bar.update, now: new Date().toISOString() },
      ...(cache === null ? {} : { cache }),
      ...(expect_revision === undefined ? {} : { expect_revision }),
      ...(expect_root === undefined ? {} : { expect_root }),
      require_signature: requireSignature || flags.key.length > 0 || flags.owner !== undefined,
    }),
  ).finally(bar.stop);
  cache?.save();
  return verdict;
}

/** The keys that count: those that are named, or the user's own. */
function trustedBy({ key, owner, revocation }: Flags): TrustedKey[] {
  const all =
    key.length === 0 ? ownTrustedKeys(ownKeys()) : key.map((file) => parseTrustedKey(readTextFile(file), file));
  const person = owner === undefined ? undefined : personOf(owner);
  const trusted = all.filter((one) => person === undefined || personOf(one.owner) === person);
  if (trusted.length === 0 && owner !== undefined)
    throw new InputError(
      `--owner ${owner}`,
      `one of: ${all.map((one) => one.owner).join(', ') || 'nobody, no key is known'}`,
    );
  return withRevocations(
    trusted,
    revocation.map((file) => ({ json: jsonOf(file), where: file })),
  );
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readTextFile(file));
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(`--revocation ${file}`, 'must be JSON, as surepick keys revoke writes it', { cause });
  }
}

function proofOf({ manifest, episodes }: DatasetVerdict, dir: string, id: string) {
  if (manifest === null) throw new InputError(`--proof ${id}`, `${dir} is not signed: surepick dataset sign ${dir}`);
  const episode = episodes.find((one) => one.id === id);
  const some = episodes.slice(0, 5).map((one) => one.id);
  if (episode === undefined)
    throw new InputError(
      `--proof ${id}`,
      `one of ${episodes.length}: ${some.join(', ')}${episodes.length > 5 ? ', …' : ''}`,
    );
  const proof = proveFile(manifest, episode.file);
  if (proof === null) throw new InputError(`--proof ${id}`, `its recording ${episode.file} is not in merkle.json`);
  return proof;
}

function summaryOf({ ok, signed, revision, root, signers, files, findings, id }: DatasetVerdict): string {
  if (!ok) return `not as it should be: ${findings.length} findings`;
  const who = signers.map(
    ({ owner, fingerprint, signed_at }) => `${owner || fingerprint.slice(0, 16)} at ${signed_at}`,
  );
  const by = signed ? `signed by ${who.join(', ')}` : 'unsigned';
  return `${files.length} files are as they were: ${id}, revision ${revision}, root ${root}, ${by}`;
}

function verifiedEpisodes({ id, index, revision, roots, episodes, files }: DatasetVerdict): VerifiedEpisodes {
  const hashes = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  const recordings = episodes.flatMap((episode): [string, string][] => {
    const sha256 = hashes.get(episode.file);
    return sha256 === undefined ? [] : [[episode.id, sha256]];
  });
  return { id, index, revision, roots, recordings: new Map(recordings) };
}

function lineageLine({ model, told_by, episodes }: ModelLineage): string {
  if (told_by === '') return `${model}: which episodes it was made from cannot be said`;
  const whole = episodes.filter(({ state }) => state === 'whole').length;
  const others = episodes.filter(({ state }) => state !== 'whole').map(({ id, state }) => `${id} ${state}`);
  const some = others.length === 0 ? '' : `; ${others.slice(0, 10).join(', ')}${others.length > 10 ? ', …' : ''}`;
  return `${model}: made from ${episodes.length} episodes by ${told_by}, ${whole} of them whole${some}`;
}

/** One cache a folder. */
function quickName(dir: string): string {
  return createHash('sha256').update(realpathSync(dir)).digest('hex').slice(0, 32);
}

function hex(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('Allowed: 64 lower-case hex digits.');
  return text;
}
