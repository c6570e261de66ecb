import { createHash, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import {
  documentHash,
  fingerprintOf,
  parsePublicKey,
  publicKeyText,
  signDocument,
  verifyDocument,
} from './signature.ts';

const { privateKey: key } = generateKeyPairSync('ed25519');
const own = publicKeyText(key);
const DOCUMENT = { what: 'envelope', from: 1, nonce: 'a' };

describe('a signature', () => {
  it('holds for its document, whatever the order of its fields', () => {
    const signature = signDocument(key, 'approval', DOCUMENT);
    expect(verifyDocument(own, 'approval', { nonce: 'a', from: 1, what: 'envelope' }, signature)).toBe(true);
  });

  it('holds for nothing else: another purpose, key, field or value', () => {
    const signature = signDocument(key, 'approval', DOCUMENT);
    const other = publicKeyText(generateKeyPairSync('ed25519').privateKey);
    expect(verifyDocument(own, 'revocation', DOCUMENT, signature)).toBe(false);
    expect(verifyDocument(other, 'approval', DOCUMENT, signature)).toBe(false);
    expect(verifyDocument(own, 'approval', { ...DOCUMENT, to: 1 }, signature)).toBe(false);
    expect(verifyDocument(own, 'approval', { ...DOCUMENT, from: 1.0000000000000002 }, signature)).toBe(false);
  });

  it('falls with every single bit', () => {
    const bytes = Buffer.from(signDocument(key, 'approval', DOCUMENT), 'base64');
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] ^= 1 << (bit & 7);
      expect(verifyDocument(own, 'approval', DOCUMENT, changed.toString('base64')), `bit ${bit}`).toBe(false);
    }
  });

  it('is never made of rubbish', () => {
    const rng = createRng(7, 'rubbish');
    const good = signDocument(key, 'approval', DOCUMENT);
    const texts = ['', 'AAAA', `${good} `, `${good}\n`, good.slice(4), good + good, good.replaceAll('=', ''), '\u0000'];
    for (let i = 0; i < 200; i++) {
      const bytes = Buffer.from(Array.from({ length: 64 }, () => rng.int(256)));
      texts.push(bytes.toString('base64'));
    }
    expect(texts.filter((text) => verifyDocument(own, 'approval', DOCUMENT, text))).toEqual([]);
    expect(verifyDocument('no key', 'approval', DOCUMENT, good)).toBe(false);
  });

  it('is the ed25519 signature that Node makes of the named bytes', () => {
    const bytes = Buffer.from('surepick revocation 1\n{"from":1,"nonce":"a","what":"envelope"}');
    expect(signDocument(key, 'revocation', DOCUMENT)).toBe(sign(null, bytes, key).toString('base64'));
  });
});

describe('a public key', () => {
  it('is 32 bytes of text, and the same again when read', () => {
    expect(Buffer.from(own, 'base64')).toHaveLength(32);
    expect(publicKeyText(parsePublicKey(own))).toBe(own);
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(own, 'base64')]);
    expect(fingerprintOf(own)).toBe(createHash('sha256').update(spki).digest('hex'));
  });

  it('agrees with RFC 8032, test 1', () => {
    const seed =
      '302e020100300506032b657004220420' + '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
    const text = publicKeyText(createPrivateKey({ key: Buffer.from(seed, 'hex'), type: 'pkcs8', format: 'der' }));
    expect(Buffer.from(text, 'base64').toString('hex')).toBe(
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    );
  });

  it.each(['', 'AAAA', `${own}AAAA`, own.replaceAll('=', ''), ` ${own}`])('is not %j', (text) => {
    expect(() => parsePublicKey(text)).toThrow(InputError);
  });

  it('is of no other kind', () => {
    expect(() => publicKeyText(generateKeyPairSync('x25519').privateKey)).toThrow(InputError);
  });
});

describe('a hash of a document', () => {
  it('is that of its canonical text', () => {
    const text = '{"a":[1,2],"b":"ä"}';
    expect(documentHash({ b: 'ä', a: [1, 2] })).toBe(createHash('sha256').update(text).digest('hex'));
  });
});
