import { z } from 'zod';
import type { Grant } from './login_codes.ts';
import { ROLES } from './roles.ts';
import { base64url, indexOfDigest, type RandomBytes, sha256, type WallClock } from './secret_bytes.ts';

/** One page that is logged in. */
export const sessionSchema = z.strictObject({
  /** Names it in logs, leases and lists; opens nothing. */
  id: z.string().regex(/^s-[A-Za-z0-9_-]{12}$/),
  user: z.string().min(1).max(64),
  role: z.enum(ROLES),
  serial: z.string().max(64),
  /** Of its token; the token itself is the page's alone. */
  token_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  created_ms: z.number().int().nonnegative(),
  seen_ms: z.number().int().nonnegative(),
});
export type StoredSession = Readonly<z.infer<typeof sessionSchema>>;
export type Session = Omit<StoredSession, 'token_sha256'>;

/** Keeps sessions over a restart of the server. */
export interface SessionStore {
  load(): readonly StoredSession[];
  /** Returns at once; what is given last is what is kept. */
  save(sessions: readonly StoredSession[]): void;
  /** Resolves once what was given last is kept. */
  settled(): Promise<void>;
}

export interface SessionLimits {
  /** Without a request or message. */
  readonly idle_ms: number;
  /** Since it was opened, whatever comes. */
  readonly absolute_ms: number;
  readonly most: number;
  /** A session that was seen within this time is never given up for another one. */
  readonly busy_ms: number;
  /** When a session was last seen is written this often. */
  readonly save_ms: number;
}

const HOUR_MS = 3_600_000;
export const SESSION_LIMITS: SessionLimits = {
  idle_ms: 2 * HOUR_MS,
  absolute_ms: 24 * HOUR_MS,
  most: 32,
  busy_ms: 60_000,
  save_ms: 60_000,
};

export type SessionEnd = 'expired' | 'revoked' | 'user_changed' | 'replaced';

export interface SessionsOptions {
  readonly now: WallClock;
  readonly random: RandomBytes;
  readonly store?: SessionStore;
  readonly limits?: Partial<SessionLimits>;
  /** Whether a user is still who it was when its session was opened. Default always. */
  readonly isCurrent?: (grant: Grant) => boolean;
  /** Its sockets are to be closed. */
  readonly onEnd?: (session: Session, why: SessionEnd) => void;
}

const TOKEN_BYTES = 32;
const TOKEN_FORM = /^[A-Za-z0-9_-]{43}$/;
const ID_BYTES = 9;

/** Who is logged in. Tokens of 256 bits, of which only digests are kept. */
export class Sessions {
  private readonly options: SessionsOptions;
  private readonly limits: SessionLimits;
  private sessions: StoredSession[];
  private saved_ms: number;

  constructor(options: SessionsOptions) {
    this.options = options;
    this.limits = { ...SESSION_LIMITS, ...options.limits };
    this.sessions = [...(options.store?.load() ?? [])];
    this.saved_ms = options.now();
    this.sweep();
  }

  /** Opens one; null where as many as there may be are in use. The token is told this once. */
  open({ user, role, serial }: Grant): { readonly session: Session; readonly token: string } | null {
    this.sweep();
    if (!this.makeRoom()) return null;
    const { now, random } = this.options;
    const token = base64url(random(TOKEN_BYTES));
    const now_ms = now();
    const id = `s-${base64url(random(ID_BYTES))}`;
    const times = { created_ms: now_ms, seen_ms: now_ms };
    const stored = { id, user, role, serial, token_sha256: sha256(token).toString('hex'), ...times };
    this.sessions.push(stored);
    this.save();
    return { session: withoutToken(stored), token };
  }

  /** Whose a token is, seen now; null for no token, or one of a session that has ended. */
  authenticate(token: unknown): Session | null {
    if (typeof token !== 'string' || !TOKEN_FORM.test(token)) return null;
    const digests = this.sessions.map(({ token_sha256 }) => Buffer.from(token_sha256, 'hex'));
    const index = indexOfDigest(digests, sha256(token));
    return index < 0 ? null : this.see(this.sessions[index].id);
  }

  /** The session of this id, seen now; null where it has ended. */
  see(id: string): Session | null {
    const index = this.sessions.findIndex((one) => one.id === id);
    if (index < 0) return null;
    const why = this.endOf(this.sessions[index]);
    if (why !== null) {
      this.end([this.sessions[index]], why);
      return null;
    }
    const now_ms = this.options.now();
    this.sessions[index] = { ...this.sessions[index], seen_ms: now_ms };
    if (now_ms - this.saved_ms >= this.limits.save_ms) this.save();
    return withoutToken(this.sessions[index]);
  }

  /** Ends one; whether there was one. */
  revoke(id: string): boolean {
    const ended = this.sessions.filter((one) => one.id === id);
    this.end(ended, 'revoked');
    return ended.length > 0;
  }

  /** Ends all of a user; how many there were. */
  revokeUser(user: string): number {
    const ended = this.sessions.filter((one) => one.user === user);
    this.end(ended, 'revoked');
    return ended.length;
  }

  /** Those that have not ended, in order of opening. */
  list(): readonly Session[] {
    return this.sessions.filter((one) => this.endOf(one) === null).map(withoutToken);
  }

  /** Ends what has expired, and what belongs to a user who is another one now. To be called about once a second. */
  sweep(): void {
    const ends = this.sessions.map((one) => ({ one, why: this.endOf(one) }));
    for (const why of ['expired', 'user_changed'] as const)
      this.end(
        ends.filter((each) => each.why === why).map(({ one }) => one),
        why,
      );
  }

  /** Keeps when each was last seen, and resolves once that is done; before the server ends. */
  async close(): Promise<void> {
    this.save();
    await this.options.store?.settled();
  }

  private save(): void {
    this.saved_ms = this.options.now();
    this.options.store?.save([...this.sessions]);
  }

  private endOf({ created_ms, seen_ms, user, role, serial }: StoredSession): 'expired' | 'user_changed' | null {
    const { now, isCurrent } = this.options;
    const now_ms = now();
    if (now_ms - seen_ms >= this.limits.idle_ms || now_ms - created_ms >= this.limits.absolute_ms) return 'expired';
    return isCurrent?.({ user, role, serial }) === false ? 'user_changed' : null;
  }

  /** Pages are closed without a word: the one that was not seen for longest gives way. */
  private makeRoom(): boolean {
    if (this.sessions.length < this.limits.most) return true;
    const [oldest] = [...this.sessions].sort((a, b) => a.seen_ms - b.seen_ms);
    if (this.options.now() - oldest.seen_ms < this.limits.busy_ms) return false;
    this.end([oldest], 'replaced');
    return true;
  }

  private end(ended: readonly StoredSession[], why: SessionEnd): void {
    if (ended.length === 0) return;
    this.sessions = this.sessions.filter((one) => !ended.includes(one));
    this.save();
    for (const one of ended) this.options.onEnd?.(withoutToken(one), why);
  }
}

function withoutToken({ token_sha256: _, ...session }: StoredSession): Session {
  return session;
}
