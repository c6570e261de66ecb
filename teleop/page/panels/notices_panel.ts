import { timeOfDay } from '../core/format.ts';
import { make, section, setHidden, setText } from '../dom.ts';
import type { Part } from '../parts.ts';

const MOST = 6;
/** How long the newest stays in the bar. */
const SHOWN_MS = 12_000;

/** What the page had to say: the newest in the bar, where it is read out, the last ones in a list. */
export class NoticesPanel implements Part {
  readonly element: HTMLElement;
  readonly every_ms = 250;
  private readonly line = document.getElementById('message');
  private readonly list = make('ol');
  private told_ms = 0;

  constructor() {
    this.element = section('Messages', 'notices', this.list);
    setHidden(this.element, true);
  }

  tell(text: string): void {
    if (this.line !== null) setText(this.line, text);
    this.told_ms = performance.now();
    setHidden(this.element, false);
    this.list.prepend(make('li', {}, make('time', {}, timeOfDay(Date.now())), ` ${text}`));
    while (this.list.children.length > MOST) this.list.lastElementChild?.remove();
  }

  draw(_: unknown, now_ms: number): void {
    if (this.line !== null && now_ms - this.told_ms > SHOWN_MS) setText(this.line, '');
  }
}
