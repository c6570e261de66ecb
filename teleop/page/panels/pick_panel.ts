import type { SeenObject } from '../../protocol/messages.ts';
import { percent } from '../core/format.ts';
import { seenAgain } from '../core/selection.ts';
import type { Desk } from '../desk.ts';
import { labelled, make, section, setData, setHidden, setText } from '../dom.ts';
import type { PageState } from '../page_state.ts';
import type { Part } from '../parts.ts';

/** For how long a chosen object may be hidden. */
const UNSEEN_MS = 3000;
/** An object that is elsewhere by more than this is planned for anew. */
const MOVED_M = 0.02;

/** Automatic picks: choose an object, see its ghost, press Pick once. Batches, home and retreat. */
export class PickPanel implements Part {
  readonly element: HTMLElement;
  readonly every_ms = 100;
  private readonly desk: Desk;
  private readonly list = make('ul', { id: 'objects', 'aria-label': 'Objects seen' });
  private readonly rows = new Map<number, HTMLButtonElement>();
  private readonly none = make('p', { class: 'quiet' }, 'No object is seen.');
  private readonly degraded = make('p', { class: 'warning', role: 'status' });
  private readonly place = make('select', { id: 'place' });
  private readonly plan = make('p', { role: 'status', id: 'plan' });
  private readonly count = make('input', { type: 'number', min: '1', max: '1000', value: '3', id: 'count' });
  private readonly pick: HTMLButtonElement;
  private readonly batch: HTMLButtonElement;
  private readonly home: HTMLButtonElement;
  private readonly retreat: HTMLButtonElement;
  private places = '';
  private planning = 0;
  private seen_ms = 0;
  /** The object as it was when its way was planned. */
  private planned: SeenObject | null = null;

  constructor(desk: Desk) {
    this.desk = desk;
    this.pick = desk.button('Pick', () => void this.pressPick());
    this.pick.classList.add('primary');
    this.batch = desk.button('Start batch', () => void this.pressBatch());
    this.home = desk.button('Home', () => void desk.ask('Home', { type: 'go', ...desk.pressed, to: 'home' }));
    this.retreat = desk.button(
      'Retreat',
      () => void desk.ask('Retreat', { type: 'go', ...desk.pressed, to: 'retreat' }),
    );
    this.place.addEventListener('change', () => void this.preview());
    this.element = section(
      'Automatic pick',
      'pick-panel',
      this.degraded,
      this.list,
      this.none,
      this.plan,
      make('div', { class: 'row' }, labelled('Place', this.place), this.pick),
      make('div', { class: 'row' }, labelled('Batch of', this.count), this.batch, this.home, this.retreat),
    );
  }

  /** Where objects go. */
  get chosenPlace(): string {
    return this.place.value;
  }

  /** Somebody has chosen an object here or in a picture; null for none. */
  select(object: SeenObject | null): void {
    const { page } = this.desk;
    page.selected = object;
    page.preview = null;
    this.seen_ms = performance.now();
    void this.preview();
  }

  draw({ welcome, scene, preview }: Readonly<PageState>, now_ms: number): void {
    this.drawPlaces(welcome);
    this.lookAgain(now_ms);
    const { selected } = this.desk.page;
    const objects = scene?.message.objects ?? [];
    this.drawObjects(objects, selected);
    setHidden(this.none, objects.length > 0);
    setText(this.degraded, scene?.message.degraded ?? '');
    const ready = preview?.ok === true ? '' : 'choose an object and wait for its plan';
    const still = this.desk.refusalOfMotion();
    this.desk.permit(this.pick, 'operate', still || (selected === null ? 'choose an object first' : ready));
    for (const each of [this.batch, this.home, this.retreat]) this.desk.permit(each, 'operate', still);
  }

  /** Follows the chosen object in what is seen now; one that stays unseen is no longer chosen. */
  private lookAgain(now_ms: number): void {
    const { page } = this.desk;
    if (page.selected === null || page.scene === null) return;
    const again = seenAgain(page.selected, page.scene.message.objects);
    if (again !== null) this.seen_ms = now_ms;
    page.selected = again ?? page.selected;
    if (page.preview !== null && this.planned !== null && moved_m(this.planned, page.selected) > MOVED_M)
      void this.preview();
    if (now_ms - this.seen_ms < UNSEEN_MS) return;
    this.select(null);
    setText(this.plan, 'The chosen object is no longer seen.');
  }

  private drawPlaces(welcome: PageState['welcome']): void {
    const names = welcome?.places.map(({ name }) => name) ?? [];
    const key = names.join('\n');
    if (key === this.places) return;
    this.places = key;
    this.place.replaceChildren(...names.map((name) => make('option', { value: name }, name)));
  }

  private drawObjects(objects: readonly SeenObject[], selected: SeenObject | null): void {
    for (const [id, row] of this.rows) {
      if (objects.some((object) => object.id === id)) continue;
      row.parentElement?.remove();
      this.rows.delete(id);
    }
    for (const object of objects) {
      const row = this.rows.get(object.id) ?? this.addRow(object.id);
      const doubt = object.verdict === 'accept' ? '' : ` · ${object.verdict}: ${object.reason}`;
      setText(row, `${object.colour} ${object.class} · ${percent(object.score)}${doubt}`);
      setData(row, 'verdict', object.verdict);
      const chosen = String(object.id === selected?.id);
      if (row.getAttribute('aria-pressed') !== chosen) row.setAttribute('aria-pressed', chosen);
    }
  }

  private addRow(id: number): HTMLButtonElement {
    const row = this.desk.button('', () =>
      this.select(this.desk.page.scene?.message.objects.find((object) => object.id === id) ?? null),
    );
    this.rows.set(id, row);
    this.list.append(make('li', {}, row));
    return row;
  }

  private async preview(): Promise<void> {
    const { page, pressed } = this.desk;
    const { selected } = page;
    const turn = ++this.planning;
    page.preview = null;
    this.planned = selected;
    if (selected === null) return setText(this.plan, '');
    const name = `${selected.colour} ${selected.class}`;
    setText(this.plan, `Planning for the ${name}`);
    const object = { class: selected.class, colour: selected.colour };
    const question = { type: 'preview', tick: pressed.tick, object, place: this.place.value } as const;
    const reply = await this.desk.ask('Plan', question, true);
    if (turn !== this.planning) return;
    const { preview = null } = reply;
    page.preview = preview;
    this.draw(page, performance.now());
    const reason = preview?.reason || reply.reason;
    setText(this.plan, preview?.ok === true ? `Ready to pick the ${name}: its way is shown` : `No plan: ${reason}`);
  }

  private async pressPick(): Promise<void> {
    const { selected } = this.desk.page;
    if (selected === null) return;
    const object = { class: selected.class, colour: selected.colour };
    const { ok } = await this.desk.ask('Pick', {
      type: 'pick',
      ...this.desk.pressed,
      object,
      place: this.place.value,
    });
    if (ok) this.select(null);
  }

  private async pressBatch(): Promise<void> {
    const count = Number(this.count.value);
    if (!Number.isInteger(count) || count < 1 || count > 1000) return this.desk.notice('A batch has 1 to 1000 picks.');
    await this.desk.ask('Batch', { type: 'batch', ...this.desk.pressed, count, place: this.place.value });
  }
}

function moved_m({ pose: a }: SeenObject, { pose: b }: SeenObject): number {
  return Math.hypot(...a.position.map((x, i) => x - b.position[i]));
}
