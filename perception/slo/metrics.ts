import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { StageLatency } from '../../contracts/index.ts';
import type { RequestOutcome, SloReport } from './slo_monitor.ts';

const STAGES = ['pre', 'model', 'post'] as const;
/** Upper ends of bins (s): from half a millisecond to a second. */
const BUCKETS = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1];

/** What Prometheus reads of perception, in a registry of its own; whoever serves it asks for `text`. */
export class PerceptionMetrics {
  readonly registry = new Registry();
  private readonly requests: Counter<'outcome' | 'model'>;
  private readonly seconds: Histogram<'stage' | 'model' | 'provider'>;
  private readonly queue: Gauge;
  private readonly batch: Gauge;
  private readonly budget: Gauge<'objective'>;
  private readonly burn: Gauge<'objective' | 'alert' | 'window'>;
  private readonly cost: Gauge<'currency'>;
  private readonly cold_start: Gauge;

  constructor() {
    const registers = [this.registry];
    const named = (name: string, help: string) => ({ name: `surepick_perception_${name}`, help, registers });
    this.requests = new Counter({
      ...named('requests_total', 'Frames, by what became of them and what answered'),
      labelNames: ['outcome', 'model'],
    });
    this.seconds = new Histogram({
      ...named('stage_seconds', 'Time of one frame in each stage'),
      ...{ labelNames: ['stage', 'model', 'provider'], buckets: BUCKETS },
    });
    this.queue = new Gauge(named('queue', 'Frames that wait'));
    this.batch = new Gauge(named('batch', 'Frames that the last run took at once'));
    this.budget = new Gauge({
      ...named('error_budget_left', 'Share of the error budget that is left'),
      labelNames: ['objective'],
    });
    this.burn = new Gauge({
      ...named('burn_rate', 'How fast the error budget is spent; 1 spends it over its window'),
      labelNames: ['objective', 'alert', 'window'],
    });
    this.cost = new Gauge({
      ...named('cost_per_1000', 'Cost of a thousand answered frames while they are worked on'),
      labelNames: ['currency'],
    });
    this.cold_start = new Gauge(named('cold_start_seconds', 'Longest cold start'));
  }

  /** Counts a frame that was answered. */
  add(latency: StageLatency, outcome: Exclude<RequestOutcome, 'lost'>): void {
    const { model, provider = '' } = latency;
    this.requests.inc({ outcome, model });
    for (const stage of STAGES) this.seconds.observe({ stage, model, provider }, latency[`${stage}_s`]);
    this.queue.set(latency.queue);
    this.batch.set(latency.batch ?? 1);
  }

  addLost(model: string, frames: number): void {
    this.requests.inc({ outcome: 'lost', model }, frames);
  }

  set({ objectives, cost_per_1000, currency, cold_start_ms }: SloReport): void {
    for (const { objective, budget_left, burns } of objectives) {
      this.budget.set({ objective }, budget_left);
      for (const { alert, long, short } of burns) {
        this.burn.set({ objective, alert, window: 'long' }, long);
        this.burn.set({ objective, alert, window: 'short' }, short);
      }
    }
    if (Number.isFinite(cost_per_1000)) this.cost.set({ currency }, cost_per_1000);
    if (cold_start_ms !== null) this.cold_start.set(cold_start_ms / 1000);
  }

  get content_type(): string {
    return this.registry.contentType;
  }

  /** Text exposition, version 0.0.4. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}
