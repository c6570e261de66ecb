import type { Desk } from '../desk.ts';
import { make, section } from '../dom.ts';
import { request } from '../link/session.ts';
import type { Part } from '../parts.ts';
import { mountScrubber, type ReplayViews, type Scrubber } from '../view/index.ts';

/** The last minutes and recorded runs, in the views of what is live. */
export class PastPanel implements Part {
  readonly element: HTMLElement;
  readonly every_ms = 0;
  private readonly desk: Desk;
  private readonly scrubber: Scrubber;

  constructor(desk: Desk, views: ReplayViews) {
    const host = make('div', {});
    this.desk = desk;
    this.scrubber = mountScrubber(host, request, views);
    this.element = section('Past', 'past-panel', host);
  }

  draw(): void {
    this.desk.page.replaying = this.scrubber.replaying;
  }
}
