import type { JogFrame } from '../../protocol/commands.ts';
import { keyOf } from '../core/jog_keys.ts';
import { jogRefusal } from '../core/jog_refusal.ts';
import { JogStep, type StepSize } from '../core/jog_step.ts';
import type { Jogger, JogSetting } from '../core/jogger.ts';
import type { Desk } from '../desk.ts';
import { labelled, make, section, setData, setHidden, setText } from '../dom.ts';
import type { JogInput } from '../jog_input.ts';
import type { PageState } from '../page_state.ts';
import type { Part } from '../parts.ts';

const TOOL_AXES = ['X', 'Y', 'Z', 'Turn X', 'Turn Y', 'Turn Z'] as const;
const DEGREE = Math.PI / 180;
const STEPS: Readonly<Record<string, StepSize>> = {
  small: { linear_m: 0.001, angular_rad: 0.5 * DEGREE },
  medium: { linear_m: 0.005, angular_rad: 2 * DEGREE },
  large: { linear_m: 0.02, angular_rad: 5 * DEGREE },
};
const STEP_WORDS = {
  continuous: 'continuous',
  small: 'step 1 mm, 0.5°',
  medium: 'step 5 mm, 2°',
  large: 'step 20 mm, 5°',
} as const;
const FRAMES: Readonly<Record<JogFrame, string>> = { base: 'base', tool: 'tool', camera: 'camera' };

export interface JogView {
  /** Of the oldest picture that is shown; null where there is none yet. */
  pictureAge_ms(now_ms: number): number | null;
}

/** Moving the arm by hand: hold to run, at reduced speed. */
export class JogPanel implements Part {
  readonly element: HTMLElement;
  readonly every_ms = 100;
  private readonly desk: Desk;
  private readonly jogger: Jogger;
  private readonly view: JogView;
  private readonly input: JogInput;
  private readonly kind = select('jog-kind', { tool: 'tool', joints: 'joints' });
  private readonly frame = select('jog-frame', FRAMES);
  private readonly step = select('jog-step', STEP_WORDS);
  private readonly keys = make('input', { type: 'checkbox', id: 'jog-keys' });
  private readonly gamepad = make('input', { type: 'checkbox', id: 'jog-gamepad' });
  private readonly pad = make('div', { id: 'jog-pad', role: 'group', 'aria-label': 'Hold to move' });
  private readonly status = make('p', { role: 'status', id: 'jog-status' });
  private readonly frameField: HTMLElement;
  private readonly meter = new JogStep();
  private drawnPad = '';
  private stepping = false;
  private dropped = '';

  constructor(desk: Desk, jogger: Jogger, view: JogView, input: JogInput) {
    this.desk = desk;
    this.jogger = jogger;
    this.view = view;
    this.input = input;
    this.frameField = labelled('Frame', this.frame);
    for (const each of [this.kind, this.frame, this.step, this.keys, this.gamepad]) {
      each.addEventListener('change', () => this.changed());
    }
    this.element = section(
      'Jog and servo',
      'jog-panel',
      make('p', { class: 'quiet' }, 'Hold to run, at reduced speed. Letting go stops.'),
      make('div', { class: 'row' }, labelled('Move', this.kind), this.frameField, labelled('Way', this.step)),
      this.status,
      this.pad,
      make(
        'div',
        { class: 'row' },
        check(this.keys, 'Held keys move the robot'),
        check(this.gamepad, 'Gamepad moves the robot (hold the left shoulder button)'),
      ),
    );
  }

  get setting(): JogSetting {
    if (this.kind.value === 'joints') {
      return { kind: 'joints', count: this.desk.page.welcome?.jog.joint_rad_s.length ?? 0 };
    }
    return { kind: 'tool', frame: isFrame(this.frame.value) ? this.frame.value : 'base' };
  }

  refusal(now_ms: number): ReturnType<typeof jogRefusal> {
    return jogRefusal(this.desk.page, this.view.pictureAge_ms(now_ms), now_ms);
  }

  /** Held controls were let go for a reason of their own; it stays until the next press. */
  onDrop(why: string): void {
    this.dropped = why;
  }

  /** In each frame, after everything was drawn. */
  turn(now_ms: number): void {
    this.input.turn();
    const { state, drawnTick } = this.desk.page;
    if (!this.jogger.active || state === null) {
      this.stepping = false;
      return;
    }
    this.dropped = '';
    const share = this.stepShare();
    const drawn = { tick: drawnTick, epoch: state.message.lease.epoch };
    if (share === 0) this.jogger.release('released', 'step done');
    else this.jogger.turn(now_ms, drawn, this.setting, this.refusal(now_ms), share);
  }

  draw({ welcome, state }: Readonly<PageState>, now_ms: number): void {
    const kind = this.setting.kind;
    setHidden(this.frameField, kind === 'joints');
    const names = kind === 'tool' ? TOOL_AXES : (welcome?.joints.names ?? []);
    if (this.drawnPad !== `${kind} ${names.join(' ')}`) this.drawPad(kind, names);
    const refusal = this.refusal(now_ms);
    setData(this.pad, 'refused', String(refusal !== null));
    const servo = state?.message.servo;
    const slowed = servo != null && servo.reason !== 'none' ? `${servo.state}: ${servo.detail || servo.reason}` : '';
    if (this.jogger.active) setText(this.status, `moving${slowed === '' ? '' : ` · ${slowed}`}`);
    else if (refusal !== null) setText(this.status, `Jogging is refused: ${refusal.why}`);
    else setText(this.status, this.dropped === '' ? 'ready' : `stopped: ${this.dropped}; press again to go on`);
  }

  private stepShare(): number {
    const { page } = this.desk;
    const size = STEPS[this.step.value];
    if (size === undefined || page.state === null || page.welcome === null) return 1;
    const posture = page.state.message;
    if (!this.stepping) this.meter.begin(posture);
    this.stepping = true;
    const { linear_m_s, angular_rad_s, joint_rad_s } = page.welcome.jog;
    const { kind } = this.setting;
    const speed = { linear_m_s, angular_rad_s: kind === 'joints' ? Math.max(...joint_rad_s) : angular_rad_s };
    return this.meter.share(posture, kind, size, speed);
  }

  private changed(): void {
    this.jogger.release('released');
    this.input.keys = this.keys.checked;
    this.input.gamepad = this.gamepad.checked;
  }

  private drawPad(kind: 'tool' | 'joints', names: readonly string[]): void {
    this.drawnPad = `${kind} ${names.join(' ')}`;
    this.jogger.release('released');
    const buttons = names.flatMap((name, axis) =>
      [-1, 1].map((amount) => {
        const sign = amount > 0 ? '+' : '−';
        const element = make('button', { type: 'button', class: 'hold' }, `${name} ${sign}`);
        const key = keyOf(axis, amount, kind);
        if (key !== '') element.append(make('kbd', { 'aria-hidden': 'true' }, key));
        this.input.bind(element, { axis, amount });
        return element;
      }),
    );
    this.pad.replaceChildren(...buttons);
  }
}

function select(id: string, options: Readonly<Record<string, string>>): HTMLSelectElement {
  return make('select', { id }, ...Object.entries(options).map(([value, text]) => make('option', { value }, text)));
}

function check(box: HTMLInputElement, text: string): HTMLLabelElement {
  return make('label', { class: 'check' }, box, ` ${text}`);
}

function isFrame(name: string): name is JogFrame {
  return Object.hasOwn(FRAMES, name);
}
