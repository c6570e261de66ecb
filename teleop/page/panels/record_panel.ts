import type { Desk } from '../desk.ts';
import { button, labelled, make, section } from '../dom.ts';
import { request } from '../link/session.ts';
import type { Part } from '../parts.ts';

const MOST_BUNDLES = 5;

/** Marking a moment, and keeping what happened for those who look into it. */
export class RecordPanel implements Part {
  readonly element: HTMLElement;
  readonly every_ms = 250;
  private readonly desk: Desk;
  private readonly note = make('input', { type: 'text', id: 'note', maxlength: '500', autocomplete: 'off' });
  private readonly mark: HTMLButtonElement;
  private readonly incident: HTMLButtonElement;
  private readonly bundles = make('ul', { 'aria-label': 'Incident bundles', 'aria-live': 'polite' });

  constructor(desk: Desk) {
    this.desk = desk;
    this.mark = desk.button('Mark this moment', () => void this.askMark());
    this.incident = desk.button('Incident bundle', () => void this.askIncident());
    this.element = section(
      'Record',
      'record-panel',
      labelled('Note', this.note),
      make('div', { class: 'row' }, this.mark, this.incident),
      this.bundles,
    );
  }

  draw(): void {
    this.desk.permit(this.mark, 'mark');
    this.desk.permit(this.incident, 'mark');
  }

  private async askMark(): Promise<void> {
    const { ok } = await this.desk.ask('Mark', { type: 'mark', note: this.note.value });
    if (!ok) return;
    this.desk.notice('This moment is marked.');
    this.note.value = '';
  }

  private async askIncident(): Promise<void> {
    this.desk.notice('Collecting the last minute.');
    const { ok, incident } = await this.desk.ask('Incident bundle', { type: 'incident', note: this.note.value });
    if (!ok || incident === undefined) return;
    this.bundles.prepend(
      make(
        'li',
        {},
        button(`Download ${incident}`, () => void this.download(incident)),
      ),
    );
    while (this.bundles.children.length > MOST_BUNDLES) this.bundles.lastElementChild?.remove();
  }

  /** By request and not by a plain link: an address carries no token. */
  private async download(name: string): Promise<void> {
    const response = await request(`/api/incidents/${encodeURIComponent(name)}.zip`).catch(() => null);
    if (response?.ok !== true) return this.desk.notice(`Download of ${name}: ${response?.status ?? 'no connection'}`);
    const address = URL.createObjectURL(await response.blob());
    make('a', { href: address, download: `${name}.zip` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }
}
