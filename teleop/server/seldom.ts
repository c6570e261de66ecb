/** Lets one of a kind through in a while. */
export class Seldom {
  private readonly period_ms: number;
  private readonly last_ms = new Map<string, number>();

  constructor(period_ms: number) {
    this.period_ms = period_ms;
  }

  due(kind: string, now_ms: number): boolean {
    if (now_ms - (this.last_ms.get(kind) ?? Number.NEGATIVE_INFINITY) < this.period_ms) return false;
    this.last_ms.set(kind, now_ms);
    return true;
  }
}
