const MOST = 100;

/** Lines of text, a bounded number of different ones. */
export class Notes {
  private readonly counts = new Map<string, number>();
  private more = 0;

  add(text: string): void {
    const times = this.counts.get(text);
    if (times !== undefined || this.counts.size < MOST) this.counts.set(text, (times ?? 0) + 1);
    else this.more++;
  }

  get lines(): readonly string[] {
    const lines = [...this.counts].map(([text, times]) => (times === 1 ? text : `${text} (${times} times)`));
    return this.more === 0 ? lines : [...lines, `and ${this.more} more`];
  }
}
