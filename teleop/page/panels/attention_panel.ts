import { make, setHidden, setText } from '../dom.ts';
import type { PageState } from '../page_state.ts';
import type { Part } from '../parts.ts';

/** What waits for an answer further down the page. */
export class AttentionPanel implements Part {
  readonly element = make('nav', { id: 'attention', 'aria-label': 'Waits for an answer' });
  readonly every_ms = 250;
  private readonly questions = make('a', { href: '#questions-panel' });
  private readonly alarms = make('a', { href: '#alarms-panel' });

  constructor() {
    this.element.append(this.questions, this.alarms);
  }

  draw({ escalations, alarms }: Readonly<PageState>): void {
    const asked = escalations?.message.open.length ?? 0;
    const unseen = alarms?.message.alarms.filter((alarm) => alarm.acknowledged_by === null).length ?? 0;
    setText(this.questions, `${asked} ${asked === 1 ? 'question' : 'questions'}`);
    setText(this.alarms, `${unseen} ${unseen === 1 ? 'alarm' : 'alarms'}`);
    setHidden(this.questions, asked === 0);
    setHidden(this.alarms, unseen === 0);
    setHidden(this.element, asked + unseen === 0);
  }
}
