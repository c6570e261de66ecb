import { duration, words } from '../core/format.ts';
import { stateAge_ms } from '../core/jog_refusal.ts';
import { folded, TableBody, table } from '../dom.ts';
import type { PageState } from '../page_state.ts';
import type { Part } from '../parts.ts';

const LINK_WORDS = { closed: 'lost', connecting: 'connecting', open: 'open', login: 'logged out' } as const;

/** How good the connection is. */
export class QualityPanel implements Part {
  readonly element: HTMLDetailsElement;
  readonly every_ms = 250;
  private readonly body = new TableBody(2);
  private readonly pictureAge_ms: (now_ms: number) => number | null;

  constructor(pictureAge_ms: (now_ms: number) => number | null) {
    this.pictureAge_ms = pictureAge_ms;
    this.element = folded('Connection', 'quality-panel', table('Connection quality', ['What', 'Now'], this.body));
    this.element.open = true;
  }

  draw(page: Readonly<PageState>, now_ms: number): void {
    const { link, rtt_ms, stateRate_hz, refused } = page;
    const picture_ms = this.pictureAge_ms(now_ms);
    const dropped = Object.entries(refused).map(([reason, count]) => `${words(reason)} ${count}`);
    this.body.draw([
      ['Connection', LINK_WORDS[link]],
      ['There and back', rtt_ms === null ? 'unknown' : duration(rtt_ms)],
      ['States', `${stateRate_hz.toFixed(0)} a second`],
      ['Age of the state', duration(stateAge_ms(page, now_ms))],
      ['Age of the picture', picture_ms === null ? 'no picture' : duration(picture_ms)],
      ['Commands dropped', dropped.length === 0 ? 'none' : dropped.join(', ')],
    ]);
  }
}
