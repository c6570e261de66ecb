/**
 * Syncs of one file: at most one is under way and one waits, which serves everyone who has asked meanwhile. Whoever asks is
 * not held up; what a sync fails with is kept.
 */
export class DiskSyncs {
  /** What the first sync that failed has failed with. */
  failure: { readonly error: unknown } | null = null;
  private readonly sync: () => Promise<void>;
  private running: Promise<void> | null = null;
  private again = false;

  constructor(sync: () => Promise<void>) {
    this.sync = sync;
  }

  /** Has everything synced that was written before the call. */
  request(): void {
    if (this.failure !== null) return;
    this.again = true;
    this.running ??= this.run();
  }

  /** Resolves once nothing is under way and nothing waits; rejects with what a sync has failed with. */
  async settled(): Promise<void> {
    while (this.running !== null) await this.running;
    if (this.failure !== null) throw this.failure.error;
  }

  private async run(): Promise<void> {
    while (this.again && this.failure === null) {
      this.again = false;
      try {
        await this.sync();
      } catch (error) {
        this.failure = { error };
      }
    }
    this.running = null;
  }
}
