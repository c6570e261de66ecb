import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { keyFolder } from './key_folder.ts';
import { KeyStore } from './key_store.ts';
import { parseRevocation } from './revocation.ts';
import { signDocument, verifyDocument } from './signature.ts';

const AT = '2026-01-02T03:04:05.000Z';
const ADA = { name: 'ada', owner: 'Ada', created_at: AT };
const mode = (path: string) => statSync(path).mode & 0o777;

let folder = '';
let store = new KeyStore('');
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'keys ')), 'surepick', 'keys');
  store = new KeyStore(folder);
});
afterEach(() => rmSync(join(folder, '..', '..'), { recursive: true, force: true }));

describe('a folder of keys', () => {
  it('is in the configuration of the user', () => {
    expect(keyFolder({ XDG_CONFIG_HOME: '/etc/own' }, '/home/ada')).toBe('/etc/own/surepick/keys');
    for (const XDG_CONFIG_HOME of [undefined, '', 'relative'])
      expect(keyFolder({ XDG_CONFIG_HOME }, '/home/ada')).toBe('/home/ada/.config/surepick/keys');
  });

  // A thread cannot change the umask.
  it.runIf(isMainThread)('makes keys that sign, in files that nobody else reads, whatever the umask', () => {
    const before = process.umask(0);
    try {
      store.create(ADA);
    } finally {
      process.umask(before);
    }
    expect(mode(join(folder, 'ada.key.json'))).toBe(0o600);
    expect(mode(folder)).toBe(0o700);
    const { key, public_key, owner } = store.load('ada');
    const signature = signDocument(key, 'approval', { a: 1 });
    expect(owner).toBe('Ada');
    expect(verifyDocument(public_key, 'approval', { a: 1 }, signature)).toBe(true);
    expect(store.list()).toMatchObject([{ name: 'ada', state: 'active', passphrase: false, created_at: AT }]);
  });

  it('gives others only the public half', () => {
    store.create(ADA);
    const { private_key } = JSON.parse(readFileSync(join(folder, 'ada.key.json'), 'utf8'));
    const text = JSON.stringify([store.exportPublic('ada'), store.list(), store.show('ada')]);
    expect(text).toContain(store.load('ada').public_key);
    expect(text).not.toContain(private_key);
  });

  it('never writes over a key', () => {
    const { public_key } = store.create(ADA);
    expect(() => store.create({ ...ADA, owner: 'Eve' })).toThrow('is there already');
    expect(store.load('ada')).toMatchObject({ owner: 'Ada', public_key });
  });

  it.each([0o640, 0o604, 0o660, 0o644, 0o777])('refuses a key file of mode %o', (loose) => {
    store.create(ADA);
    chmodSync(join(folder, 'ada.key.json'), loose);
    expect(() => store.load('ada')).toThrow('others can read it');
    expect(() => store.show('ada')).toThrow(InputError);
  });

  it('refuses a folder that others can write to', () => {
    store.create(ADA);
    chmodSync(folder, 0o770);
    expect(() => store.load('ada')).toThrow('must be yours alone');
    expect(() => store.create({ ...ADA, name: 'b' })).toThrow('must be yours alone');
  });

  it('follows no link', () => {
    store.create(ADA);
    symlinkSync(join(folder, 'ada.key.json'), join(folder, 'eve.key.json'));
    expect(() => store.load('eve')).toThrow('no link');
  });

  it.each(['', '..', '../ada', 'a/b', 'Ada', '.ada', 'a'.repeat(65), 'a.b'])('has no key of name %j', (name) => {
    expect(() => store.create({ ...ADA, name })).toThrow(InputError);
    expect(() => store.load(name)).toThrow(InputError);
  });

  it('notices halves that do not belong together, and what is no key', () => {
    store.create(ADA);
    store.create({ ...ADA, name: 'eve' });
    const path = join(folder, 'ada.key.json');
    const file = JSON.parse(readFileSync(path, 'utf8'));
    const { public_key } = store.show('eve');
    for (const change of [{ public_key }, { private_key: 'AAAA' }, { owner: '' }, { more: 1 }]) {
      writeFileSync(path, JSON.stringify({ ...file, ...change }));
      expect(() => store.load('ada'), JSON.stringify(change)).toThrow(InputError);
    }
    writeFileSync(path, '{');
    expect(() => store.load('ada')).toThrow('must be JSON');
  });
});

describe('a passphrase', () => {
  it('locks the key, and nothing of it is readable without', () => {
    const { public_key } = store.create({ ...ADA, passphrase: 'correct horse' });
    expect(store.load('ada', 'correct horse').public_key).toBe(public_key);
    expect(() => store.load('ada')).toThrow('wants its passphrase');
    expect(() => store.load('ada', 'correct hors')).toThrow('its own passphrase');
    expect(store.show('ada').passphrase).toBe(true);
    // The PKCS #8 head of every ed25519 key.
    expect(readFileSync(join(folder, 'ada.key.json'), 'utf8')).not.toContain('MC4CAQAwBQYDK2Vw');
  });

  it('is not the same twice', () => {
    const texts = ['a', 'b'].map((name) => {
      store.create({ ...ADA, name, passphrase: 'same' });
      return JSON.parse(readFileSync(join(folder, `${name}.key.json`), 'utf8')).protection.salt;
    });
    expect(texts[0]).not.toBe(texts[1]);
  });
});

describe('rotation and revocation', () => {
  it('puts a new key of the same owner in the place of the old one, which is kept', () => {
    const { public_key } = store.create(ADA);
    const { now, before } = store.rotate('ada', AT);
    expect(now).toMatchObject({ name: 'ada', owner: 'Ada', state: 'active' });
    expect(now.public_key).not.toBe(public_key);
    expect(before).toMatchObject({ public_key, state: 'retired' });
    expect(store.list()).toHaveLength(2);
    expect(() => store.rotate(before.name, AT)).toThrow('retired');
  });

  it('gives a key up for good, signed by itself', () => {
    store.create(ADA);
    const signed = store.revoke('ada', AT, 'lost with a laptop');
    expect(parseRevocation(JSON.parse(JSON.stringify(signed)))).toEqual(signed);
    expect(store.show('ada').state).toBe('revoked');
    expect(() => store.load('ada')).toThrow('is revoked');
    expect(() => store.rotate('ada', AT)).toThrow('is revoked');
  });

  it('of a key that was rotated away too', () => {
    store.create(ADA);
    const { before } = store.rotate('ada', AT);
    store.revoke(before.name, AT, 'stolen');
    expect(store.list().map(({ state }) => state)).toEqual(['active', 'revoked']);
    store.load('ada');
  });

  it('cannot be forged for the key of somebody else', () => {
    store.create(ADA);
    store.create({ ...ADA, name: 'eve', owner: 'Eve' });
    const signed = store.revoke('eve', AT, 'x');
    const { public_key } = store.show('ada');
    const forged = { ...signed, revocation: { ...signed.revocation, public_key } };
    expect(() => parseRevocation(forged)).toThrow('signed by the key that it revokes');
    const later = { ...signed, revocation: { ...signed.revocation, since: '2030-01-01T00:00:00Z' } };
    expect(() => parseRevocation(later)).toThrow(InputError);
  });
});

describe('a copy of a key', () => {
  it('is locked by its own passphrase, and signs as the key when it was put back', () => {
    const { public_key } = store.create(ADA);
    const copy = JSON.parse(JSON.stringify(store.exportLocked('ada', 'copy')));
    expect(JSON.stringify(copy)).not.toContain('MC4CAQAwBQYDK2Vw');
    const other = new KeyStore(join(folder, 'other'));
    expect(() => other.restore(copy, 'copy', 'wrong')).toThrow('its own passphrase');
    expect(() => other.restore(copy, 'copy', '')).toThrow('wants its passphrase');
    expect(other.restore(copy, 'copy', 'copy')).toMatchObject({ name: 'ada', public_key, passphrase: true });
    expect(other.load('ada', 'copy').public_key).toBe(public_key);
    expect(mode(join(folder, 'other', 'ada.key.json'))).toBe(0o600);
    expect(() => other.restore(copy, 'copy', 'copy')).toThrow('is there already');
  });

  it('of a locked key needs both passphrases, and never leaves unlocked', () => {
    store.create({ ...ADA, passphrase: 'own' });
    expect(() => store.exportLocked('ada', 'copy')).toThrow('wants its passphrase');
    expect(() => store.exportLocked('ada', '', 'own')).toThrow('wants a passphrase');
    store.exportLocked('ada', 'copy', 'own');
  });

  it('of a revoked key says so, and an active one has no revocation', () => {
    store.create(ADA);
    expect(() => store.revocationOf('ada')).toThrow('is not revoked');
    const signed = store.revoke('ada', AT, 'lost');
    expect(store.revocationOf('ada')).toEqual(signed);
  });
});
