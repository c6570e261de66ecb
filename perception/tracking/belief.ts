/**
 * What pictures together say of which of several things something is. Pictures of one camera err alike: n of them count as
 * n / (1 + (n − 1) c) independent ones (Kish's design effect, 1965, with intraclass correlation c); those of different
 * cameras count each for itself.
 */
export class Belief<Name extends string> {
  private readonly names: readonly Name[];
  private readonly correlation: number;
  private readonly cameras = new Map<string, { readonly sums: Float64Array; count: number }>();

  constructor(names: readonly Name[], correlation: number) {
    this.names = names;
    this.correlation = correlation;
  }

  /** @param likelihood  of what was seen, for each name; positive */
  add(camera: string, likelihood: (name: Name) => number): void {
    let of = this.cameras.get(camera);
    if (of === undefined) {
      of = { sums: new Float64Array(this.names.length), count: 0 };
      this.cameras.set(camera, of);
    }
    for (let k = 0; k < this.names.length; k++) of.sums[k] += Math.log(Math.max(LEAST, likelihood(this.names[k])));
    of.count++;
  }

  /** Probabilities in the order of the names, all alike before anything was seen. */
  probabilities(): Float64Array {
    const logs = new Float64Array(this.names.length);
    for (const { sums, count } of this.cameras.values()) {
      const worth = 1 / (1 + (count - 1) * this.correlation);
      for (let k = 0; k < logs.length; k++) logs[k] += worth * sums[k];
    }
    let most = Number.NEGATIVE_INFINITY;
    for (const log of logs) most = Math.max(most, log);
    let total = 0;
    for (let k = 0; k < logs.length; k++) {
      logs[k] = Math.exp(logs[k] - most);
      total += logs[k];
    }
    for (let k = 0; k < logs.length; k++) logs[k] /= total;
    return logs;
  }

  /** The likeliest name and its probability. */
  best(): { readonly name: Name; readonly probability: number } {
    const p = this.probabilities();
    let k = 0;
    for (let i = 1; i < p.length; i++) if (p[i] > p[k]) k = i;
    return { name: this.names[k], probability: p[k] };
  }
}

const LEAST = 1e-6;
