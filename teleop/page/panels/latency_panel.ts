import { words } from '../core/format.ts';
import { folded, TableBody, table } from '../dom.ts';
import type { PageState } from '../page_state.ts';
import type { Part } from '../parts.ts';

const COLUMNS = ['Stage', 'Last', 'Median', 'p95', 'Objective', 'Dropped'];

/** How long stages take, against what they may. */
export class LatencyPanel implements Part {
  readonly element: HTMLDetailsElement;
  readonly every_ms = 500;
  private readonly body = new TableBody(COLUMNS.length);

  constructor() {
    this.element = folded('Latencies', 'latency-panel', table('Latency of each stage, ms', COLUMNS, this.body));
  }

  draw({ latency }: Readonly<PageState>): void {
    if (!this.element.open || latency === null) return;
    this.body.draw(
      latency.message.stages.map(({ stage, last_ms, p50_ms, p95_ms, slo_ms, dropped }) => {
        const objective = slo_ms === null ? '–' : `${slo_ms.toFixed(0)}${p95_ms > slo_ms ? ' missed' : ' met'}`;
        return [words(stage), last_ms.toFixed(1), p50_ms.toFixed(1), p95_ms.toFixed(1), objective, String(dropped)];
      }),
    );
  }
}
