import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decideListening, type ListeningOptions } from './listening.ts';
import { systemRandom, systemWallClock } from './secret_bytes.ts';
import { SERVER_DAYS } from './tls/certificates.ts';
import { initTls } from './tls/tls_files.ts';

let folder = '';
const files = { cert: '', key: '' };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'listening '));
  const hosts = ['cell-3.example.org', '10.0.0.7', '2001:db8::7'];
  const made = await initTls({
    hosts,
    folder: join(folder, 'tls'),
    force: false,
    now: systemWallClock,
    random: systemRandom,
  });
  Object.assign(files, { cert: made.cert, key: made.key });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const decide = (options: Partial<ListeningOptions>) =>
  decideListening({ host: 'localhost', port: 8080, users: 1, now: systemWallClock, ...options });

describe('how a server listens', () => {
  it('is plain, with a code, on this machine alone', () => {
    for (const host of ['localhost', '127.0.0.1', '::1', '[::1]', '127.0.0.9']) {
      const { served, tls, login } = decide({ host, users: 0 });
      expect([served.scheme, tls, login], host).toEqual(['http', null, 'code']);
      expect(served.names, host).toEqual(expect.arrayContaining(['localhost', host.replace(/[[\]]/g, '')]));
    }
  });

  it.each(['0.0.0.0', '::', '10.0.0.7', 'cell-3.example.org'])('is refused without TLS on %s', (host) => {
    expect(() => decide({ host })).toThrow(/without TLS: --cert FILE --key FILE; surepick teleop tls init --host/);
  });

  it('is refused without users elsewhere, and not here', () => {
    expect(() => decide({ host: '0.0.0.0', users: 0, ...files })).toThrow(/surepick teleop users add/);
    expect(decide({ users: 0, ...files }).served.scheme).toBe('https');
  });

  it('is by name and password under exactly the names of the certificate elsewhere', () => {
    for (const host of ['0.0.0.0', '10.0.0.7', 'cell-3.example.org', '2001:db8::7', '[2001:DB8:0::7]']) {
      const { served, tls, login } = decide({ host, ...files });
      const names = ['localhost', '127.0.0.1', '::1', 'cell-3.example.org', '10.0.0.7', '2001:db8::7'];
      expect([served, login, tls?.minVersion], host).toEqual([
        { scheme: 'https', port: 8080, names },
        'users',
        'TLSv1.2',
      ]);
    }
    expect(() => decide({ host: '10.0.0.8', ...files })).toThrow(/is for localhost, .*; make one with it/);
  });

  it('is refused for files that do not fit, are no certificate, have expired or can be read by others', async () => {
    const other = await initTls({
      ...{ hosts: [], folder: join(folder, 'other'), force: false, now: systemWallClock, random: systemRandom },
    });
    expect(() => decide({ cert: files.cert, key: other.key })).toThrow(/must be the key of --cert/);
    expect(() => decide({ cert: files.cert })).toThrow(/--cert without --key/);
    expect(() => decide({ key: files.key })).toThrow(/--key without --cert/);
    expect(() => decide({ cert: files.key, key: files.key })).toThrow(/certificate in PEM/);
    expect(() => decide({ cert: join(folder, 'none'), key: files.key })).toThrow(/can be read/);
    const late = () => systemWallClock() + (SERVER_DAYS + 1) * 86_400_000;
    expect(() => decide({ ...files, now: late })).toThrow(/has expired/);
    const broken = join(folder, 'broken.key');
    writeFileSync(broken, 'no key', { mode: 0o600 });
    expect(() => decide({ cert: files.cert, key: broken })).toThrow(/private key in PEM/);
    chmodSync(other.key, 0o644);
    expect(() => decide({ cert: other.cert, key: other.key })).toThrow(/chmod 600/);
  });
});
