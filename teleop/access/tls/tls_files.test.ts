import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../../contracts/index.ts';
import { systemRandom, systemWallClock } from '../secret_bytes.ts';
import { CA_DAYS, makeAuthority, makeServerCertificate, SERVER_DAYS } from './certificates.ts';
import { initTls } from './tls_files.ts';

const DAY_MS = 86_400_000;
const options = { now: systemWallClock, random: systemRandom };
let folder = '';
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'tls ')), 'tls');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const init = (hosts: readonly string[] = ['cell-3.example.org'], force = false) =>
  initTls({ hosts, folder, force, ...options });
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

/** What a client says that trusts an authority and asks for a name; empty where it accepts the server. */
async function errorOf(server: { cert: string; key: string }, ca: string, servername: string, host = '127.0.0.1') {
  const listening = createServer(server, (socket) => socket.end()).listen(0, host);
  listening.on('tlsClientError', () => {});
  await new Promise((resolve) => listening.once('listening', resolve));
  const { port } = listening.address() as AddressInfo;
  const why = await new Promise<string>((resolve) => {
    const client = connect({ port, host, ca, ...(servername === '' ? {} : { servername }) }, () => resolve(''));
    client.on('error', (error: NodeJS.ErrnoException) => resolve(`${error.code}: ${error.message}`));
    client.on('close', () => client.destroy());
    client.resume();
  });
  await new Promise((resolve) => listening.close(resolve));
  return why;
}

describe('a local authority', () => {
  it('is what a client must trust to accept the server; another one of the same kind will not do', async () => {
    await init();
    const server = { cert: read('server.pem'), key: read('server.key') };
    const other = await makeAuthority({ names: ['cell-3.example.org'], ...options });
    for (const name of ['cell-3.example.org', 'localhost', ''])
      expect(await errorOf(server, read('ca.pem'), name), name).toBe('');
    expect(await errorOf(server, other.cert, 'localhost')).toMatch(/UNABLE_TO_(VERIFY|GET)/);
    expect(await errorOf(server, read('ca.pem'), 'evil.org')).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('can sign for no other name or address, were its key stolen', async () => {
    const authority = await makeAuthority({ names: ['cell-3.example.org'], ...options });
    const stolen = (names: string[]) => makeServerCertificate({ names, ...options }, authority);
    expect(await errorOf(await stolen(['cell-3.example.org']), authority.cert, 'cell-3.example.org')).toBe('');
    expect(await errorOf(await stolen(['bank.org']), authority.cert, 'bank.org')).toContain(
      'permitted subtree violation',
    );
    expect(await errorOf(await stolen(['127.0.0.1']), authority.cert, '')).toContain('permitted subtree violation');
  });

  it('is one, of path length 0, for ten years; the server’s certificate is none, for 397 days', async () => {
    await init();
    const [ca, server] = [new X509Certificate(read('ca.pem')), new X509Certificate(read('server.pem'))];
    const days = ({ validFrom, validTo }: X509Certificate) => (Date.parse(validTo) - Date.parse(validFrom)) / DAY_MS;
    expect([ca.ca, server.ca, days(ca), days(server)]).toEqual([true, false, CA_DAYS, SERVER_DAYS]);
    expect([ca.checkIssued(ca), server.checkIssued(ca), server.verify(ca.publicKey)]).toEqual([true, true, true]);
    expect(server.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    // BasicConstraints: critical, CA true, path length 0.
    expect(ca.raw.includes(Buffer.from('0603551d130101ff040830060101ff020100', 'hex'))).toBe(true);
    const names = 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:cell-3.example.org';
    expect(server.subjectAltName).toBe(names);
  });

  it('lies in files that nobody else reads', async () => {
    await init();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const modes = readdirSync(folder).map((file) => [file, statSync(join(folder, file)).mode & 0o777]);
    expect(modes).toEqual(['ca.key', 'ca.pem', 'server.key', 'server.pem'].map((file) => [file, 0o600]));
  });
});

describe('making it again', () => {
  it('replaces nothing unless told to', async () => {
    await init();
    const before = readdirSync(folder).map(read);
    await expect(init()).rejects.toThrow(/ca\.pem: is there already; --force/);
    expect(readdirSync(folder).map(read)).toEqual(before);
  });

  it('keeps an authority that is good for the names, so that no device must trust anew', async () => {
    const first = await init(['cell-3.example.org', '10.0.0.7']);
    const [ca, server] = [read('ca.pem'), read('server.pem')];
    const again = await init(['cell-3.example.org'], true);
    expect([again.same_ca, again.ca_fingerprint]).toEqual([true, first.ca_fingerprint]);
    expect([read('ca.pem') === ca, read('server.pem') === server]).toEqual([true, false]);
    expect(await errorOf({ cert: read('server.pem'), key: read('server.key') }, ca, 'cell-3.example.org')).toBe('');
  });

  it('makes another one for further names, or where files are damaged', async () => {
    const first = await init();
    const wider = await init(['other.example.org'], true);
    expect([wider.same_ca, wider.ca_fingerprint === first.ca_fingerprint]).toEqual([false, false]);
    const server = { cert: read('server.pem'), key: read('server.key') };
    expect(await errorOf(server, read('ca.pem'), 'other.example.org')).toBe('');
    writeFileSync(join(folder, 'ca.key'), 'damaged');
    expect((await init(['other.example.org'], true)).same_ca).toBe(false);
  });

  it('takes no name that is none', async () => {
    for (const host of ['*.example.org', 'a b', 'cell:80', ''])
      await expect(init([host]), host).rejects.toThrow(InputError);
  });
});
