import type { Bus, DiagnosticStatus, Node, SubscriptionStats } from '../../contracts/index.ts';
import type { LinkStats } from '../bus/index.ts';
import type { BusUse } from './managed_bus.ts';
import { messageOf, type NodeErrors } from './node_errors.ts';
import type { LifecycleState } from './states.ts';

/** What the status of a node is made from. */
export interface DiagnosedNode {
  readonly full_name: string;
  readonly hardware_id: string;
  readonly node: Node;
  readonly bus: Bus & BusUse;
  readonly errors: NodeErrors;
  state(): LifecycleState;
  /** Why the last transition did not succeed; empty if it did. */
  reason(): string;
  /** Longest that the process's event loop kept a timer waiting since the last call (s). */
  loop_delay_s(): number;
  /** What the local links of its process carry. */
  link(): LinkStats | null;
}

/** Beyond this the loop is late enough to say so: a period of the joint states (s). */
const LATE_S = 0.1;

/**
 * The status that a node tells of itself in /diagnostics: error while its last transition has failed, warn where errors,
 * drops or a late event loop are new since the last status.
 */
export class NodeDiagnostics {
  private readonly subject: DiagnosedNode;
  private readonly published = new Map<string, number>();
  private errors = 0;
  private dropped = 0;

  constructor(subject: DiagnosedNode) {
    this.subject = subject;
  }

  /** @param elapsed_s  since the last status, for rates */
  status(elapsed_s: number): DiagnosticStatus {
    const { full_name, hardware_id, bus, errors } = this.subject;
    const delay_s = this.subject.loop_delay_s();
    const readers = bus.stats();
    const lost = readers.filter(({ topic }) => !bus.newest_only.has(topic));
    const dropped = lost.reduce((sum, reader) => sum + reader.dropped, 0);
    const news = [
      errors.count > this.errors ? `${errors.count - this.errors} errors, the last: ${errors.last}` : [],
      dropped > this.dropped ? `${dropped - this.dropped} messages dropped` : [],
      delay_s > LATE_S ? `event loop late by ${milli(delay_s)} ms` : [],
    ].flat();
    this.errors = errors.count;
    this.dropped = dropped;
    const failed = this.subject.reason();
    const values: [string, string | number][] = [
      ['state', this.subject.state()],
      ['errors', errors.count],
      ['last_error', errors.last],
      ['loop_delay_max_ms', milli(delay_s)],
      ['memory_rss_MB', (process.memoryUsage.rss() / 1e6).toFixed(1)],
      ['held_back', bus.held_back],
      ...links(this.subject.link()),
      ...this.rates(elapsed_s),
      ...received(readers),
      ...latencies(bus),
      ...this.ownValues(),
    ];
    return {
      level: failed !== '' ? 'error' : news.length > 0 ? 'warn' : 'ok',
      name: `${full_name}: node`,
      message: [this.subject.state(), failed === '' ? [] : failed, ...news].flat().join('; '),
      hardware_id,
      values: values.map(([key, value]) => ({ key, value: String(value) })),
    };
  }

  private rates(elapsed_s: number): [string, string | number][] {
    return [...this.subject.bus.published].flatMap(([topic, count]): [string, string | number][] => {
      const rate_hz = (count - (this.published.get(topic) ?? 0)) / elapsed_s;
      this.published.set(topic, count);
      return [
        [`${topic} published`, count],
        [`${topic} rate_Hz`, rate_hz.toFixed(1)],
      ];
    });
  }

  private ownValues(): [string, string | number][] {
    try {
      return Object.entries(this.subject.node.diagnostics?.() ?? {});
    } catch (error) {
      return [['diagnostics', messageOf(error)]];
    }
  }
}

/** By topic; several readers of one lose for themselves. */
function received(readers: readonly SubscriptionStats[]): [string, number][] {
  const topics = [...new Set(readers.map(({ topic }) => topic))];
  return topics.flatMap((topic): [string, number][] => {
    const own = readers.filter((reader) => reader.topic === topic);
    return [
      [`${topic} received`, Math.max(...own.map(({ received }) => received))],
      [`${topic} dropped`, own.reduce((sum, { dropped }) => sum + dropped, 0)],
      [`${topic} queued`, own.reduce((sum, { queued }) => sum + queued, 0)],
    ];
  });
}

function latencies(bus: BusUse): [string, string][] {
  return [...bus.latencies.values()].map(({ stage, pre_s, model_s, post_s, queue }) => [
    `${stage} latency`,
    `${milli(pre_s + model_s + post_s)} ms (model ${milli(model_s)} ms), queue ${queue}`,
  ]);
}

function links(stats: LinkStats | null): [string, number][] {
  if (stats === null) return [];
  return Object.entries(stats).map(([name, value]) => [`local_link ${name}`, value]);
}

function milli(seconds: number): string {
  return (seconds * 1e3).toFixed(1);
}
