import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { holdsProof, inclusionProof, readIndex, writeIndex } from '../../../datasets/index.ts';
import { signedFolder } from '../../../test/support/signed_dataset.ts';
import { addKeys } from '../keys.ts';
import { addSign } from './sign.ts';
import { addVerify } from './verify.ts';

let scratch = '';
let folder = '';
beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'dataset verb '));
  vi.stubEnv('XDG_CONFIG_HOME', join(scratch, 'config'));
  vi.stubEnv('XDG_STATE_HOME', join(scratch, 'state'));
  ({ folder } = await signedFolder(scratch, 6));
  for (const name of ['signatures', 'merkle.json']) rmSync(join(folder, name), { recursive: true });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(scratch, { recursive: true, force: true });
  process.exitCode = undefined;
});

async function surepick(...args: string[]) {
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    });
  }
  const program = new Command('surepick').exitOverride();
  addKeys(program);
  const dataset = program.command('dataset');
  for (const add of [addSign, addVerify]) add(dataset);
  process.exitCode = undefined;
  await program.parseAsync(args, { from: 'user' });
  const code = process.exitCode ?? 0;
  process.exitCode = undefined;
  return { ...said, code };
}

const verdictJson = z.looseObject({
  ok: z.boolean(),
  signed: z.boolean(),
  revision: z.number(),
  root: z.string(),
  findings: z.array(z.object({ kind: z.string(), place: z.string(), detail: z.string() })),
  proof: inclusionProof.optional(),
});
const json = ({ stdout }: { stdout: string }) =>
  verdictJson.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));
const verify = (...args: string[]) => surepick('dataset', 'verify', folder, ...args, '--json');

it('signs with a key that is made on first use, says where it is and how to keep it, and verifies', async () => {
  const unsigned = await verify();
  expect(unsigned.code).toBe(0);
  expect(json(unsigned)).toMatchObject({ ok: true, signed: false });
  expect(unsigned.stderr).toMatch(/^warning: unsigned/m);
  expect((await verify('--require-signature')).code).toBe(1);
  const first = await surepick('dataset', 'sign', folder);
  const file = join(scratch, 'config', 'surepick', 'keys', 'dataset.key.json');
  expect(first.stderr).toContain(file);
  for (const way of ['keys export', 'keys rotate', 'keys revoke', 'offline']) expect(first.stderr).toContain(way);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await surepick('dataset', 'sign', folder)).stderr).not.toContain('keys export');
  const signed = await verify();
  expect(signed.code).toBe(0);
  expect(json(signed)).toMatchObject({ ok: true, signed: true, revision: 3, findings: [] });
});

it('names what was changed, and takes an older revision for what it is', async () => {
  await surepick('dataset', 'sign', folder);
  const before = ['dataset.json', 'merkle.json'].map((name) => [name, readFileSync(join(folder, name))] as const);
  writeIndex(folder, { ...readIndex(folder), revision: 4 });
  await surepick('dataset', 'sign', folder);
  appendFileSync(join(folder, 'report.html'), ' ');
  const changed = await verify();
  expect(changed.code).toBe(1);
  expect(json(changed).findings).toMatchObject([{ kind: 'changed', place: 'report.html' }]);
  expect(changed.stderr).toMatch(/^error: changed: report\.html: was \d+ bytes, .* is \d+ bytes/m);
  for (const [name, content] of before) writeFileSync(join(folder, name), content);
  const rolled = await verify();
  expect(json(rolled).findings.map(({ kind }) => kind)).toContain('roll_back');
  expect(rolled.stderr).toMatch(/is revision 3; this machine has seen revision 4/);
});

it('trusts the keys that it is given, no others', async () => {
  await surepick('keys', 'new', 'ada', '--owner', 'Ada Lovelace');
  await surepick('keys', 'new', 'eve', '--owner', 'Eve');
  const halves = ['ada', 'eve'].map((name) => join(scratch, `${name}.json`));
  for (const [k, name] of ['ada', 'eve'].entries())
    writeFileSync(halves[k], (await surepick('keys', 'export-public', name)).stdout);
  await surepick('dataset', 'sign', folder, '--key', 'ada');
  expect((await verify('--key', halves[0])).code).toBe(0);
  expect((await verify('--owner', 'ada lovelace')).code).toBe(0);
  for (const args of [
    ['--key', halves[1]],
    ['--owner', 'Eve'],
  ]) {
    const found = await verify(...args);
    expect(json(found).findings, args.join(' ')).toMatchObject([{ kind: 'unknown_key' }]);
    expect(found.code).toBe(1);
  }
  await surepick('keys', 'revoke', 'ada', '--reason', 'lost');
  const revocation = join(scratch, 'config', 'surepick', 'keys', 'ada.revocation.json');
  expect(json(await verify()).findings).toMatchObject([{ kind: 'revoked_key' }]);
  expect(json(await verify('--key', halves[0], '--revocation', revocation)).findings).toMatchObject([
    { kind: 'revoked_key' },
  ]);
});

it('proves an episode, and holds it to a revision and a root', async () => {
  await surepick('dataset', 'sign', folder);
  const { proof, root } = json(await verify('--proof', 'first-2'));
  expect(proof).toMatchObject({ leaf: { path: 'episodes/first-2.mcap' }, root });
  expect(proof !== undefined && holdsProof(proof)).toBe(true);
  expect((await verify('--expect-revision', '3', '--expect-root', root)).code).toBe(0);
  expect((await verify('--expect-revision', '2')).code).toBe(1);
  expect((await verify('--expect-root', '0'.repeat(64))).code).toBe(1);
});

it.each<[string, string[], RegExp]>([
  ['an episode that is not there', ['--proof', 'none'], /--proof none: one of 6: first-0/],
  ['a root that is none', ['--expect-root', 'f00'], /64 lower-case hex digits/],
  ['a key that is none', ['--key', 'dataset.json'], /must be an ed25519 public key/],
  ['an owner whom nobody knows', ['--owner', 'Nobody'], /--owner Nobody: one of/],
  ['a model that is not there', ['--model', 'none.onnx'], /--model none\.onnx: must be a model/],
])('refuses %s in one line', async (_what, args, said) => {
  await surepick('dataset', 'sign', folder);
  const named = args.map((arg) => (arg === 'dataset.json' ? join(folder, arg) : arg));
  await expect(verify(...named)).rejects.toThrow(said);
});

it('reads again what a quick check takes for unchanged', async () => {
  await surepick('dataset', 'sign', folder);
  expect((await verify('--quick')).code).toBe(0);
  expect(existsSync(join(scratch, 'state', 'surepick', 'datasets', 'quick'))).toBe(true);
  expect((await verify('--quick')).stderr).toMatch(/^10 files were taken for unchanged/m);
  expect((await verify()).stderr).not.toMatch(/taken for unchanged/);
});
