import type { PolicyView, SeenObject } from '../../protocol/messages.ts';
import { percent } from '../core/format.ts';
import type { Desk } from '../desk.ts';
import { labelled, make, section, setHidden, setText } from '../dom.ts';
import type { PageState } from '../page_state.ts';
import type { Part } from '../parts.ts';

/** Digits of a hash that people compare. */
const SHORT = 12;

export interface PolicyPanelOptions {
  /** Where the chosen object goes. */
  readonly place: () => string;
  /** It was started: the object is no longer chosen. */
  readonly onStart: () => void;
}

/** Learned policies: choose an object and one of them, press once. Not there where none is offered. */
export class PolicyPanel implements Part {
  readonly element: HTMLElement;
  readonly every_ms = 100;
  private readonly desk: Desk;
  private readonly options: PolicyPanelOptions;
  private readonly list = make('select', { id: 'policy' });
  private readonly facts = make('p', { class: 'quiet', id: 'policy-facts' });
  private readonly told = make('p', { class: 'warning', id: 'policy-told' });
  private readonly target = make('p', { role: 'status', id: 'policy-target' });
  private readonly start: HTMLButtonElement;
  private listed = '';

  constructor(desk: Desk, options: PolicyPanelOptions) {
    this.desk = desk;
    this.options = options;
    this.start = desk.button('Run policy', () => void this.press());
    this.start.classList.add('primary');
    this.element = section(
      'Policy',
      'policy-panel',
      make('div', { class: 'row' }, labelled('Policy', this.list), this.start),
      this.facts,
      this.told,
      this.target,
    );
    this.element.hidden = true;
  }

  draw({ policies, selected }: Readonly<PageState>): void {
    const offered = policies?.policies ?? [];
    setHidden(this.element, offered.length === 0);
    this.drawList(offered);
    const policy = this.chosen(offered);
    if (policy === null) return;
    setText(this.facts, factsOf(policy));
    const told = 'It is told the true state of the simulated world, which no real robot knows.';
    setText(this.told, policy.told === 'state' ? told : '');
    setText(this.target, this.targetOf(selected));
    const refusal = this.desk.refusalOfMotion() || policy.refusal;
    this.desk.permit(this.start, 'operate', refusal || (selected === null ? 'choose an object first' : ''));
  }

  private drawList(offered: readonly PolicyView[]): void {
    const key = offered.map(({ model_sha256 }) => model_sha256).join();
    if (key === this.listed) return;
    this.listed = key;
    const options = offered.map(({ model_sha256: value, name, version }) =>
      make('option', { value }, `${name} ${version}`),
    );
    this.list.replaceChildren(...options);
  }

  private chosen(offered: readonly PolicyView[]): PolicyView | null {
    return offered.find(({ model_sha256 }) => model_sha256 === this.list.value) ?? null;
  }

  private targetOf(selected: SeenObject | null): string {
    if (selected === null) return 'Choose an object above: what it is to bring is outlined.';
    const { colour, class: kind } = selected;
    return `Would bring the ${colour} ${kind} to ${this.options.place()}, by a way of its own.`;
  }

  private async press(): Promise<void> {
    const { selected, policies } = this.desk.page;
    const policy = this.chosen(policies?.policies ?? []);
    if (selected === null || policy === null) return;
    const { ok } = await this.desk.ask('Run policy', {
      type: 'policy',
      ...this.desk.pressed,
      model_sha256: policy.model_sha256,
      object: { class: selected.class, colour: selected.colour },
      place: this.options.place(),
    });
    if (ok) this.options.onStart();
  }
}

function factsOf({ task, rate_hz, model_sha256, ask_below }: PolicyView): string {
  const asks = ask_below > 0 ? `asks when it is sure by less than ${percent(ask_below)}` : 'never asks';
  return `${task} · ${rate_hz} decisions a second · ${asks} · SHA-256 ${model_sha256.slice(0, SHORT)}…`;
}
