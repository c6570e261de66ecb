import { quantile, type StageLatency } from '../../contracts/index.ts';
import type { LatencyMessage } from '../protocol/index.ts';

/** Requests over which quantiles are taken, and for how long one counts, ms. */
const KEPT = 512;
const WINDOW_MS = 60_000;
/** Stages that are told of at most. */
const MOST_STAGES = 32;

/** Objective for the 95th percentile of a stage, ms. */
export type Objectives = Readonly<Record<string, number>>;

/** The newest latencies of one stage. */
class Window {
  readonly at_ms = new Float64Array(KEPT).fill(Number.NEGATIVE_INFINITY);
  readonly took_ms = new Float64Array(KEPT);
  dropped = 0;
  last_ms = 0;
  private count = 0;

  add(now_ms: number, took_ms: number): void {
    const place = this.count++ % KEPT;
    this.at_ms[place] = now_ms;
    this.took_ms[place] = took_ms;
    this.last_ms = took_ms;
  }

  since(from_ms: number): Float64Array {
    return this.took_ms.filter((_, place) => this.at_ms[place] >= from_ms);
  }
}

/** How long each stage takes, beside what it is allowed. Pure: times are the caller's, ms. */
export class Latencies {
  private readonly objectives: Objectives;
  private readonly stages = new Map<string, Window>();

  constructor(objectives: Objectives) {
    this.objectives = objectives;
  }

  hear({ stage, pre_s, model_s, post_s, dropped }: StageLatency, now_ms: number): void {
    this.add(stage, 1000 * (pre_s + model_s + post_s), now_ms);
    const window = this.stages.get(stage);
    if (window !== undefined) window.dropped = dropped;
  }

  /** Of a stage that is measured here. */
  add(stage: string, took_ms: number, now_ms: number): void {
    let window = this.stages.get(stage);
    if (window === undefined) {
      if (this.stages.size >= MOST_STAGES) return;
      window = new Window();
      this.stages.set(stage, window);
    }
    window.add(now_ms, took_ms);
  }

  /** Stages that were heard of in the window. */
  snapshot(now_ms: number): LatencyMessage {
    const stages = [...this.stages].flatMap(([stage, window]) => {
      const took_ms = window.since(now_ms - WINDOW_MS);
      if (took_ms.length === 0) return [];
      const [p50_ms, p95_ms] = [quantile(took_ms, 0.5), quantile(took_ms, 0.95)];
      const { last_ms, dropped } = window;
      return [{ stage, last_ms, p50_ms, p95_ms, slo_ms: this.objectives[stage] ?? null, dropped }];
    });
    return { type: 'latency', stages };
  }
}
