import { folded, make } from '../dom.ts';
import type { PageState } from '../page_state.ts';
import type { Part } from '../parts.ts';
import { mountPlots, type Plots } from '../view/index.ts';

/** What joints, tool, hand and gripper measured over the last half minute. */
export class PlotsPanel implements Part {
  readonly element: HTMLDetailsElement;
  readonly every_ms = 0;
  private readonly plots: Plots;
  private seen: Pick<PageState, 'welcome' | 'state'> = { welcome: null, state: null };

  constructor() {
    const host = make('div', { id: 'plots' });
    this.element = folded('Plots', 'plots-panel', host);
    this.plots = mountPlots(host);
  }

  draw({ welcome, state }: Readonly<PageState>): void {
    if (welcome !== null && welcome !== this.seen.welcome) this.plots.welcome(welcome);
    if (state !== null && state !== this.seen.state) this.plots.state(state.message);
    this.seen = { welcome, state };
  }
}
