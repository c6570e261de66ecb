import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { MODELS_FOLDER, ModelRepository } from '../../perception/index.ts';
import { KeyStore, keyFolder } from '../../safety/index.ts';
import { shippedPin } from '../../test/support/models.ts';
import { addModels } from './models.ts';

const PIN = shippedPin();

let scratch = '';
let folder = '';
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'models verb '));
  vi.stubEnv('XDG_CONFIG_HOME', join(scratch, 'config'));
  vi.stubEnv('XDG_DATA_HOME', join(scratch, 'data'));
  folder = join(scratch, 'data', 'surepick', 'models');
  putModel(folder);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
  rmSync(scratch, { recursive: true, force: true });
});

/** A model of one's own: the shipped one under the name eye@2.0.0. */
function putModel(models: string): void {
  const place = join(models, 'eye', '2.0.0');
  const shipped = PIN.folder;
  mkdirSync(place, { recursive: true });
  for (const file of ['model.onnx', 'golden.json']) cpSync(join(shipped, file), join(place, file));
  const manifest = JSON.parse(readFileSync(join(shipped, 'manifest.json'), 'utf8'));
  writeFileSync(join(place, 'manifest.json'), JSON.stringify({ ...manifest, name: 'eye', version: '2.0.0' }));
}

async function models(...args: string[]): Promise<{ out: string; told: string }> {
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    });
  }
  process.exitCode = 0;
  const program = new Command('surepick').exitOverride();
  addModels(program);
  await program.parseAsync(['models', ...args], { from: 'user' });
  vi.restoreAllMocks();
  return { out: said.stdout, told: said.stderr };
}

const rows = z.object({
  models: z.array(z.looseObject({ name: z.string(), state: z.string(), origin: z.string(), problem: z.string() })),
});
const listed = async (...args: string[]) => rows.parse(JSON.parse((await models(...args, '--json')).out)).models;
const stateOf = async (name: string) => (await listed('list')).find((row) => row.name === name)?.state;

describe('surepick models', () => {
  it('lists both roots with who vouches for each, in a table and as one JSON line', async () => {
    const shipped = (await new ModelRepository().lock()).models.length;
    expect((await listed('list')).map(({ origin }) => origin)).toEqual([...Array(shipped).fill('shipped'), 'own']);
    expect((await models('list')).told).toMatch(/the repository[\s\S]*eye .*nobody/);
    expect(await stateOf('eye')).toBe('unsigned');
    expect(await stateOf(PIN.name)).toBe('pinned');
  });

  it('signs with a key that it makes, trusts it here, and says what to do elsewhere', async () => {
    const { out, told } = await models('sign', 'eye', '--json');
    const { fingerprint } = new KeyStore(keyFolder(process.env)).show('model');
    expect(JSON.parse(out)).toMatchObject({
      schema: 'surepick/models-sign',
      version: 1,
      model: 'eye@2.0.0',
      fingerprint,
      made_key: true,
    });
    expect(told).toContain(`surepick models trust ${fingerprint}`);
    expect(await stateOf('eye')).toBe('trusted');
    expect(JSON.parse((await models('sign', 'eye@2.0.0', '--json')).out).made_key).toBe(false);
  });

  it('makes no key for a model that is not there', async () => {
    await expect(models('sign', 'ear')).rejects.toThrow(/model ear in .*one of: eye@2\.0\.0/);
    expect(new KeyStore(keyFolder(process.env)).list()).toEqual([]);
  });

  it('verifies hash, signature, manifest and golden inputs, and ends with 1 where one fails', async () => {
    expect((await models('verify')).told).toMatch(/eye@2\.0\.0: signed by nobody; golden inputs within 0/);
    expect(process.exitCode).toBe(0);
    await models('sign', 'eye', '--no-trust');
    expect((await models('verify')).told).toMatch(/error: .*not trusted here.*surepick models trust/);
    expect(process.exitCode).toBe(1);
    await models('verify', PIN.name);
    expect(process.exitCode).toBe(0);
    await expect(models('verify', 'nothing')).rejects.toThrow(/one of: .*@/);
    await expect(models('verify', '../eye')).rejects.toThrow(/NAME or NAME@VERSION/);
  });

  it('notices a model whose golden inputs give something else, though its hashes fit', async () => {
    const place = join(folder, 'eye', '2.0.0');
    const { hashOf } = await import('../../perception/index.ts');
    const golden = JSON.parse(readFileSync(join(place, 'golden.json'), 'utf8'));
    const [output] = Object.values<{ values: string }>(golden.cases[0].outputs);
    const values = Buffer.from(output.values, 'base64');
    values.writeFloatLE(0.5 + values.readFloatLE(0) / 4, 0);
    output.values = values.toString('base64');
    const text = JSON.stringify(golden);
    const manifest = JSON.parse(readFileSync(join(place, 'manifest.json'), 'utf8'));
    manifest.golden.sha256 = hashOf(Buffer.from(text));
    writeFileSync(join(place, 'golden.json'), text);
    writeFileSync(join(place, 'manifest.json'), JSON.stringify(manifest));
    expect((await models('verify', 'eye')).told).toMatch(/golden inputs of eye@2\.0\.0 give other outputs/);
    expect(process.exitCode).toBe(1);
    await expect(models('sign', 'eye')).rejects.toThrow(/golden inputs of eye@2\.0\.0 give other outputs/);
    expect(new KeyStore(keyFolder(process.env)).list()).toEqual([]);
  });

  it('trusts a fingerprint or the file of a key, lists and forgets', async () => {
    const keys = new KeyStore(keyFolder(process.env));
    const { fingerprint } = keys.create({ name: 'eve', owner: 'Eve', created_at: '2026-01-02T03:04:05.000Z' });
    const file = join(scratch, 'eve.json');
    writeFileSync(file, JSON.stringify(keys.exportPublic('eve')));
    await models('sign', 'eye', '--key', 'eve', '--no-trust');
    expect(await stateOf('eye')).toBe('refused');
    await models('trust', file);
    expect(await stateOf('eye')).toBe('trusted');
    expect((await models('trust', '--list')).told).toMatch(new RegExp(`${fingerprint} .* Eve`));
    await models('trust', '--remove', fingerprint.slice(0, 8));
    expect(await stateOf('eye')).toBe('refused');
    await models('trust', fingerprint, '--owner', 'Eve');
    expect(await stateOf('eye')).toBe('trusted');
    for (const wrong of [
      [],
      ['abc'],
      [fingerprint.slice(1)],
      [scratch],
      [fingerprint, '--list'],
      ['--remove', 'ffffffff'],
    ])
      await expect(models('trust', ...wrong), wrong.join(' ')).rejects.toThrow(/models trust|fingerprint/);
  });

  it('describes a model on a page that needs nothing else', async () => {
    const page = join(scratch, 'card.html');
    const { out } = await models('card', `${PIN.name}@${PIN.version}`, '--out', page, '--json');
    expect(JSON.parse(out)).toMatchObject({
      schema: 'surepick/models-card',
      version: 1,
      checked: { name: PIN.name, ok: true },
    });
    const text = readFileSync(page, 'utf8');
    expect(text).toContain('pinned by the repository');
    expect(text).toMatch(/Limits[\s\S]*What it takes and gives[\s\S]*Measured[\s\S]*How it was made[\s\S]*SHA-256/);
    expect(text).not.toMatch(/(?:src|href)="(?!data:|#)/);
    await models('card', 'eye', '--out', page);
    expect(readFileSync(page, 'utf8')).toContain('signed by nobody');
    await expect(models('card', PIN.name)).rejects.toThrow(/--out FILE, --json/);
    expect(existsSync(join(scratch, 'none'))).toBe(false);
  });

  it('lists, verifies and describes the shipped policies, and names one that was altered', async () => {
    const [{ name, version }] = (await new ModelRepository().lock()).policies;
    expect((await models('list')).told).toMatch(new RegExp(`policies/${name} .*the repository`));
    expect((await models('verify', name)).told).toBe(
      `policy ${name}@${version}: as pinned\n1 of 1 are as they should be\n`,
    );
    const page = join(scratch, 'policy.html');
    expect(JSON.parse((await models('card', name, '--out', page, '--json')).out).policy).toBe(`${name}@${version}`);
    const text = readFileSync(page, 'utf8');
    expect(text).toMatch(
      /Limits[\s\S]*What it takes and gives[\s\S]*Measured[\s\S]*surepick train --task[\s\S]*SHA-256/,
    );
    expect(text).not.toMatch(/(?:src|href)="(?!data:|#)/);
    const copy = join(scratch, 'copy');
    cpSync(MODELS_FOLDER, copy, { recursive: true });
    writeFileSync(join(copy, 'policies', `${name}.manifest.json`), '{}');
    const [first] = await new ModelRepository(copy).verifyPolicies();
    expect(first.problem).toMatch(/manifest\.json with SHA-256 44136fa.* lock\.json pins .*restore it/);
    rmSync(join(copy, 'policies', `${name}.onnx`));
    expect((await new ModelRepository(copy).verifyPolicies())[0].problem).toContain('cannot be read');
    await expect(models('rebuild', 'nobody')).rejects.toThrow(/policy nobody.*one of: /);
  });

  it('takes another folder of own models', async () => {
    const other = join(scratch, 'other');
    putModel(other);
    rmSync(join(folder, 'eye'), { recursive: true });
    expect(await stateOf('eye')).toBeUndefined();
    expect((await listed('list', '--models', other)).some(({ name }) => name === 'eye')).toBe(true);
  });
});
