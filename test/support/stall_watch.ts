/** An empty loop: how long a plain timer of a millisecond was kept waiting at most, which only the machine can have done. */
export class StallWatch {
  private worst_s = 0;
  private last_ms = performance.now();
  private readonly timer = setInterval(() => this.look(), 1);

  /** The longest so far (s), which is counted anew from now on. */
  take(): number {
    this.look();
    const worst_s = this.worst_s;
    this.worst_s = 0;
    return worst_s;
  }

  end(): number {
    clearInterval(this.timer);
    return this.take();
  }

  private look(): void {
    const now_ms = performance.now();
    this.worst_s = Math.max(this.worst_s, (now_ms - this.last_ms) / 1000 - 0.001);
    this.last_ms = now_ms;
  }
}
