import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../../contracts/index.ts';
import { preparePrivateFolder, readPrivateFile } from '../../../safety/index.ts';
import { subjectNames } from '../listening.ts';
import { LOOPBACK_NAMES, originsOf } from '../origins.ts';
import { replacePrivateFile } from '../private_json.ts';
import type { RandomBytes, WallClock } from '../secret_bytes.ts';
import { type KeyedCertificate, makeAuthority, makeServerCertificate, SERVER_DAYS } from './certificates.ts';

export interface TlsInitOptions {
  /** Names and addresses by which others reach this machine; default its host name, alone and with `.local`. */
  readonly hosts: readonly string[];
  readonly folder: string;
  /** Replace what is there. */
  readonly force: boolean;
  readonly now: WallClock;
  readonly random: RandomBytes;
}

export interface TlsInit {
  readonly names: readonly string[];
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the authority's certificate, to be compared where it is trusted. */
  readonly ca_fingerprint: string;
  /** Devices that trusted the authority before still do. */
  readonly same_ca: boolean;
  /** ISO 8601. */
  readonly expires_at: string;
}

const FILES = { ca: 'ca.pem', ca_key: 'ca.key', cert: 'server.pem', key: 'server.key' } as const;
const DAY_MS = 86_400_000;

/**
 * Makes a local authority and a server's certificate as files of mode 0600 in a private folder. With `force` over an authority
 * that is still good for these names, only the server's certificate is made anew. Throws InputError where files are there.
 */
export async function initTls(options: TlsInitOptions): Promise<TlsInit> {
  const { folder, force } = options;
  const names = namesOf(options.hosts);
  const path = (file: keyof typeof FILES) => join(folder, FILES[file]);
  const there = (['ca', 'ca_key', 'cert', 'key'] as const).map(path).find((file) => existsSync(file));
  if (there !== undefined && !force)
    throw new InputError(there, 'is there already; --force replaces it, or choose --out DIR');
  preparePrivateFolder(folder);
  const before = there === undefined ? null : authorityFor(names, options);
  const authority = before ?? (await makeAuthority({ ...options, names }));
  const server = await makeServerCertificate({ ...options, names }, authority);
  const texts = { ca: authority.cert, ca_key: authority.key, cert: server.cert, key: server.key };
  for (const file of ['ca', 'ca_key', 'cert', 'key'] as const) replacePrivateFile(path(file), texts[file]);
  const expires_at = new Date(new X509Certificate(server.cert).validTo).toISOString();
  const ca_fingerprint = new X509Certificate(authority.cert).fingerprint256;
  return {
    names,
    ca: path('ca'),
    cert: path('cert'),
    key: path('key'),
    ca_fingerprint,
    same_ca: before !== null,
    expires_at,
  };
}

/** Loopback, and what was asked for or what the machine is called; each once. Throws InputError for what is no host. */
function namesOf(hosts: readonly string[]): readonly string[] {
  const own = hostname().toLowerCase();
  const asked =
    hosts.length > 0 ? hosts : [own, `${own.split('.')[0]}.local`].filter((name) => /^[a-z0-9.-]+$/.test(name));
  const names = [
    ...new Set([...LOOPBACK_NAMES, ...asked.map((name) => name.toLowerCase().replace(/^\[(.*)\]$/, '$1'))]),
  ];
  originsOf({ scheme: 'https', port: 443, names });
  return names;
}

/** The authority that is there, where it can sign for these names as long as a server's certificate is good; else null. */
function authorityFor(names: readonly string[], { folder, now }: TlsInitOptions): KeyedCertificate | null {
  try {
    const cert = readFileSync(join(folder, FILES.ca), 'utf8');
    const key = readPrivateFile(join(folder, FILES.ca_key));
    const [ca, server] = [
      new X509Certificate(cert),
      new X509Certificate(readFileSync(join(folder, FILES.cert), 'utf8')),
    ];
    // The authority is limited to the names of the server's certificate that was made with it.
    const signed = server.verify(ca.publicKey) ? subjectNames(server) : [];
    const lasts = Date.parse(ca.validTo) > now() + SERVER_DAYS * DAY_MS;
    const own = ca.checkPrivateKey(createPrivateKey(key));
    return own && lasts && names.every((name) => signed.includes(name)) ? { cert, key } : null;
  } catch {
    return null;
  }
}
