import { describe, expect, it } from 'vitest';
import { sha256 } from '../access/secret_bytes.ts';
import { admit, type Candidate, TOKEN_SUBPROTOCOL } from './admission.ts';

const TOKEN = 'abcdefghijklmnopqrstuvwxyz0123456789_-ABCDE';
const rules = { hosts: new Set(['localhost:8765']), token_sha256: sha256(TOKEN) };
const shown = `${TOKEN_SUBPROTOCOL}${TOKEN}`;
const reasonOf = (changes: Partial<Candidate>) => {
  const app = { host: ['localhost:8765'], origin: ['https://app.foxglove.dev'], url: '/', own_user: true };
  const admission = admit({ ...app, subprotocols: ['foxglove.sdk.v1'], ...changes }, rules);
  return admission.admitted ? '' : admission.reason;
};

describe('who may read topics for Foxglove', () => {
  it('is Foxglove on the web and on the desktop, run by the user of the server', () => {
    expect([reasonOf({}), reasonOf({ origin: ['file://'] })]).toEqual(['', '']);
    expect(reasonOf({ own_user: null })).toBe('');
    expect(reasonOf({ own_user: false })).toBe('user');
  });

  it('is a program of any user that shows the token', () => {
    const program = { origin: undefined, subprotocols: ['foxglove.sdk.v1', shown], own_user: false };
    expect(reasonOf(program)).toBe('');
    expect(reasonOf({ ...program, subprotocols: ['foxglove.sdk.v1'] })).toBe('token');
    for (const token of ['', TOKEN.slice(1), `${TOKEN}a`, TOKEN.toLowerCase()])
      expect(reasonOf({ ...program, subprotocols: [`${TOKEN_SUBPROTOCOL}${token}`] }), token).toBe('token');
    expect(reasonOf({ ...program, subprotocols: [shown, shown] })).toBe('token');
  });

  it('is no other page, not even with the token', () => {
    for (const origin of [
      'https://evil.org',
      'null',
      'http://localhost:8765',
      'https://app.foxglove.dev.evil.org',
      'file:///',
    ])
      for (const subprotocols of [['foxglove.sdk.v1'], ['foxglove.sdk.v1', shown]])
        expect(reasonOf({ origin: [origin], subprotocols }), origin).toBe('origin');
  });

  it('is nobody by another name or path, where a token might stand', () => {
    expect(reasonOf({ host: ['evil.org:8765'] })).toBe('host');
    expect(reasonOf({ host: ['localhost:8765', 'localhost:8765'] })).toBe('host');
    expect(reasonOf({ host: undefined })).toBe('host');
    expect(reasonOf({ url: `/?token=${TOKEN}` })).toBe('path');
  });
});
