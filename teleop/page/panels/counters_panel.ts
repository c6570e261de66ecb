import { COUNTERS } from '../../protocol/messages.ts';
import { words } from '../core/format.ts';
import { folded, make, setText, TableBody, table } from '../dom.ts';
import type { PageState } from '../page_state.ts';
import type { Part } from '../parts.ts';

/** What was done so far; the trends stand below. */
export class CountersPanel implements Part {
  readonly element: HTMLDetailsElement;
  /** Where the trends are drawn. */
  readonly trends = make('div', { id: 'trends' });
  readonly every_ms = 500;
  private readonly body = new TableBody(2);
  private readonly rate = make('p', { class: 'quiet' });

  constructor() {
    const totals = table('Since the start', ['What', 'Count'], this.body);
    this.element = folded('Counters', 'counters-panel', totals, this.rate, this.trends);
  }

  draw({ counters }: Readonly<PageState>): void {
    if (!this.element.open || counters === null) return;
    const { totals, interventions_per_h } = counters.message;
    this.body.draw(COUNTERS.map((name) => [words(name), String(totals[name])]));
    setText(this.rate, `${interventions_per_h.toFixed(1)} interventions an hour`);
  }
}
