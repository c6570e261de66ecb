import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ManifestWriter,
  ownTrustedKeys,
  type ProvenanceFinding,
  readIndex,
  SeenRevisions,
  signDataset,
  verifyDataset,
} from '../datasets/index.ts';
import { KeyStore } from '../safety/index.ts';
import { checkRun } from './check_run.ts';
import { EpisodeRunner } from './episode.ts';
import { DEFAULT_EPISODE_OPTIONS } from './options.ts';
import { RunAudit } from './run_audit.ts';

const AT = '2026-01-02T03:04:05Z';
const EPISODE = { ...DEFAULT_EPISODE_OPTIONS, policy: 'expert', observation: 'state', seed: 4 } as const;
const FACTS = { run_id: '20260102-030405-seed4', command: 'surepick run', options: {}, versions: {}, machine: {} };
const RECORDING = 'episodes/episode-0000.mcap';
const LOG = 'episodes/episode-0000.audit.jsonl';

const scratch = mkdtempSync(join(tmpdir(), 'surepick-check-run-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const run = join(scratch, 'run');
const keys = new KeyStore(join(scratch, 'keys'));

/** A run of one episode that is broken off on its way. */
beforeAll(async () => {
  mkdirSync(join(run, 'episodes'), { recursive: true });
  const manifest = new ManifestWriter(join(run, 'manifest.json'), FACTS);
  const audit = new RunAudit(run, EPISODE, 0, 1);
  const runner = await EpisodeRunner.create(EPISODE);
  try {
    let asked = 0;
    const { recorded } = await runner.run(0, {
      pace: Number.POSITIVE_INFINITY,
      recording: { folder: join(run, 'episodes'), metadata: {} },
      trace_file: null,
      stopped: () => ++asked > 6,
      onStage: () => {},
    });
    if (recorded === null) throw new Error('nothing was recorded');
    manifest.add(recorded, run);
    audit.add(recorded);
  } finally {
    runner.close();
  }
  const digest = '0'.repeat(64);
  manifest.finish({ digest, interrupted: false, model: null, audit: await audit.end(digest, false) });
  keys.create({ name: 'ada', owner: 'Ada', created_at: AT });
});

function copyOf(name: string): string {
  const copy = join(scratch, name);
  cpSync(run, copy, { recursive: true });
  return copy;
}

function spoil(folder: string, file: string): void {
  const content = readFileSync(join(folder, file));
  content[content.length >> 1] ^= 1;
  writeFileSync(join(folder, file), content);
}

const verify = (folder: string, options: Partial<Parameters<typeof verifyDataset>[1]> = {}) =>
  verifyDataset(folder, { trusted: ownTrustedKeys(keys), checkRun, now: AT, ...options });
const places = (findings: readonly ProvenanceFinding[]) => findings.map(({ place }) => place);

describe('a run that nobody signed', () => {
  it('is held to its own manifest and logs, and said to be unsigned', async () => {
    expect(await verify(run)).toMatchObject({ ok: true, signed: false, revision: 0, findings: [] });
    expect((await verify(run)).warnings).toEqual([expect.stringContaining('unsigned')]);
    expect((await verify(run, { require_signature: true })).findings).toMatchObject([{ kind: 'unsigned' }]);
  });

  it('names a recording, a log and the log of the run that were changed', async () => {
    for (const [k, file] of [RECORDING, LOG, 'audit.jsonl'].entries()) {
      const copy = copyOf(`unsigned-${k}`);
      spoil(copy, file);
      const { ok, findings } = await verify(copy);
      expect(ok).toBe(false);
      expect(places(findings), JSON.stringify(findings)).toContain(file);
    }
  });

  it('names a recording that is gone, and one that was added', async () => {
    const copy = copyOf('unsigned-moved');
    cpSync(join(copy, RECORDING), join(copy, 'episodes', 'episode-0007.mcap'));
    expect(places((await verify(copy)).findings)).toEqual(['episodes/episode-0007.mcap']);
    rmSync(join(copy, RECORDING));
    expect(places((await verify(copy)).findings)).toContain(RECORDING);
  });
});

describe('a run that was signed', () => {
  it('is revision 1 of a dataset, whose logs are checked too; without its signature it is missed', async () => {
    const copy = copyOf('signed');
    const seen = new SeenRevisions(join(scratch, 'seen'));
    const signed = await signDataset(copy, { key: keys.load('ada'), seen, now: AT });
    expect(signed).toMatchObject({ revision: 1, made_index: true, previous_root: null });
    expect(readIndex(copy).episodes).toHaveLength(1);
    expect(await verify(copy, { seen })).toMatchObject({ ok: true, signed: true, revision: 1, findings: [] });
    for (const name of ['dataset.json', 'merkle.json', 'signatures']) rmSync(join(copy, name), { recursive: true });
    const { findings } = await verify(copy, { seen });
    expect(findings.map(({ kind, place }) => `${kind} ${place}`)).toEqual([
      'removed dataset.json',
      'unsigned signatures',
    ]);
    expect((await verify(copy)).ok).toBe(true);
  });

  it('with a log that was forged before it was signed does not hold', async () => {
    const copy = copyOf('forged');
    spoil(copy, LOG);
    await signDataset(copy, { key: keys.load('ada'), seen: new SeenRevisions(join(scratch, 'other')), now: AT });
    const { ok, signed, findings } = await verify(copy);
    expect({ ok, signed }).toEqual({ ok: false, signed: false });
    expect(new Set(findings.map(({ kind, place }) => `${kind} ${place}`))).toEqual(new Set([`run ${LOG}`]));
  });
});
