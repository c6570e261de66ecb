import type { Welcome } from '../../protocol/messages.ts';
import type { Desk } from '../desk.ts';
import { button, labelled, make, section } from '../dom.ts';
import { request } from '../link/session.ts';
import type { PageState } from '../page_state.ts';
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
  private listedFor: Welcome | null = null;
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

  draw({ welcome }: Readonly<PageState>): void {
    this.desk.permit(this.mark, 'mark');
    this.desk.permit(this.incident, 'mark');
    if (welcome === this.listedFor || this.desk.refusal('mark') !== '') return;
    this.listedFor = welcome;
    void this.list();
  }

  /** Bundles that were made before; the newest have the highest names. */
  private async list(): Promise<void> {
    const response = await request('/api/incidents').catch(() => null);
    if (response?.ok !== true) return;
    const answer: { incidents?: unknown } | null = await response.json().catch(() => null);
    const names = Array.isArray(answer?.incidents) ? answer.incidents.map(String) : [];
    this.bundles.replaceChildren(
      ...names
        .sort()
        .reverse()
        .slice(0, MOST_BUNDLES)
        .map((name) => this.row(name)),
    );
  }

  private row(name: string): HTMLLIElement {
    return make(
      'li',
      {},
      button(`Download ${name}`, () => void this.download(name)),
    );
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
    this.bundles.prepend(this.row(incident));
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
