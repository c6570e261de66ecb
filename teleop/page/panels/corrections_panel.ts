import type { CommandOf } from '../../protocol/commands.ts';
import type { Welcome } from '../../protocol/messages.ts';
import { type Correctable, correctables, questionKey } from '../core/correctable.ts';
import { PAST_SHOWN } from '../core/jog_refusal.ts';
import { outlineOf } from '../core/selection.ts';
import type { Desk } from '../desk.ts';
import { folded, labelled, make, setHidden, setText } from '../dom.ts';
import type { PageState } from '../page_state.ts';
import type { Part } from '../parts.ts';

type Verdict = CommandOf<'correct'>['verdict'];
type Mistake = Verdict['mistake'];
const MISTAKES: Readonly<Record<Mistake, string>> = {
  not_object: 'no object',
  other_object: 'another object',
  other_place: 'somewhere else',
};
const EDGES = ['Left', 'Top', 'Width', 'Height'] as const;

/** Speaking against what was seen, asked or not: it becomes an example for the next training. */
export class CorrectionsPanel implements Part {
  readonly element: HTMLDetailsElement;
  readonly every_ms = 200;
  private readonly desk: Desk;
  private readonly what = make('select', { id: 'wrong' });
  private readonly mistake = make('select', { id: 'mistake' });
  private readonly object = make('select', { id: 'is-object' });
  private readonly objectField = labelled('It is a', this.object);
  private readonly edges = EDGES.map((name) =>
    make('input', { type: 'number', min: '0', step: '1', id: `is-${name.toLowerCase()}` }),
  );
  private readonly box = make('div', { class: 'row' }, ...EDGES.map((name, i) => labelled(name, this.edges[i])));
  private readonly correct: HTMLButtonElement;
  private readonly outcome = make('p', { role: 'status' });
  private choices: readonly Correctable[] = [];
  private listed = '';
  /** Of the object that the edges are of. */
  private edged = '';
  private followed: PageState['selected'] = null;
  private objects: Welcome['objects'] = [];

  constructor(desk: Desk) {
    this.desk = desk;
    this.mistake.append(...Object.entries(MISTAKES).map(([value, text]) => make('option', { value }, text)));
    this.correct = desk.button('Correct', () => void this.press());
    this.element = folded(
      'Correct what is seen',
      'corrections-panel',
      make('p', { class: 'quiet' }, 'What you say is kept with the picture for the next training. It moves nothing.'),
      make('div', { class: 'row' }, labelled('Seen', this.what), labelled('It is', this.mistake), this.objectField),
      this.box,
      make('div', { class: 'row' }, this.correct),
      this.outcome,
    );
  }

  /** Opens it with a question chosen. */
  about(question: string): void {
    this.element.open = true;
    this.draw(this.desk.page);
    this.what.value = questionKey(question);
    this.mistake.focus();
  }

  draw({ welcome, scene, escalations, selected }: Readonly<PageState>): void {
    const { page } = this.desk;
    page.correcting = null;
    if (!this.element.open) return;
    this.listObjects(welcome?.objects ?? []);
    this.choices = correctables(scene?.message.outlines ?? [], escalations?.message.open ?? []);
    this.list();
    if (selected !== this.followed) this.follow(selected);
    const { chosen } = this;
    page.correcting = chosen?.outline ?? null;
    setHidden(this.objectField, this.mistake.value !== ('other_object' satisfies Mistake));
    setHidden(this.box, this.mistake.value !== ('other_place' satisfies Mistake));
    if (chosen !== null && this.edged !== chosen.key) this.fill(chosen);
    const past = page.replaying ? PAST_SHOWN : '';
    this.desk.permit(this.correct, 'answer', past || (chosen === null ? 'choose what is wrong first' : ''));
  }

  private get chosen(): Correctable | null {
    return this.choices.find(({ key }) => key === this.what.value) ?? null;
  }

  /** A list that somebody is choosing from stays as it is. */
  private list(): void {
    const listed = this.choices.map(({ key }) => key).join('\n');
    if (listed === this.listed || document.activeElement === this.what) return;
    this.listed = listed;
    const { value } = this.what;
    this.what.replaceChildren(...this.choices.map(({ key, label }) => make('option', { value: key }, label)));
    if (this.choices.some(({ key }) => key === value)) this.what.value = value;
  }

  private listObjects(objects: Welcome['objects']): void {
    if (objects === this.objects) return;
    this.objects = objects;
    this.object.replaceChildren(...objects.map((_, i) => make('option', { value: String(i) }, this.nameOf(i))));
  }

  private nameOf(i: number): string {
    return `${this.objects[i].colour} ${this.objects[i].class}`;
  }

  /** What is chosen to be picked is what is looked at. */
  private follow(selected: PageState['selected']): void {
    this.followed = selected;
    const { scene } = this.desk.page;
    for (const { camera, boxes } of scene?.message.outlines ?? []) {
      const id = outlineOf(selected, boxes);
      const found = this.choices.find(({ outline }) => id !== null && outline?.camera === camera && outline.id === id);
      if (found === undefined) continue;
      this.what.value = found.key;
      return;
    }
  }

  /** The edges begin where the object is outlined. */
  private fill({ key, box }: Correctable): void {
    this.edged = key;
    for (const [i, edge] of this.edges.entries()) edge.value = String(Math.round(box[i]));
  }

  private get verdict(): Verdict | string {
    switch (this.mistake.value) {
      case 'other_object': {
        const object = this.objects[Number(this.object.value)];
        return object === undefined ? 'choose what it is' : { mistake: 'other_object', object };
      }
      case 'other_place': {
        const [left, top, width, height] = this.edges.map(({ valueAsNumber }) => valueAsNumber);
        const whole = left >= 0 && top >= 0 && width >= 1 && height >= 1;
        return whole
          ? { mistake: 'other_place', box: [left, top, width, height] }
          : 'Left and Top are 0 px or more, Width and Height 1 px or more';
      }
      default:
        return { mistake: 'not_object' };
    }
  }

  private async press(): Promise<void> {
    const { chosen, verdict } = this;
    if (chosen === null) return;
    if (typeof verdict === 'string') return setText(this.outcome, verdict);
    const { ok, reason } = await this.desk.ask('Correct', { type: 'correct', about: chosen.about, verdict }, true);
    setText(this.outcome, ok ? `Kept for training: ${chosen.label} is ${MISTAKES[verdict.mistake]}` : reason);
  }
}
