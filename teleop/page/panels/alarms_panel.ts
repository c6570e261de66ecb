import type { Alarm } from '../../protocol/messages.ts';
import { ALARM_PRIORITIES } from '../../protocol/messages.ts';
import { timeOfDay } from '../core/format.ts';
import type { Desk } from '../desk.ts';
import { make, section, setData, setHidden, setText } from '../dom.ts';
import type { PageState } from '../page_state.ts';
import type { Part } from '../parts.ts';

interface Row {
  readonly element: HTMLElement;
  readonly head: HTMLElement;
  readonly text: HTMLElement;
  readonly remedy: HTMLElement;
  readonly acknowledge: HTMLButtonElement;
}

/** Conditions that ask for a response, the most urgent first; each stays until it is over and acknowledged. */
export class AlarmsPanel implements Part {
  readonly element: HTMLElement;
  readonly every_ms = 200;
  private readonly desk: Desk;
  private readonly none = make('p', { class: 'quiet' }, 'No alarms.');
  private readonly list = make('ul', { id: 'alarms' });
  private readonly rows = new Map<string, Row>();
  private shown: PageState['alarms'] = null;

  constructor(desk: Desk) {
    this.desk = desk;
    this.element = section(
      'Alarms',
      'alarms-panel',
      this.none,
      make('div', { role: 'log', 'aria-label': 'Alarms' }, this.list),
    );
  }

  draw({ alarms }: Readonly<PageState>): void {
    for (const { acknowledge } of this.rows.values()) this.desk.permit(acknowledge, 'acknowledge');
    if (alarms === null || alarms === this.shown) return;
    this.shown = alarms;
    const sorted = [...alarms.message.alarms].sort(byUrgency);
    for (const [id, { element }] of this.rows) {
      if (sorted.some((alarm) => alarm.id === id)) continue;
      element.remove();
      this.rows.delete(id);
    }
    setHidden(this.none, sorted.length > 0);
    sorted.forEach((alarm, i) => {
      const row = this.rows.get(alarm.id) ?? this.addRow(alarm.id);
      this.drawRow(row, alarm);
      // Moved only where it has to be: a row under the pointer stays.
      if (this.list.children[i] !== row.element && !this.list.matches(':hover, :focus-within')) {
        this.list.insertBefore(row.element, this.list.children[i] ?? null);
      }
    });
  }

  private addRow(id: string): Row {
    const head = make('strong');
    const text = make('span');
    const remedy = make('p', { class: 'quiet' });
    const acknowledge = this.desk.button('Acknowledge', () => {
      void this.desk.ask('Acknowledge', { type: 'acknowledge', alarm: id });
    });
    const element = make('li', {}, make('p', {}, head, ' ', text), remedy, acknowledge);
    this.list.append(element);
    const row = { element, head, text, remedy, acknowledge };
    this.rows.set(id, row);
    return row;
  }

  private drawRow(row: Row, alarm: Alarm): void {
    const { priority, raised_ms, cleared_ms, count, acknowledged_by } = alarm;
    setData(row.element, 'priority', priority);
    setData(row.element, 'over', String(cleared_ms !== null));
    const times = count > 1 ? ` · ${count} times` : '';
    const over = cleared_ms === null ? '' : ` · over since ${timeOfDay(cleared_ms)}`;
    setText(row.head, `${priority} · ${timeOfDay(raised_ms)}`);
    setText(row.text, `${alarm.text}${times}${over}`);
    setText(row.remedy, `${alarm.remedy}${acknowledged_by === null ? '' : ` · acknowledged by ${acknowledged_by}`}`);
    setHidden(row.acknowledge, acknowledged_by !== null);
    const name = `Acknowledge ${alarm.text}`;
    if (row.acknowledge.getAttribute('aria-label') !== name) row.acknowledge.setAttribute('aria-label', name);
  }
}

function byUrgency(a: Alarm, b: Alarm): number {
  const [first, second] = [a, b].map(({ cleared_ms, acknowledged_by, priority }) => {
    const waits = (cleared_ms === null ? 2 : 0) + (acknowledged_by === null ? 1 : 0);
    return ALARM_PRIORITIES.indexOf(priority) * 4 + waits;
  });
  return second - first || b.raised_ms - a.raised_ms;
}
