/**
 * Runs slow work on the newest item only: while one is worked on the next waits, and a newer one takes its place. What is
 * done is handed on in order.
 */
export class NewestWins<Item, Done> {
  private readonly work: (item: Item) => Promise<Done>;
  private readonly done: (result: Done, item: Item) => void;
  private waiting: { readonly item: Item } | null = null;
  private busy = false;
  private closed = false;
  /** How many were passed over for newer ones, and how many could not be worked on. */
  passed_over = 0;
  failed = 0;

  constructor(work: (item: Item) => Promise<Done>, done: (result: Done, item: Item) => void) {
    this.work = work;
    this.done = done;
  }

  push(item: Item): void {
    if (this.closed) return;
    if (this.waiting !== null) this.passed_over++;
    this.waiting = { item };
    if (!this.busy) void this.run();
  }

  /** What is still worked on is not handed on. */
  close(): void {
    this.closed = true;
    this.waiting = null;
  }

  private async run(): Promise<void> {
    this.busy = true;
    while (this.waiting !== null) {
      const { item } = this.waiting;
      this.waiting = null;
      try {
        const result = await this.work(item);
        if (!this.closed) this.done(result, item);
      } catch {
        this.failed++;
      }
    }
    this.busy = false;
  }
}
