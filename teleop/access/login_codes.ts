import type { Role } from './roles.ts';
import { base64url, indexOfDigest, type RandomBytes, sha256, type WallClock } from './secret_bytes.ts';

/** For whom a session is opened. */
export interface Grant {
  readonly user: string;
  readonly role: Role;
  /** Names the state of the user's entry; a session ends when it is another one. Empty for whoever needs no entry. */
  readonly serial: string;
}

/** Whoever has started the server, on the same machine. */
export const LOCAL_USER = 'local';
export const LOCAL_GRANT: Grant = { user: LOCAL_USER, role: 'supervisor', serial: '' };

/** Whether a grant is that of whoever started the server: no user's, which holds where users log in by name. */
export function isLocal({ user, role, serial }: Grant): boolean {
  return user === LOCAL_USER && role === LOCAL_GRANT.role && serial === LOCAL_GRANT.serial;
}

export interface LoginCodesOptions {
  readonly now: WallClock;
  readonly random: RandomBytes;
  /** Default ten minutes. */
  readonly lifetime_ms?: number;
  /** Codes that can wait to be used; the oldest is given up for a further one. Default 16. */
  readonly most?: number;
}

interface WaitingCode {
  readonly digest: Buffer;
  readonly grant: Grant;
  readonly expires_ms: number;
}

const CODE_BYTES = 20;
const CODE_FORM = /^[A-Za-z0-9_-]{27}$/;

/** Codes of 160 bits that open one session each. Only their digests are kept, in memory. */
export class LoginCodes {
  private readonly options: LoginCodesOptions;
  private readonly lifetime_ms: number;
  private readonly most: number;
  private waiting: WaitingCode[] = [];

  constructor(options: LoginCodesOptions) {
    this.options = options;
    this.lifetime_ms = options.lifetime_ms ?? 600_000;
    this.most = options.most ?? 16;
  }

  /** A new code. It goes into the fragment of a URL, which no browser sends, and nowhere else. */
  issue(grant: Grant): string {
    this.dropExpired();
    const code = base64url(this.options.random(CODE_BYTES));
    const expires_ms = this.options.now() + this.lifetime_ms;
    this.waiting = [...this.waiting, { digest: sha256(code), grant, expires_ms }].slice(-this.most);
    return code;
  }

  /** For whom a code is; null where it is none, was used or is too old. It is used up with this. */
  redeem(code: string): Grant | null {
    this.dropExpired();
    if (!CODE_FORM.test(code)) return null;
    const index = indexOfDigest(
      this.waiting.map(({ digest }) => digest),
      sha256(code),
    );
    if (index < 0) return null;
    return this.waiting.splice(index, 1)[0].grant;
  }

  /** Codes that wait. */
  get count(): number {
    this.dropExpired();
    return this.waiting.length;
  }

  private dropExpired(): void {
    const now_ms = this.options.now();
    this.waiting = this.waiting.filter(({ expires_ms }) => now_ms < expires_ms);
  }
}
