import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { RandomBytes, WallClock } from '../secret_bytes.ts';
import { NAME_CONSTRAINTS, permittedNames } from './name_constraints.ts';

/** A certificate and its key, as PEM. */
export interface KeyedCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** Host names and addresses, lower case. */
  readonly names: readonly string[];
  readonly now: WallClock;
  readonly random: RandomBytes;
}

const DAY_MS = 86_400_000;
/** Browsers take no longer ones of a server. */
export const SERVER_DAYS = 397;
export const CA_DAYS = 3650;
/** Clocks of tablets may be late. */
const EARLIER_MS = 3_600_000;

const KEYS = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/** A certification authority that may sign for these names alone, and no further authority. */
export async function makeAuthority({ names, now, random }: CertificateOptions): Promise<KeyedCertificate> {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(KEYS, true, ['sign', 'verify']);
  const name = `CN=surepick local CA ${hex(random(4))}`;
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: serial(random), name, keys, signingAlgorithm: SIGNING },
    ...lifetime(now(), CA_DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.Extension(NAME_CONSTRAINTS, true, permittedNames(names)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pem(cert.toString('pem')), key: await keyText(keys.privateKey) };
}

/** A server's certificate for these names, signed by an authority. */
export async function makeServerCertificate(
  { names, now, random }: CertificateOptions,
  authority: KeyedCertificate,
): Promise<KeyedCertificate> {
  const x509 = await loadX509();
  const ca = new x509.X509Certificate(authority.cert);
  const keys = await webcrypto.subtle.generateKey(KEYS, true, ['sign', 'verify']);
  const signingKey = await webcrypto.subtle.importKey('pkcs8', derOf(authority.key), KEYS, false, ['sign']);
  const cert = await x509.X509CertificateGenerator.create({
    ...{ serialNumber: serial(random), subject: `CN=surepick teleop ${hex(random(4))}`, issuer: ca.subject },
    ...lifetime(now(), SERVER_DAYS),
    ...{ publicKey: keys.publicKey, signingKey, signingAlgorithm: SIGNING },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([SERVER_AUTH]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(ca),
    ],
  });
  return { cert: pem(cert.toString('pem')), key: await keyText(keys.privateKey) };
}

/** Loaded when asked for: only who makes certificates needs it. It finds its parts by Reflect's metadata. */
async function loadX509() {
  await import('reflect-metadata/lite');
  return import('@peculiar/x509');
}

function lifetime(now_ms: number, days: number) {
  const from_ms = now_ms - EARLIER_MS;
  return { notBefore: new Date(from_ms), notAfter: new Date(from_ms + days * DAY_MS) };
}

/** 127 random bits, positive. */
function serial(random: RandomBytes): string {
  const bytes = Uint8Array.from(random(16));
  bytes[0] = (bytes[0] & 0x3f) | 0x40;
  return hex(bytes);
}

async function keyText(key: webcrypto.CryptoKey): Promise<string> {
  const base64 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}

function derOf(key: string): Buffer {
  return Buffer.from(key.replace(/-----[^-]+-----|\s/g, ''), 'base64');
}

function pem(text: string): string {
  return `${text.trimEnd()}\n`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
