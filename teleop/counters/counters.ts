import { COUNTERS, type Counter, type CountersMessage } from '../protocol/index.ts';

const BIN_S = 60;
/** Four hours. */
const BINS = 240;
const MS_PER_H = 3_600_000;
/** A rate over less than this would be chance, ms. */
const LEAST_SPAN_MS = 60_000;

/** What was done, by the minute over the last hours. Pure: times are the caller's, ms. */
export class Counters {
  private readonly began_ms: number;
  private readonly totals = byCounter(() => 0);
  private readonly bins = byCounter(() => new Uint32Array(BINS));
  /** Number of the newest bin since the start. */
  private newest = 0;

  constructor(now_ms: number) {
    this.began_ms = now_ms;
  }

  add(counter: Counter, now_ms: number, by = 1): void {
    this.advance(now_ms);
    this.totals[counter] += by;
    this.bins[counter][this.newest % BINS] += by;
  }

  snapshot(now_ms: number): CountersMessage {
    this.advance(now_ms);
    const length = Math.min(BINS, this.newest + 1);
    const oldest = this.newest - length + 1;
    const trend = (counter: Counter) => Array.from({ length }, (_, i) => this.bins[counter][(oldest + i) % BINS]);
    const trends = byCounter(trend);
    const span_ms = Math.min(MS_PER_H, Math.max(LEAST_SPAN_MS, now_ms - this.began_ms));
    const lately = trends.interventions.slice(-MS_PER_H / (1000 * BIN_S)).reduce((sum, n) => sum + n, 0);
    return {
      type: 'counters',
      totals: { ...this.totals },
      trends,
      bin_s: BIN_S,
      interventions_per_h: (lately * MS_PER_H) / span_ms,
    };
  }

  private advance(now_ms: number): void {
    const bin = Math.floor((now_ms - this.began_ms) / (1000 * BIN_S));
    const empty = Math.min(BINS, bin - this.newest);
    for (let k = 0; k < empty; k++) {
      for (const counter of COUNTERS) this.bins[counter][(bin - k) % BINS] = 0;
    }
    if (bin > this.newest) this.newest = bin;
  }
}

function byCounter<T>(of: (counter: Counter) => T): Record<Counter, T> {
  return {
    picks: of('picks'),
    successes: of('successes'),
    wrong_picks: of('wrong_picks'),
    retries: of('retries'),
    asked: of('asked'),
    answered: of('answered'),
    overruled: of('overruled'),
    interventions: of('interventions'),
    saves: of('saves'),
    stops: of('stops'),
  };
}
