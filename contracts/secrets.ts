/** What stands where a secret stood. */
export const REDACTED = '[secret]';

/** Shorter ones would strike words that are none. */
const SHORTEST = 6;

/** Every form in which a secret may be written, longest first, so that none is left by half. */
let forms: readonly string[] = [];

/** From now on this text, as it is and as JSON, URL, base64 and hex write it, is struck out by `withoutSecrets`. */
export function noteSecret(secret: string): void {
  if (secret.length < SHORTEST) return;
  const bytes = Buffer.from(secret, 'utf8');
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  const written = [
    ...[secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), bytes.toString('hex')],
    ...[base64, base64.replaceAll('+', '-').replaceAll('/', '_')],
  ];
  forms = [...new Set([...forms, ...written])].sort((a, b) => b.length - a.length);
}

/** A text without the secrets that were read in this process. */
export function withoutSecrets(text: string): string {
  let clean = text;
  for (const form of forms) if (clean.includes(form)) clean = clean.replaceAll(form, REDACTED);
  return clean;
}

/** Names of fields that are never logged, wherever they stand. */
export const SECRET_FIELDS = [
  'password',
  'passphrase',
  'secret',
  'token',
  'api_key',
  'apiKey',
  'authorization',
] as const;
