import type { Desk } from '../desk.ts';
import { labelled, make, section, setHidden, setText } from '../dom.ts';
import type { PageState } from '../page_state.ts';
import type { Part } from '../parts.ts';

const USUAL_FORCE_N = 30;

/** Opening and closing the hand. */
export class GripperPanel implements Part {
  readonly element: HTMLElement;
  readonly every_ms = 100;
  private readonly desk: Desk;
  private readonly now = make('p', { class: 'figure' });
  private readonly width = make('input', { type: 'number', min: '0', step: '1', value: '40', id: 'width' });
  private readonly force = make('input', {
    type: 'number',
    min: '0',
    step: '1',
    value: String(USUAL_FORCE_N),
    id: 'force',
  });
  private readonly buttons: readonly HTMLButtonElement[];

  constructor(desk: Desk) {
    this.desk = desk;
    const open = desk.button('Open', () => void this.move(desk.page.welcome?.gripper?.max_width_m ?? 0));
    const close = desk.button('Close', () => void this.move(0));
    const move = desk.button('Move', () => void this.move(Number(this.width.value) / 1000));
    this.buttons = [open, close, move];
    this.element = section(
      'Gripper',
      'gripper-panel',
      this.now,
      make('div', { class: 'row' }, open, close),
      make('div', { class: 'row' }, labelled('Width mm', this.width), labelled('Force N', this.force), move),
    );
  }

  draw({ state, welcome }: Readonly<PageState>): void {
    setHidden(this.element, welcome?.gripper == null);
    const width_m = state?.message.gripper_width_m ?? null;
    setText(this.now, width_m === null ? 'width unknown' : `${(width_m * 1000).toFixed(1)} mm open`);
    for (const each of this.buttons) this.desk.permit(each, 'operate', this.desk.refusalOfMotion());
  }

  private async move(asked_m: number): Promise<void> {
    const { max_width_m = 0, max_force_N = 0 } = this.desk.page.welcome?.gripper ?? {};
    const force_N = Math.min(max_force_N, Math.max(0, Number(this.force.value) || 0));
    const width_m = Math.min(max_width_m, Math.max(0, asked_m || 0));
    await this.desk.ask('Gripper', { type: 'gripper', ...this.desk.pressed, width_m, force_N });
  }
}
