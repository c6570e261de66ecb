import { createPublicKey } from 'node:crypto';
import { InputError } from '../../contracts/index.ts';
import {
  type KeyState,
  type KeyStore,
  parsePublicKey,
  parseRevocation,
  publicKeyFile,
  publicKeyText,
  type SignedRevocation,
} from '../../safety/index.ts';

/** A key whose signatures count, until it was given up. */
export interface TrustedKey {
  readonly public_key: string;
  /** Empty where nobody said. */
  readonly owner: string;
  /** When another took its place; signatures from then on do not count. Null while it is in use. ISO 8601. */
  readonly retired_at: string | null;
  /** From when on it is given up; null while it is not. ISO 8601. */
  readonly revoked_since: string | null;
}

const OF_NOBODY = { owner: '', retired_at: null, revoked_since: null } as const;

/** Reads a public key: PEM, or what `surepick keys export-public` prints. Throws InputError. */
export function parseTrustedKey(text: string, where: string): TrustedKey {
  try {
    if (!text.trimStart().startsWith('{')) return { ...OF_NOBODY, public_key: publicKeyText(createPublicKey(text)) };
    const { owner, public_key } = publicKeyFile.parse(JSON.parse(text));
    parsePublicKey(public_key, where);
    return { ...OF_NOBODY, public_key, owner };
  } catch (cause) {
    throw new InputError(where, 'must be an ed25519 public key: PEM, or as surepick keys export-public prints it', {
      cause,
    });
  }
}

/** The keys of a user, those rotated away and given up among them. */
export function ownTrustedKeys(store: KeyStore): TrustedKey[] {
  const all = store.list();
  return all.map((key) => ({
    ...{ public_key: key.public_key, owner: key.owner, retired_at: retiredAt(key, all) },
    revoked_since: key.state === 'revoked' ? store.revocationOf(key.name).revocation.since : null,
  }));
}

/** When a key was rotated away: when the next one of its name was made. */
function retiredAt(key: KeyState, all: readonly KeyState[]): string | null {
  const name = nameBefore(key);
  if (name === key.name) return null;
  const later = all.filter((other) => nameBefore(other) === name && other.created_at > key.created_at);
  return later.map(({ created_at }) => created_at).sort()[0] ?? key.created_at;
}

/** What a key was called before it was rotated away. */
function nameBefore({ name, fingerprint }: KeyState): string {
  const ending = `-${fingerprint.slice(0, 12)}`;
  return name.endsWith(ending) ? name.slice(0, -ending.length) : name;
}

/** Marks keys that revocations give up. Throws InputError for one that its key has not signed. */
export function withRevocations(
  keys: readonly TrustedKey[],
  revocations: readonly { readonly json: unknown; readonly where: string }[],
): TrustedKey[] {
  const all = revocations.map(({ json, where }) => parseRevocation(json, where));
  return keys.map((key) => ({ ...key, revoked_since: earliest(key.revoked_since, all, key.public_key) }));
}

function earliest(known: string | null, all: readonly SignedRevocation[], public_key: string): string | null {
  const since = all
    .filter(({ revocation }) => revocation.public_key === public_key)
    .map(({ revocation }) => revocation.since);
  return [...since, ...(known === null ? [] : [known])].sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;
}
