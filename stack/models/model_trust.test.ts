import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import {
  findModel,
  ModelRepository,
  type ModelSigner,
  type OwnModels,
  openDetector,
  signModel,
} from '../../perception/index.ts';
import { KeyStore, keyFolder, type SigningKey, signDocument, TrustedModelKeys } from '../../safety/index.ts';
import { shippedPin } from '../../test/support/models.ts';
import { mutatedBytes } from '../../test/support/mutated_json.ts';
import { modelNote, modelSources, ownModels } from './model_sources.ts';

const AT = '2026-01-02T03:04:05.000Z';
const PIN = shippedPin();
const SHIPPED = PIN.folder;

let home = '';
let env: Record<string, string> = {};
let own: OwnModels;
let place = '';
let keys: KeyStore;
let trusted: TrustedModelKeys;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'model trust '));
  env = { XDG_CONFIG_HOME: join(home, 'config'), XDG_DATA_HOME: join(home, 'data') };
  own = ownModels(env);
  place = putModel('eye', '2.0.0');
  keys = new KeyStore(keyFolder(env));
  trusted = new TrustedModelKeys(env);
  keys.create({ name: 'ada', owner: 'Ada', created_at: AT });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A model of the user's own: the shipped one under another name. */
function putModel(name: string, version: string): string {
  const folder = join(own.folder, name, version);
  mkdirSync(folder, { recursive: true });
  for (const file of ['model.onnx', 'golden.json']) cpSync(join(SHIPPED, file), join(folder, file));
  const manifest = JSON.parse(readFileSync(join(SHIPPED, 'manifest.json'), 'utf8'));
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, name, version }));
  return folder;
}

const signerOf = ({ key, public_key, owner }: SigningKey): ModelSigner => ({
  ...{ public_key, owner },
  sign: (statement) => signDocument(key, 'model', statement),
});
const sign = (name = 'ada') => signModel(own, 'eye', signerOf(keys.load(name)), AT);
const trust = (name = 'ada') => trusted.add({ fingerprint: keys.show(name).fingerprint, owner: 'Ada', added_at: AT });

describe("a model of one's own", () => {
  it('that nobody signed runs with a note, and not where something real moves', async () => {
    const { note, origin, model } = await findModel('eye', modelSources(env));
    expect({ origin, model }).toEqual({ origin: 'own', model: 'eye@2.0.0' });
    expect(note).toBe('model eye@2.0.0 is signed by nobody: surepick models sign eye@2.0.0');
    expect(await modelNote('eye@2.0.0', env)).toBe(note);
    // What cannot be opened is told of by whoever opens it, which may have something else to see with.
    expect(await modelNote('ear', env)).toBe('');
    const real = findModel('eye', { own, unsigned: 'refuse' });
    await expect(real).rejects.toThrow(/eye@2\.0\.0.*nobody vouches.*surepick models sign eye@2\.0\.0/);
    const notes: string[] = [];
    const detector = await openDetector('eye', { own, onNote: (one) => notes.push(one) });
    await detector.close();
    expect([detector.model, notes]).toEqual(['eye@2.0.0', [note]]);
    await expect(openDetector('eye', { own, unsigned: 'refuse' })).rejects.toThrow(InputError);
  });

  it('that is signed by a trusted key runs everywhere, and nothing is to be said', async () => {
    await sign();
    trust();
    const { note, origin } = await findModel('eye', { own, unsigned: 'refuse' });
    expect([note, origin]).toEqual(['', 'own']);
    expect(await own.verify()).toMatchObject([{ name: 'eye', state: 'trusted', signed_by: 'Ada', problem: '' }]);
  });

  it('that is signed by a key on no list is refused everywhere, with the command that would trust it', async () => {
    await sign();
    const { fingerprint } = keys.show('ada');
    const remedy = new RegExp(`by 'Ada' \\(${fingerprint}\\): not trusted here.*surepick models trust ${fingerprint}`);
    await expect(findModel('eye', modelSources(env))).rejects.toThrow(remedy);
    trust();
    await findModel('eye', modelSources(env));
    trusted.remove(fingerprint.slice(0, 8));
    await expect(findModel('eye', modelSources(env))).rejects.toThrow(remedy);
  });

  it('falls with its key: one that this user has revoked counts no longer', async () => {
    await sign();
    trust();
    keys.revoke('ada', AT, 'lost');
    await expect(findModel('eye', modelSources(env))).rejects.toThrow(/the key is revoked.*models sign eye@2\.0\.0/);
  });

  it('is refused after any change of any of its files: 15 of each', async () => {
    await sign();
    trust();
    const rng = createRng(41).stream('altered');
    for (const file of ['model.onnx', 'manifest.json', 'golden.json', 'signature.json']) {
      const bytes = readFileSync(join(place, file));
      for (let k = 0; k < 15; k++) {
        const changed = mutatedBytes(bytes, rng);
        writeFileSync(join(place, file), changed);
        const loaded = own.load('eye', '2.0.0').then(
          () => 'taken',
          (error: unknown) => (error instanceof InputError ? 'refused' : String(error)),
        );
        // White space in the signature's file is no part of what is signed.
        const same = file === 'signature.json' && sameJson(changed, bytes);
        expect(await loaded, `${file} ${k}: ${changed.subarray(0, 400)}`).toBe(
          changed.equals(bytes) || same ? 'taken' : 'refused',
        );
      }
      writeFileSync(join(place, file), bytes);
    }
    await own.load('eye', '2.0.0');
  });

  it('does not pass with the signature of another model, version, purpose or key', async () => {
    trust();
    const { statement } = await sign();
    const file = join(place, 'signature.json');
    const { key, public_key } = keys.load('ada');
    const put = (changed: object, signature: string) => {
      writeFileSync(file, JSON.stringify({ statement: changed, signature }));
      return expect(own.load('eye', '2.0.0')).rejects;
    };
    const signed = (changed: object) => put(changed, signDocument(key, 'model', changed));
    await signed({ ...statement, name: 'other' }).toThrow(/name was signed as other, is eye/);
    await signed({ ...statement, model_version: '2.0.1' }).toThrow(/version was signed as 2\.0\.1/);
    await signed({ ...statement, sha256: 'a'.repeat(64) }).toThrow(/model\.onnx was signed as a/);
    await signed({ ...statement, manifest_sha256: 'a'.repeat(64) }).toThrow(/manifest\.json was signed as a/);
    await put(statement, signDocument(key, 'dataset', statement)).toThrow(/is not a signature of this key/);
    keys.create({ name: 'eve', owner: 'Ada', created_at: AT });
    const eve = keys.load('eve');
    await put(statement, signDocument(eve.key, 'model', statement)).toThrow(/is not a signature of this key/);
    const hers = { ...statement, public_key: eve.public_key };
    await put(hers, signDocument(eve.key, 'model', hers)).toThrow(/not trusted here/);
    await put({ ...statement, public_key: 'AAAA' }, 'AAAA').toThrow(/is not a signature of this key/);
    expect(public_key).toBe(statement.public_key);
  });

  it('never takes the name of a shipped one', async () => {
    const { name, version } = PIN;
    putModel(name, '9.0.0');
    putModel(name, version);
    const newest = await new ModelRepository().find(name);
    for (const reference of [name, `${name}@${version}`])
      expect((await findModel(reference, modelSources(env))).origin).toBe('shipped');
    expect((await findModel(name, modelSources(env))).model).toBe(`${name}@${newest.version}`);
    expect((await findModel(`${name}@9.0.0`, modelSources(env))).origin).toBe('own');
  });

  it('is found by its newest version, by number and not by letter', async () => {
    for (const version of ['10.0.0', '9.0.0', '10.0.0-rc.2', '10.0.0-rc.10']) putModel('eye', version);
    expect((await findModel('eye', modelSources(env))).model).toBe('eye@10.0.0');
    rmSync(join(own.folder, 'eye', '10.0.0'), { recursive: true });
    expect((await findModel('eye', modelSources(env))).model).toBe('eye@10.0.0-rc.10');
  });

  it('cannot be signed when it is not there, or its files do not belong together', async () => {
    const key = signerOf(keys.load('ada'));
    await expect(signModel(own, 'ear', key, AT)).rejects.toThrow(/model ear in .*one of: eye@2\.0\.0/);
    await expect(signModel(own, '../eye', key, AT)).rejects.toThrow(InputError);
    writeFileSync(join(place, 'model.onnx'), 'x');
    await expect(signModel(own, 'eye', key, AT)).rejects.toThrow(/its manifest says/);
  });

  it('is not named where there is none, and the folders that were looked in are', async () => {
    await expect(findModel('ear', modelSources(env))).rejects.toThrow(/known: .*not among your own in/);
  });
});

describe('a bare file', () => {
  it('runs with a note, by the manifest beside it where it is of this file, and not before a real robot', async () => {
    const file = join(place, 'model.onnx');
    const { manifest, note, model } = await findModel(file, modelSources(env));
    expect(manifest?.name).toBe('eye');
    expect(note).toContain(`${model} (model.onnx) is signed by nobody`);
    await expect(findModel(file, { unsigned: 'refuse' })).rejects.toThrow(/nobody vouches for it/);
    writeFileSync(join(place, 'other.onnx'), 'x');
    await expect(findModel(join(place, 'other.onnx'), {})).rejects.toThrow(/manifest\.json describes one with/);
  });
});

describe('the list of trusted keys', () => {
  it('is a file of its owner alone, and is refused when others can read it, or it was spoilt', () => {
    trust();
    expect(statSync(trusted.file).mode & 0o777).toBe(0o600);
    expect(trusted.list()).toEqual([{ fingerprint: keys.show('ada').fingerprint, owner: 'Ada', added_at: AT }]);
    chmodSync(trusted.file, 0o644);
    expect(() => trusted.list()).toThrow(/others can read it/);
    chmodSync(trusted.file, 0o600);
    writeFileSync(trusted.file, '{"schema":"surepick.trusted_models","version":1,"keys":[{"fingerprint":"x"}]}');
    expect(() => trusted.list()).toThrow(/trusted_models\.json at keys\.0\.fingerprint/);
    writeFileSync(trusted.file, '{');
    expect(() => trusted.list()).toThrow(/must be JSON/);
  });

  it('takes fingerprints only, each once, and gives up the one that is named without doubt', () => {
    expect(trust()).toBe(true);
    expect(trust()).toBe(false);
    expect(() => trusted.add({ fingerprint: 'a', owner: '', added_at: AT })).toThrow(/64 hex digits/);
    expect(() => trusted.remove('')).toThrow(/8 digits or more/);
    expect(() => trusted.remove('0123456789')).toThrow(/one of: /);
    trusted.remove(keys.show('ada').fingerprint);
    expect(trusted.list()).toEqual([]);
  });
});

function sameJson(a: Uint8Array, b: Uint8Array): boolean {
  try {
    return JSON.stringify(JSON.parse(a.toString())) === JSON.stringify(JSON.parse(b.toString()));
  } catch {
    return false;
  }
}
