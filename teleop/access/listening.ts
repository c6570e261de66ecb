import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InputError } from '../../contracts/index.ts';
import { readPrivateFile } from '../../safety/index.ts';
import { bareName, EVERYWHERE, isLoopback, LOOPBACK_NAMES, type ServedAs } from './origins.ts';
import type { WallClock } from './secret_bytes.ts';

export interface ListeningOptions {
  readonly host: string;
  readonly port: number;
  /** Files of `--cert` and `--key`. */
  readonly cert?: string;
  readonly key?: string;
  /** How many named users there are. */
  readonly users: number;
  readonly now: WallClock;
}

/** How a server listens. */
export interface Listening {
  readonly served: ServedAs;
  readonly tls: { readonly cert: string; readonly key: string; readonly minVersion: 'TLSv1.2' } | null;
  /** `code`: whoever starts the server is handed a code. `users`: everybody logs in by name and password. */
  readonly login: 'code' | 'users';
}

/**
 * Decides how a server may listen. On this machine alone it is plain; anywhere else there must be TLS and named users. Throws
 * InputError with the remedy.
 */
export function decideListening(options: ListeningOptions): Listening {
  const { host, port, users } = options;
  const loopback = isLoopback(host);
  const tls = tlsOf(options);
  if (!loopback && tls === null)
    throw new InputError(
      `--host ${host} without TLS`,
      `--cert FILE --key FILE; surepick teleop tls init --host ${EVERYWHERE.includes(bareName(host)) ? 'NAME' : host} makes them`,
    );
  if (!loopback && users === 0)
    throw new InputError(`--host ${host} without users`, 'surepick teleop users add NAME --role supervisor');
  const login = loopback ? 'code' : 'users';
  if (tls === null) return { served: { scheme: 'http', port, names: namesWith(host, LOOPBACK_NAMES) }, tls, login };
  const { names, ...files } = tls;
  if (!EVERYWHERE.includes(bareName(host)) && !loopback && !names.includes(bare(host)))
    throw new InputError(`--host ${host}`, `the certificate of --cert is for ${names.join(', ')}; make one with it`);
  const reached = loopback
    ? namesWith(host, [...LOOPBACK_NAMES.filter((name) => names.includes(name)), ...names])
    : names;
  return {
    served: { scheme: 'https', port, names: [...new Set(reached)] },
    tls: { ...files, minVersion: 'TLSv1.2' },
    login,
  };
}

function tlsOf({ cert, key, now }: ListeningOptions) {
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined)
    throw new InputError(cert === undefined ? '--key without --cert' : '--cert without --key', 'give both files');
  const chain = readText(cert);
  const certificate = parsed(() => new X509Certificate(chain), `--cert ${cert}`, 'must be a certificate in PEM');
  const secret = readPrivateFile(key);
  const own = parsed(() => createPrivateKey(secret), `--key ${key}`, 'must be an unlocked private key in PEM');
  if (!certificate.checkPrivateKey(own)) throw new InputError(`--key ${key}`, `must be the key of --cert ${cert}`);
  if (now() >= Date.parse(certificate.validTo))
    throw new InputError(`--cert ${cert}`, `has expired on ${certificate.validTo}; surepick teleop tls init --force`);
  const names = subjectNames(certificate);
  if (names.length === 0) throw new InputError(`--cert ${cert}`, 'must name the hosts it is for (subjectAltName)');
  return { cert: chain, key: secret, names };
}

/** Hosts that a certificate is for; patterns are left out: an exact list is what guards against foreign names. */
export function subjectNames({ subjectAltName = '' }: X509Certificate): string[] {
  return subjectAltName
    .split(', ')
    .flatMap((entry) => /^(?:DNS|IP Address):([^*"]+)$/.exec(entry)?.[1] ?? [])
    .map((name) => shortIPv6(name.toLowerCase()));
}

function shortIPv6(name: string): string {
  return name.includes(':') ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name;
}

function namesWith(host: string, names: readonly string[]): readonly string[] {
  return names.includes(bare(host)) ? names : [...names, bare(host)];
}

function bare(host: string): string {
  return shortIPv6(bareName(host));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InputError(`--cert ${file}`, 'must be a file that can be read', { cause });
  }
}

function parsed<T>(parse: () => T, where: string, allowed: string): T {
  try {
    return parse();
  } catch (cause) {
    throw new InputError(where, allowed, { cause });
  }
}
