import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { shippedPin } from '../../test/support/models.ts';
import { hashOf } from './model_files.ts';
import { MODELS_FOLDER, ModelRepository } from './model_repository.ts';

let folder = '';
let repository = new ModelRepository();
const { name, version } = shippedPin();
const reference = `${name}@${version}`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'models '));
  cpSync(MODELS_FOLDER, folder, { recursive: true });
  repository = new ModelRepository(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the shipped models', () => {
  it('are whole, small and as their lock and manifests say', async () => {
    const shipped = await new ModelRepository().verify();
    expect(shipped.map((model) => model.name)).toContain('vision');
    for (const model of shipped) {
      expect(model.problem).toBe('');
      expect(model.bytes).toBeLessThan(3_000_000);
      const { bytes, manifest } = await new ModelRepository().load(`${model.name}@${model.version}`);
      expect(bytes.length).toBe(model.bytes);
      expect(hashOf(bytes)).toBe(model.sha256);
      expect(manifest.training.command).toContain(`--seed ${manifest.training.seed}`);
    }
    expect(await new ModelRepository().unpinned()).toEqual([]);
  });
});

describe('ModelRepository', () => {
  it('finds the newest pin of a name, a version by its number, and names what there is otherwise', async () => {
    const named = (await repository.lock()).models.filter((model) => model.name === name);
    expect((await repository.find(name)).version).toBe(named.at(-1)?.version);
    expect((await repository.find(reference)).version).toBe(version);
    await expect(repository.find('vision@9.9.9')).rejects.toThrow(/vision@9\.9\.9.*known: .*@/);
    await expect(repository.find('../vision')).rejects.toThrow(InputError);
  });

  it.each([
    [
      'changed in one bit',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 5000), Buffer.of(bytes[5000] ^ 1), bytes.subarray(5001)]),
    ],
    ['truncated', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
    ['empty', () => Buffer.alloc(0)],
  ])('refuses a model that is %s, and says so of that model alone', async (_, spoil) => {
    const file = repository.modelFile(name, version);
    const bytes = readFileSync(file);
    writeFileSync(file, spoil(bytes));
    const told = new RegExp(`model\\.onnx of .* its manifest says ${bytes.length} bytes`);
    await expect(repository.load(reference)).rejects.toThrow(told);
    const status = await repository.verify();
    const refused = status.filter((model) => !model.verified);
    expect(refused.map((model) => `${model.name}@${model.version}`)).toEqual([reference]);
  });

  it('refuses a missing model, a foreign or malformed manifest, and a malformed lock, naming file and place', async () => {
    const manifest = repository.manifestFile(name, version);
    const text = readFileSync(manifest, 'utf8');
    writeFileSync(manifest, text.replace(`"name": "${name}"`, '"name": "other"'));
    await expect(repository.load(reference)).rejects.toThrow(`manifest.json of other@${version}`);
    writeFileSync(manifest, '{"name":"vision"}');
    await expect(repository.load(reference)).rejects.toThrow(/manifest\.json at format/);
    writeFileSync(manifest, text.replace('"licence": "Apache-2.0"', '"licence": "MIT"'));
    await expect(repository.load(reference)).rejects.toThrow(/manifest\.json with SHA-256 .*lock\.json pins/);
    writeFileSync(manifest, text);
    rmSync(repository.modelFile(name, version));
    await expect(repository.load(reference)).rejects.toThrow(/missing/);
    writeFileSync(
      join(folder, 'lock.json'),
      '{"models":[{"name":"vision","version":"1.0.0","sha256":"zz","bytes":1,"manifest_sha256":""}]}',
    );
    await expect(repository.lock()).rejects.toThrow(/lock\.json at models\.0\.sha256/);
    writeFileSync(join(folder, 'lock.json'), '{');
    await expect(repository.lock()).rejects.toThrow(/must be JSON/);
    rmSync(join(folder, 'lock.json'));
    await expect(repository.lock()).rejects.toThrow(/cannot be read/);
  });

  it('shows models that nobody pinned', async () => {
    mkdirSync(join(folder, name, '99.0.0'));
    writeFileSync(repository.modelFile(name, '99.0.0'), 'x');
    expect(await repository.unpinned()).toEqual([`${name}@99.0.0`]);
    await expect(repository.load(`${name}@99.0.0`)).rejects.toThrow(/not pinned/);
  });
});
