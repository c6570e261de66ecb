import type { Origins } from './origins.ts';

/** What is looked at of a request before anything else is. */
export interface RequestHead {
  readonly method: string;
  /** As it stands in the request line. */
  readonly url: string;
  /** Values by name in lower case, as node:http has them in `headersDistinct`. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
}

/** Why a request is not answered. The text goes to who asked; nothing of the request is in it. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 421 | 429;
  readonly reason:
    | 'request_target'
    | 'secret_in_url'
    | 'host'
    | 'origin_missing'
    | 'origin'
    | 'session'
    | 'permission'
    | 'rate';
  readonly text: string;
}

const READS: readonly string[] = ['GET', 'HEAD'];
/** Names under which somebody could try to hand a secret over in a URL; `t` is that of codes in the fragment. */
const SECRET_NAME =
  /^(?:t|.*token|.*secret|.*passw.*|passphrase|auth|authorization|(?:.*[_-])?code|session(?:[_-]?id)?|sid|.*api[_-]?key)$/i;
/** What codes and tokens look like, whatever they are called. */
const SECRET_VALUE = /^(?:[A-Za-z0-9_-]{27}|[A-Za-z0-9_-]{43})$/;
const LONGEST_URL = 2048;

/**
 * Whether a request comes from the pages of this server: Host and, unless it only reads, Origin are there once and exactly as
 * allowed, so that neither a name that was bound to this address nor another port's page gets an answer. Null where it may go on.
 */
export function checkRequest(head: RequestHead, allowed: Origins): Refusal | null {
  const { method, url, headers } = head;
  if (!url.startsWith('/') || url.length > LONGEST_URL) return TARGET;
  if (hasSecretInUrl(url)) return SECRET;
  if (!isOneOf(headers.host, allowed.hosts)) return HOST;
  const origin = headers.origin;
  const reads = READS.includes(method) && headers.upgrade === undefined;
  if (origin === undefined) return reads ? null : ORIGIN_MISSING;
  return isOneOf(origin, allowed.origins) ? null : ORIGIN;
}

/** Whether Origin is there once and allowed. */
export function checkOrigin(origin: string | undefined, allowed: Origins): boolean {
  return origin !== undefined && allowed.origins.has(origin);
}

/** Whether a URL carries what only a header or a message may. */
export function hasSecretInUrl(url: string): boolean {
  const query = url.indexOf('?');
  if (query < 0) return false;
  return url
    .slice(query + 1)
    .split(/[&;?]/)
    .some((parameter) => {
      const [name, ...values] = parameter.split('=').map(decoded);
      return SECRET_NAME.test(name) || SECRET_VALUE.test(values.join('='));
    });
}

/** The token of `authorization: Bearer TOKEN`; null where there is none, or more than one. */
export function bearerToken(values: readonly string[] | undefined): string | null {
  if (values?.length !== 1) return null;
  return /^Bearer ([A-Za-z0-9_-]{1,128})$/.exec(values[0])?.[1] ?? null;
}

function isOneOf(values: readonly string[] | undefined, allowed: ReadonlySet<string>): boolean {
  return values?.length === 1 && allowed.has(values[0].toLowerCase());
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' ')).trim();
  } catch {
    return text;
  }
}

const TARGET: Refusal = { status: 400, reason: 'request_target', text: 'the request must name a path of this server' };
const SECRET: Refusal = {
  ...{ status: 400, reason: 'secret_in_url' },
  text: 'codes and tokens never go into a query; open the printed URL as it is',
};
const HOST: Refusal = { status: 421, reason: 'host', text: 'this server is not reached under that name' };
const ORIGIN_MISSING: Refusal = {
  status: 403,
  reason: 'origin_missing',
  text: 'only pages of this server may ask for this',
};
const ORIGIN: Refusal = { status: 403, reason: 'origin', text: 'only pages of this server may ask for this' };
