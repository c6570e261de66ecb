import { keyFolder } from './key_folder.ts';
import { KeyStore } from './key_store.ts';
import { fingerprintOf, verifyDocument } from './signature.ts';
import { TrustedModelKeys } from './trusted_model_keys.ts';

/** A statement about a model with its signature; the statement names the key. */
interface SignedByKey {
  readonly statement: { readonly public_key: string };
  readonly signature: string;
}

/** `unknown`: signed by a key that is on no list; `invalid`: not signed by the key that is named. */
interface Judgement {
  readonly state: 'trusted' | 'unknown' | 'revoked' | 'invalid';
  /** Empty where there is no key. */
  readonly fingerprint: string;
}

/** Judges signed models by the user's list of trusted keys; a key that this user has revoked counts no longer. */
export class ModelKeyTrust {
  private readonly trusted: TrustedModelKeys;
  private readonly own: KeyStore;

  /** @param env  as for `keyFolder` */
  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.trusted = new TrustedModelKeys(env);
    this.own = new KeyStore(keyFolder(env));
  }

  judge({ statement, signature }: SignedByKey): Judgement {
    const { public_key } = statement;
    // A signature that holds has a key that can be read.
    if (!verifyDocument(public_key, 'model', statement, signature)) return { state: 'invalid', fingerprint: '' };
    const fingerprint = fingerprintOf(public_key);
    const revoked = this.own.list().some((key) => key.fingerprint === fingerprint && key.state === 'revoked');
    if (revoked) return { state: 'revoked', fingerprint };
    const known = this.trusted.list().some((key) => key.fingerprint === fingerprint);
    return { state: known ? 'trusted' : 'unknown', fingerprint };
  }
}
