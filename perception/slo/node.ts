import {
  type Node,
  type NodeContext,
  type StageLatency,
  type Subscription,
  stampToSeconds,
  TOPICS,
} from '../../contracts/index.ts';
import { PerceptionMetrics } from './metrics.ts';
import type { Slo } from './slo_file.ts';
import { SloMonitor, type SloReport } from './slo_monitor.ts';

/** Burn rates are looked at so often (s). */
const LOOK_S = 1;

/** Holds what perception tells of its latencies against its objectives; warns when an error budget is spent too fast. */
export class SloNode implements Node {
  readonly name = 'perception_slo';
  readonly metrics = new PerceptionMetrics();
  private readonly slo: Slo;
  private monitor: SloMonitor;
  private context: NodeContext | null = null;
  private subscription: Subscription | null = null;
  private readonly cold_starts: number[] = [];
  private dropped = 0;
  private firing = '';
  private looked_s = Number.NEGATIVE_INFINITY;

  constructor(slo: Slo) {
    this.slo = slo;
    this.monitor = new SloMonitor(slo);
  }

  async configure(context: NodeContext): Promise<void> {
    this.context = context;
    this.monitor = new SloMonitor(this.slo);
    for (const duration_s of this.cold_starts) this.monitor.addColdStart(duration_s);
    this.dropped = 0;
    this.firing = '';
    this.looked_s = Number.NEGATIVE_INFINITY;
  }

  activate(): void {
    const { bus } = this.required();
    this.subscription = bus.subscribe(TOPICS.latency, this.name, (latency) => this.take(latency));
  }

  deactivate(): void {
    this.subscription?.unsubscribe();
    this.subscription = null;
  }

  async cleanup(): Promise<void> {
    this.context = null;
  }

  /** Time from opening the detector to its first detections. */
  addColdStart(duration_s: number): void {
    this.cold_starts.push(duration_s);
    this.monitor.addColdStart(duration_s);
  }

  report(): SloReport {
    const report = this.monitor.report(stampToSeconds(this.required().clock.now_ns()));
    this.metrics.set(report);
    return report;
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    const { requests, objectives, met, cost_per_1000, currency } = this.report();
    if (requests === 0) return {};
    const states = objectives.flatMap(({ objective, measured, budget_left }): [string, string | number][] => [
      [objective === 'availability' ? 'slo_availability' : `slo_${objective}_ms`, Number(measured.toPrecision(4))],
      [`slo_${objective}_budget_left`, Number(budget_left.toFixed(3))],
    ]);
    const cost = Number.isFinite(cost_per_1000) ? Number(cost_per_1000.toPrecision(3)) : 0;
    return {
      ...Object.fromEntries(states),
      ...{ slo_met: String(met), slo_alerts: this.firing, [`cost_per_1000_${currency}`]: cost },
    };
  }

  private take(latency: StageLatency): void {
    if (latency.stage !== this.slo.stage) return;
    const at_s = stampToSeconds(this.required().clock.now_ns());
    // Detections themselves are left to those who need them: frames that nobody reads may go unlooked at.
    const outcome = latency.provider === undefined ? 'degraded' : 'answered';
    // A node that was configured anew counts from 0 again.
    const lost = latency.dropped < this.dropped ? latency.dropped : latency.dropped - this.dropped;
    this.dropped = latency.dropped;
    for (let k = 0; k < lost; k++) this.monitor.add(at_s, 0, 'lost');
    if (lost > 0) this.metrics.addLost(latency.model, lost);
    this.monitor.add(at_s, latency.pre_s + latency.model_s + latency.post_s, outcome);
    this.metrics.add(latency, outcome);
    if (at_s - this.looked_s < LOOK_S) return;
    this.looked_s = at_s;
    this.warn();
  }

  private warn(): void {
    const { objectives } = this.report();
    const firing = objectives
      .flatMap(({ objective, burns }) =>
        burns.filter((burn) => burn.firing).map(({ alert }) => `${alert} ${objective}`),
      )
      .join(', ');
    if (firing === this.firing) return;
    const { log } = this.required();
    if (firing !== '') log.warn({ alerts: firing }, 'error budget is spent too fast');
    else log.info({}, 'error budget is spent no faster than allowed');
    this.firing = firing;
  }

  private required(): NodeContext {
    if (this.context === null) throw new Error('the node of objectives is not configured');
    return this.context;
  }
}
