import { folded, make } from '../dom.ts';
import type { PageState } from '../page_state.ts';
import type { Part } from '../parts.ts';
import { mountTrends, type Trends } from '../view/index.ts';

/** What was done so far, with trends. */
export class CountersPanel implements Part {
  readonly element: HTMLDetailsElement;
  readonly every_ms = 500;
  private readonly trends: Trends;
  private shown: PageState['counters'] = null;

  constructor() {
    const host = make('div', { id: 'trends' });
    this.element = folded('Counters', 'counters-panel', host);
    this.trends = mountTrends(host);
  }

  draw({ counters }: Readonly<PageState>): void {
    if (!this.element.open || counters === null || counters === this.shown) return;
    this.shown = counters;
    this.trends.counters(counters.message);
  }
}
