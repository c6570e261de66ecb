export interface BackOffLimits {
  readonly first_ms: number;
  readonly most_ms: number;
}

/** How long to wait before the next try: twice as long each time, spread by a fifth so that pages do not come at once. */
export class BackOff {
  private readonly limits: BackOffLimits;
  private readonly random: () => number;
  private tries = 0;

  constructor(limits: BackOffLimits, random: () => number) {
    this.limits = limits;
    this.random = random;
  }

  next_ms(): number {
    const { first_ms, most_ms } = this.limits;
    const wait_ms = Math.min(most_ms, first_ms * 2 ** Math.min(this.tries, 16));
    this.tries += 1;
    return wait_ms * (0.8 + 0.4 * this.random());
  }

  succeeded(): void {
    this.tries = 0;
  }
}
