import { execFileSync } from 'node:child_process';
import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { shippedPin } from '../../test/support/models.ts';
import { mutatedBytes, mutatedJson } from '../../test/support/mutated_json.ts';
import { sweep } from '../../test/support/sweep.ts';
import { NetworkInput } from '../network_input.ts';
import { findModel } from './find_model.ts';
import { HeadReader } from './heads.ts';
import { modelPath } from './model_files.ts';
import { parseReference } from './model_name.ts';
import { MODELS_FOLDER, ModelRepository } from './model_repository.ts';
import { OwnModels } from './own_models.ts';

const scratch = mkdtempSync(join(tmpdir(), 'hostile models '));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const folder = join(scratch, 'own');
const { name, version, folder: source } = shippedPin();
const reference = `${name}@${version}`;
const place = join(folder, name, version);
const own = new OwnModels(folder);
const original = readFileSync(join(source, 'manifest.json'));
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  cpSync(source, place, { recursive: true });
});

/** Refused by one line that names the file; null if it was taken. */
async function refusal(load: () => Promise<unknown>): Promise<string | null> {
  try {
    await load();
    return null;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).not.toMatch(/[\n\r\0]/);
    expect(error.message.length).toBeLessThan(2000);
    return error.message;
  }
}

describe('a manifest from a stranger', () => {
  it('is refused by file and place, or describes a model that can be made ready: changes of its content', async () => {
    const rng = createRng(31).stream('content');
    let taken = 0;
    const changes = sweep(120, 500);
    for (let k = 0; k < changes; k++) {
      const mutant = mutatedJson(JSON.parse(original.toString('utf8')), rng);
      writeFileSync(join(place, 'manifest.json'), JSON.stringify(mutant) ?? 'null');
      const refused = await refusal(async () => {
        const { manifest } = await own.load(name, version);
        new NetworkInput(manifest.preprocessing, manifest.inputs[0].layout);
        new HeadReader(manifest);
        taken++;
      });
      if (refused !== null) expect(refused, `case ${k}`).toMatch(/(manifest|golden)\.json|model\.onnx/);
    }
    expect(taken).toBeGreaterThan(0.02 * changes);
    expect(taken).toBeLessThan(0.6 * changes);
    expect(Object.hasOwn(Object.prototype, 'file')).toBe(false);
  });

  it('is refused, or as good as it was: changes of its bytes', async () => {
    const rng = createRng(32).stream('bytes');
    for (let k = 0; k < sweep(50, 200); k++) {
      writeFileSync(join(place, 'manifest.json'), mutatedBytes(original, rng));
      const refused = await refusal(() => own.load(name, version));
      if (refused !== null) expect(refused, `case ${k}`).toMatch(/(manifest|golden)\.json|model\.onnx/);
    }
  });

  it('is never taken for a shipped one with a single byte changed', async () => {
    const rng = createRng(33).stream('pinned');
    const models = join(scratch, 'shipped');
    cpSync(MODELS_FOLDER, models, { recursive: true });
    const repository = new ModelRepository(models);
    for (const file of ['manifest.json', 'model.onnx', 'golden.json']) {
      const path = join(models, name, version, file);
      const bytes = readFileSync(path);
      for (let k = 0; k < 15; k++) {
        const changed = mutatedBytes(bytes, rng);
        if (changed.equals(bytes)) continue;
        writeFileSync(path, changed);
        expect(await refusal(() => repository.load(reference)), `${file} ${k}`).toContain(models);
      }
      writeFileSync(path, bytes);
    }
    await repository.load(reference);
  });

  it('cannot name other files, nor fields that nobody knows', async () => {
    for (const extra of [{ file: '/etc/passwd' }, { model: '../../x.onnx' }, { golden: { sha256: 'x', file: 'y' } }]) {
      writeFileSync(
        join(place, 'manifest.json'),
        JSON.stringify({ ...JSON.parse(original.toString('utf8')), ...extra }),
      );
      expect(await refusal(() => own.load(name, version))).toMatch(/manifest\.json at/);
    }
  });
});

const TRICKS = [
  ...['../vision', '..', '.', '/etc/passwd', '//x', 'a/b', 'a\\b', 'C:\\x', 'vision/../vision', '%2e%2e%2fx', '~root'],
  ...[
    'vision\0',
    'vision\n',
    ' vision',
    'Vision',
    'vision@',
    '@1.0.0',
    'vision@@1',
    'vision@../1.0.0',
    'vision@1.0.0/..',
  ],
  ...[
    'vision@1.0.0\0',
    'vision@1',
    'vision@latest',
    'con',
    'nul@1.0.0',
    'x'.repeat(65),
    '',
    'vïsion',
    '-rf',
    '.hidden',
  ],
  ...[
    'vision@1.0.0-',
    'vision@1.0.0-..',
    'vision@9999999999.0.0',
    '\u202evision',
    'visi\u00adon',
    '__proto__',
    'constructor@x',
  ],
];

describe('a name that leads elsewhere', () => {
  it.each(TRICKS)('is no name of a model: %j', async (trick) => {
    const told = await refusal(async () => parseReference(trick));
    expect(told).not.toBeNull();
    await expect(findModel(trick, { own })).rejects.toThrow(InputError);
    expect(() => modelPath(folder, trick, '1.0.0', 'model.onnx')).toThrow(InputError);
    expect(() => modelPath(folder, 'vision', trick, 'model.onnx')).toThrow(InputError);
  });

  it('is not taken from a lock either', async () => {
    const models = join(scratch, 'tricked');
    cpSync(MODELS_FOLDER, models, { recursive: true });
    const lock = JSON.parse(readFileSync(join(models, 'lock.json'), 'utf8'));
    for (const trick of TRICKS.filter((each) => !each.includes('@'))) {
      lock.models[0].name = trick;
      writeFileSync(join(models, 'lock.json'), JSON.stringify(lock));
      expect(await refusal(() => new ModelRepository(models).lock()), JSON.stringify(trick)).toMatch(/lock\.json at/);
    }
  });
});

describe('what lies where a model should', () => {
  const load = () => refusal(() => own.load(name, version));

  it('is no link, of a file or of a folder, wherever it leads', async () => {
    const elsewhere = join(scratch, 'elsewhere');
    rmSync(elsewhere, { recursive: true, force: true });
    for (const file of ['model.onnx', 'manifest.json', 'golden.json']) {
      renameSync(join(place, file), join(place, 'aside'));
      symlinkSync(join(place, 'aside'), join(place, file));
      expect(await load(), file).toMatch(/not a link/);
      rmSync(join(place, file));
      renameSync(join(place, 'aside'), join(place, file));
    }
    renameSync(place, elsewhere);
    symlinkSync(elsewhere, place);
    expect(await load()).toMatch(/not behind a link/);
    rmSync(place);
    renameSync(elsewhere, place);
    expect(await load()).toBeNull();
  });

  it('is no folder, pipe or device, and nothing waits for one', async () => {
    for (const make of [
      (path: string) => mkdirSync(path),
      (path: string) => execFileSync('mkfifo', [path]),
      (path: string) => symlinkSync('/dev/zero', path),
    ]) {
      const path = join(place, 'manifest.json');
      rmSync(path, { recursive: true });
      make(path);
      expect(await load()).toMatch(/must be a file/);
    }
  });

  it('is not read when it is larger than a model can be', async () => {
    for (const [file, bytes] of [
      ['manifest.json', 2 ** 20 + 1],
      ['golden.json', 2 ** 23 + 1],
      ['model.onnx', 2 ** 40],
    ] as const) {
      cpSync(join(source, file), join(place, file));
      truncateSync(join(place, file), bytes);
      expect(await load(), file).toMatch(new RegExp(`${file} of ${bytes} bytes: must have at most`));
      cpSync(join(source, file), join(place, file));
    }
  });

  it('may be a second name of the same file: its bytes count', async () => {
    linkSync(join(place, 'model.onnx'), join(place, 'aside'));
    expect(await load()).toBeNull();
  });

  it.each([
    ['a zip archive', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(200)])],
    ['a gzip stream', Buffer.from('1f8b0800000000000003', 'hex')],
    ['a pickle', Buffer.from('\x80\x04cposix\nsystem\n')],
    ['a page', Buffer.from('<html></html>')],
    ['nothing', Buffer.alloc(0)],
  ])('is not %s', async (_, bytes) => {
    writeFileSync(join(place, 'model.onnx'), bytes);
    expect(await load()).toMatch(/model\.onnx of \d+ bytes with SHA-256 .* its manifest says/);
    writeFileSync(join(place, 'manifest.json'), bytes);
    expect(await load()).toMatch(/manifest\.json: must be JSON/);
  });
});
