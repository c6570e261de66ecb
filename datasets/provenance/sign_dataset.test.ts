import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { requirePeer } from '../../test/support/peer.ts';
import { hour, type SignedFolder, signedFolder, verifyFolder } from '../../test/support/signed_dataset.ts';
import {
  FileHashCache,
  holdsProof,
  nextRevision,
  ownTrustedKeys,
  proveFile,
  readIndex,
  SeenRevisions,
  seenFolder,
  signDataset,
  verifyDataset,
  withRevocations,
  writeIndex,
} from '../index.ts';

const scratch = mkdtempSync(join(tmpdir(), 'surepick-sign-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let signed: SignedFolder;
beforeAll(async () => {
  signed = await signedFolder(scratch, 3);
});
let copy = '';
beforeEach(() => {
  copy = mkdtempSync(join(scratch, 'copy-'));
  cpSync(signed.folder, copy, { recursive: true });
});
afterEach(() => rmSync(copy, { recursive: true, force: true }));

/** Verifies without what the machine has seen, at a time and with keys. */
const verify = (options: Partial<Parameters<typeof verifyDataset>[1]> = {}) =>
  verifyDataset(copy, { trusted: signed.trusted, now: hour(100), ...options });
const said = ({ findings }: Awaited<ReturnType<typeof verify>>) =>
  findings.map(({ kind, place }) => `${kind} ${place}`);
const sign = (name: string, options: Partial<Parameters<typeof signDataset>[1]> = {}) =>
  signDataset(copy, {
    key: signed.keys.load(name),
    seen: new SeenRevisions(`${copy}-none`),
    now: hour(50),
    ...options,
  });

describe('a signed dataset', () => {
  it('has the root that an implementation in Python has, of hashlib alone', (ctx) => {
    const python = ['python3', 'python'].find((name) => spawnSync(name, ['--version']).status === 0);
    requirePeer(ctx, 'python', 'install Python 3', python !== undefined);
    if (python === undefined) return;
    const script = join(PACKAGE_ROOT, 'test', 'support', 'merkle_root.py');
    for (const folder of signed.revisions) {
      const root = execFileSync(python, [script, folder], { encoding: 'utf8' }).trim();
      expect(JSON.parse(readFileSync(join(folder, 'merkle.json'), 'utf8')).root, folder).toBe(root);
    }
  });

  it('says who signed the newest revision, and proves each of its files', async () => {
    const { signers, manifest, root } = await verify();
    expect(signers.map(({ owner }) => owner).sort()).toEqual(['ada', 'grace']);
    if (manifest === null) throw new Error('no manifest');
    for (const { path } of manifest.leaves) {
      const proof = proveFile(manifest, path);
      if (proof === null) throw new Error(path);
      expect(proof.root).toBe(root);
      expect(holdsProof(proof), path).toBe(true);
      expect(holdsProof({ ...proof, leaf: { ...proof.leaf, bytes: proof.leaf.bytes + 1 } }), path).toBe(false);
      expect(holdsProof({ ...proof, index: (proof.index + 1) % proof.size }), path).toBe(false);
    }
    expect(proveFile(manifest, 'none')).toBeNull();
  });

  it('is the same bytes however often the same key signs it', async () => {
    const before = readdirSync(join(copy, 'signatures')).map((name) =>
      readFileSync(join(copy, 'signatures', name), 'utf8'),
    );
    await sign('ada');
    await sign('grace');
    const after = readdirSync(join(copy, 'signatures')).map((name) =>
      readFileSync(join(copy, 'signatures', name), 'utf8'),
    );
    expect(after).toEqual(before);
  });

  it('holds without what the machine has seen, and is that revision and root only', async () => {
    const { ok, root } = await verify();
    expect(ok).toBe(true);
    expect(said(await verify({ expect_revision: 3, expect_root: root }))).toEqual([]);
    expect(said(await verify({ expect_revision: 4 }))).toEqual(['expected dataset.json']);
    expect(said(await verify({ expect_root: '0'.repeat(64) }))).toEqual(['expected merkle.json']);
  });

  it('names both revisions of a roll-back', async () => {
    const { findings } = await verifyFolder(signed.revisions[0], signed);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ kind: 'roll_back', place: 'merkle.json' });
    expect(findings[0].detail).toMatch(/revision 1; this machine has seen revision 3/);
  });
});

describe('signing', () => {
  it('refuses what was changed within a revision, unless another is made of it', async () => {
    writeFileSync(join(copy, 'report.html'), 'new');
    await expect(sign('ada')).rejects.toThrow(/not those of revision 3 .* --raise/);
    expect(await sign('ada', { raise: true })).toMatchObject({ revision: 4 });
    expect(said(await verify())).toEqual([]);
  });

  it('refuses an index that does not agree with the files, and names the episode', async () => {
    const index = readIndex(copy);
    writeFileSync(join(copy, index.episodes[1].file), 'other');
    writeIndex(copy, nextRevision(index, {}, hour(40)));
    await expect(sign('ada')).rejects.toThrow(`episode ${index.episodes[1].id}`);
  });

  it('refuses an older revision than was signed or seen', async () => {
    writeIndex(copy, { ...readIndex(copy), revision: 2 });
    await expect(sign('ada')).rejects.toThrow(/of revision 2: revision 3 was signed already/);
    rmSync(join(copy, 'signatures'), { recursive: true });
    await expect(sign('ada', { seen: signed.seen })).rejects.toThrow(/revision 3 was signed already/);
  });

  it('changes nothing when it is interrupted', async () => {
    writeIndex(copy, nextRevision(readIndex(copy), {}, hour(40)));
    const before = readFileSync(join(copy, 'merkle.json'), 'utf8');
    const stop = new AbortController();
    const onProgress = (done: number) => done === 2 && stop.abort();
    await expect(sign('ada', { raise: true, signal: stop.signal, onProgress })).rejects.toThrow(/aborted/);
    expect(readIndex(copy).revision).toBe(4);
    expect(readFileSync(join(copy, 'merkle.json'), 'utf8')).toBe(before);
  });

  it('refuses to go on from a signature that does not hold', async () => {
    const [file] = readdirSync(join(copy, 'signatures'));
    const path = join(copy, 'signatures', file);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"boxes"', '"foxes"'));
    await expect(sign('ada')).rejects.toThrow(file);
  });
});

describe('keys that were given up', () => {
  it('rotated away, they count for what they signed before and no more', async () => {
    const keys = signed.keys;
    const made = keys.create({ name: 'old', owner: 'old', created_at: hour(0) });
    const key = keys.load('old');
    writeIndex(copy, nextRevision(readIndex(copy), {}, hour(50)));
    await sign('old', { now: hour(50) });
    keys.rotate('old', hour(60));
    expect(said(await verify({ trusted: ownTrustedKeys(keys) }))).toEqual([]);
    writeIndex(copy, nextRevision(readIndex(copy), {}, hour(70)));
    await sign('old', { key, now: hour(70) });
    const found = await verify({ trusted: ownTrustedKeys(keys) });
    expect(said(found)).toEqual([
      expect.stringMatching(`^retired_key signatures/r000005-${made.fingerprint.slice(0, 16)}`),
    ]);
    keys.rotate('old', hour(80));
    expect(said(await verify({ trusted: ownTrustedKeys(keys) }))).toEqual(said(found));
  });

  it('revoked, they count only where a good signature covers theirs', async () => {
    const keys = signed.keys;
    keys.create({ name: 'lost', owner: 'lost', created_at: hour(0) });
    writeIndex(copy, nextRevision(readIndex(copy), {}, hour(50)));
    const { signature } = await sign('lost');
    const json = keys.revoke('lost', hour(90), 'lost');
    expect(said(await verify({ trusted: ownTrustedKeys(keys) }))).toEqual([`revoked_key ${signature}`]);
    const told = withRevocations(signed.trusted, [{ json, where: 'given' }]);
    expect(said(await verify({ trusted: told }))).toEqual([`unknown_key ${signature}`]);
    await sign('ada', { now: hour(95) });
    expect(said(await verify({ trusted: ownTrustedKeys(keys) }))).toEqual([]);
    expect(() => withRevocations([], [{ json: { ...json, signature: 'AAAA' }, where: 'forged' }])).toThrow('forged');
  });
});

describe('what this machine remembers', () => {
  it('lies in the state of the user, for nobody else to read', () => {
    expect(seenFolder({ XDG_STATE_HOME: '/state' }, '/home/ada')).toBe('/state/surepick/datasets');
    expect(seenFolder({ XDG_STATE_HOME: 'relative' }, '/home/ada')).toBe('/home/ada/.local/state/surepick/datasets');
    const file = signed.seen.fileOf(readIndex(copy).id);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('never goes back, and a spoilt memory is no memory of nothing', () => {
    const { id } = readIndex(copy);
    const known = signed.seen.get(id);
    if (known === null) throw new Error('not seen');
    const { schema: _schema, version: _version, ...facts } = known;
    const manifest = signed.seen.manifest(id, known.root);
    if (manifest === null) throw new Error('not kept');
    signed.seen.see({ ...facts, revision: 2 }, manifest);
    signed.seen.see({ ...facts, root: '0'.repeat(64) }, manifest);
    expect(signed.seen.manifest(id, '0'.repeat(64))).toBeNull();
    expect(signed.seen.get(id)).toEqual(known);
    const spoilt = new SeenRevisions(join(scratch, 'spoilt'));
    spoilt.see(facts, manifest);
    writeFileSync(spoilt.fileOf(id), '{');
    expect(() => spoilt.get(id)).toThrow('restore it');
  });

  it('takes files for unchanged by size and times only when asked, and then only these', async () => {
    const file = join(scratch, 'quick.json');
    const quick = async () => {
      const cache = new FileHashCache(file);
      const verdict = await verify({ cache });
      cache.save();
      return verdict;
    };
    const first = await quick();
    expect(first.files_read).toBe(first.files.length);
    expect(await quick()).toMatchObject({ ok: true, files_read: 0 });
    writeFileSync(join(copy, 'report.html'), readFileSync(join(copy, 'report.html'), 'utf8').replace(/.$/, '!'));
    const found = await quick();
    expect(found.files_read).toBe(1);
    expect(said(found)).toEqual(['changed report.html']);
    writeFileSync(file, '{');
    expect((await quick()).files_read).toBe(first.files.length);
  });
});
