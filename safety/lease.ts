const REMEMBERED = 64;

/**
 * The gate's permission to move, granted for a short time by a supervisor that may be another process. The gate issues
 * nonces, each tied to its own time; a grant echoes one and is valid until that time plus the duration, on the gate's
 * clock alone. Echoing again gives nothing new; a nonce that is unknown, old or used already is refused.
 */
export class Lease {
  /** The newest nonce, a positive 31-bit integer; 0 before the first. */
  nonce = 0;
  refused = 0;
  granted = 0;
  /** How long a grant lasts, from the time its nonce was issued. */
  duration_s: number;
  private readonly salt: number;
  private readonly nonces = new Int32Array(REMEMBERED);
  private readonly issued_s = new Float64Array(REMEMBERED);
  private readonly valid_until_s = new Float64Array(1).fill(Number.NEGATIVE_INFINITY);
  private counter = 0;

  /** @param salt  any integer; two gates of different salt do not take each other's grants */
  constructor(duration_s: number, salt = 0) {
    this.duration_s = duration_s;
    this.salt = salt | 0;
  }

  /** Issues a nonce for the gate's time `t_s`; once a cycle. The last 64 can be granted. */
  issue(t_s: number): void {
    this.counter = (this.counter + 1) & 0x7fffffff;
    // Multiplying by an odd number and xor are bijections: no nonce comes twice within 2³¹ cycles.
    this.nonce = (Math.imul(this.counter, 0x9e3779b1) ^ this.salt) & 0x7fffffff;
    const slot = this.counter % REMEMBERED;
    this.nonces[slot] = this.nonce;
    this.issued_s[slot] = t_s;
  }

  /** Takes a grant; false if the nonce is not one that waits for it. Never shortens what was granted. */
  grant(nonce: number): boolean {
    for (let slot = 0; slot < REMEMBERED; slot++) {
      if (this.nonces[slot] !== nonce || nonce === 0) continue;
      this.nonces[slot] = 0;
      const until = this.issued_s[slot] + this.duration_s;
      if (until > this.valid_until_s[0]) this.valid_until_s[0] = until;
      this.granted++;
      return true;
    }
    this.refused++;
    return false;
  }

  /** Valid until `t_s` whatever was granted before: for a supervisor on the gate's own clock, as in a recorded stream. */
  extend(t_s: number): void {
    this.valid_until_s[0] = t_s;
    this.granted++;
  }

  validAt(t_s: number): boolean {
    return t_s > Number.NEGATIVE_INFINITY && t_s <= this.valid_until_s[0];
  }

  /** Forgets every nonce and grant. */
  revoke(): void {
    this.nonces.fill(0);
    this.valid_until_s[0] = Number.NEGATIVE_INFINITY;
  }
}
