import { duration, words } from '../core/format.ts';
import { stateAge_ms } from '../core/jog_refusal.ts';
import { button, folded, TableBody, table } from '../dom.ts';
import { logOut } from '../link/session.ts';
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
    const quality = table('Connection quality', ['What', 'Now'], this.body);
    this.element = folded(
      'Connection',
      'quality-panel',
      quality,
      button('Log out', () => void logOut()),
    );
    this.element.open = true;
  }

  draw(page: Readonly<PageState>, now_ms: number): void {
    const { link, rtt_ms, stateRate_hz, refused, welcome } = page;
    const session = welcome?.session;
    const picture_ms = this.pictureAge_ms(now_ms);
    const dropped = Object.entries(refused).map(([reason, count]) => `${words(reason)} ${count}`);
    this.body.draw([
      ['You', session === undefined ? 'nobody' : `${session.user}, ${session.role}`],
      ['Connection', LINK_WORDS[link]],
      ['There and back', rtt_ms === null ? 'unknown' : duration(rtt_ms)],
      ['States', `${stateRate_hz.toFixed(0)} a second`],
      ['Age of the state', duration(stateAge_ms(page, now_ms))],
      ['Age of the picture', picture_ms === null ? 'no picture' : duration(picture_ms)],
      ['Commands dropped', dropped.length === 0 ? 'none' : dropped.join(', ')],
    ]);
  }
}
