import { indexOfDigest, sha256 } from '../access/secret_bytes.ts';

/** Subprotocol by which a program hands the token over: headers are not logged as URLs are. */
export const TOKEN_SUBPROTOCOL = 'surepick.token.';

/**
 * Pages that may connect without the token, since Foxglove can open nothing but a URL: its web app, and its desktop app, which
 * is a file.
 */
export const FOXGLOVE_ORIGINS: readonly string[] = ['https://app.foxglove.dev', 'file://'];

/** What is known of who wants to connect. */
export interface Candidate {
  readonly host: readonly string[] | undefined;
  readonly origin: readonly string[] | undefined;
  readonly url: string;
  readonly subprotocols: readonly string[];
  /** Whether the peer is a process of this server's user; null where the system does not tell. */
  readonly own_user: boolean | null;
}

export interface AdmissionRules {
  /** Exact values of Host. */
  readonly hosts: ReadonlySet<string>;
  readonly token_sha256: Uint8Array;
  readonly origins?: readonly string[];
}

export type Admission = { readonly admitted: true } | { readonly admitted: false; readonly reason: string };

/**
 * Who may read the robot's topics: whoever shows the token, from no page or one of Foxglove's; and Foxglove itself, known by
 * its Origin, run by the user who runs this server.
 */
export function admit(candidate: Candidate, rules: AdmissionRules): Admission {
  const { host, origin, url, subprotocols, own_user } = candidate;
  const { hosts, token_sha256, origins = FOXGLOVE_ORIGINS } = rules;
  if (url !== '/') return refused('path');
  if (host?.length !== 1 || !hosts.has(host[0].toLowerCase())) return refused('host');
  if (origin !== undefined && (origin.length !== 1 || !origins.includes(origin[0]))) return refused('origin');
  const tokens = subprotocols.filter((name) => name.startsWith(TOKEN_SUBPROTOCOL));
  if (tokens.length > 0) {
    const shown = sha256(tokens[0].slice(TOKEN_SUBPROTOCOL.length));
    return tokens.length === 1 && indexOfDigest([token_sha256], shown) === 0 ? { admitted: true } : refused('token');
  }
  if (origin === undefined) return refused('token');
  return own_user === false ? refused('user') : { admitted: true };
}

function refused(reason: string): Admission {
  return { admitted: false, reason };
}
