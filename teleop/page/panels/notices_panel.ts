import { timeOfDay } from '../core/format.ts';
import { make, setHidden } from '../dom.ts';

const MOST = 5;

/** The last things the page had to say; the newest is read out. */
export class NoticesPanel {
  readonly element = make('section', { id: 'notices', class: 'panel', 'aria-label': 'Messages' });
  private readonly list = make('ol');

  constructor() {
    this.element.append(make('div', { role: 'log', 'aria-label': 'Messages' }, this.list));
    setHidden(this.element, true);
  }

  tell(text: string): void {
    setHidden(this.element, false);
    this.list.prepend(make('li', {}, make('time', {}, timeOfDay(Date.now())), ` ${text}`));
    while (this.list.children.length > MOST) this.list.lastElementChild?.remove();
  }
}
