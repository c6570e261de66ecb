import type { HeldBy, Push } from './core/held_control.ts';
import { pushOfKey } from './core/jog_keys.ts';
import type { JogRefusal } from './core/jog_refusal.ts';
import type { Jogger, JogSetting } from './core/jogger.ts';
import { PadHold } from './core/pad_hold.ts';

export interface JogInputOptions {
  readonly jogger: Jogger;
  readonly setting: () => JogSetting;
  readonly refusal: () => JogRefusal | null;
}

/** Pointers, keys and gamepad as held controls, and every way in which one is let go. */
export class JogInput {
  /** Whether held keys, and the gamepad, move the robot. */
  keys = false;
  gamepad = false;
  private readonly options: JogInputOptions;
  private readonly pointers = new Set<number>();
  private readonly pad: PadHold;

  constructor(options: JogInputOptions) {
    this.options = options;
    const { jogger } = options;
    this.pad = new PadHold({
      press: (control, push) => this.press('gamepad', control, push),
      lift: (control) => jogger.lift(control),
      gone: () => jogger.release('gamepad_gone', 'the gamepad is gone'),
    });
    this.listen();
  }

  /** In each frame: the gamepad has no events. */
  turn(): void {
    const { jogger } = this.options;
    const pads = this.gamepad && document.hasFocus() ? navigator.getGamepads() : [];
    this.pad.turn(pads.find((pad) => pad?.connected === true) ?? null);
    if (this.pad.holds && jogger.held.by !== 'gamepad') this.pad.drop();
  }

  /** Makes a button one that moves the robot while it is held, by pointer, or by Space and Enter when it has the focus. */
  bind(button: HTMLButtonElement, push: Push): void {
    const { jogger } = this.options;
    const control = `button ${push.axis} ${push.amount}`;
    button.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || this.pointers.size !== 1) return;
      button.setPointerCapture(event.pointerId);
      if (this.press('pointer', control, push)) button.dataset.held = 'true';
    });
    button.addEventListener('pointerup', () => jogger.lift(control));
    for (const name of ['pointercancel', 'lostpointercapture'] as const) {
      button.addEventListener(name, () => {
        delete button.dataset.held;
        if (jogger.held.by === 'pointer') jogger.release('pointer_lost', 'the pointer was taken away');
      });
    }
    button.addEventListener('contextmenu', (event) => event.preventDefault());
    button.addEventListener('keydown', (event) => {
      if (event.key !== ' ' && event.key !== 'Enter') return;
      event.preventDefault();
      if (!event.repeat) this.press('keyboard', control, push);
    });
    button.addEventListener('keyup', (event) => {
      if (event.key === ' ' || event.key === 'Enter') jogger.lift(control);
    });
    button.addEventListener('blur', () => {
      if (jogger.held.by === 'keyboard') jogger.release('blur', 'the focus went elsewhere');
    });
  }

  private press(by: HeldBy, control: string, push: Push): boolean {
    return this.options.jogger.press(by, control, push, this.options.refusal());
  }

  private listen(): void {
    const { jogger, setting } = this.options;
    const early = { capture: true };
    window.addEventListener(
      'pointerdown',
      ({ pointerId }) => {
        this.pointers.add(pointerId);
        if (this.pointers.size > 1) jogger.release('second_touch', 'a second touch');
      },
      early,
    );
    for (const name of ['pointerup', 'pointercancel'] as const) {
      window.addEventListener(name, ({ pointerId }) => this.pointers.delete(pointerId), early);
    }
    window.addEventListener('blur', () => this.leave('blur', 'the window lost the focus'));
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.leave('hidden', 'the page was hidden');
    });
    window.addEventListener('pagehide', () => this.leave('hidden', 'the page was left'));
    window.addEventListener('gamepaddisconnected', () => {
      if (jogger.held.by === 'gamepad') jogger.release('gamepad_gone', 'the gamepad is gone');
    });
    document.addEventListener('focusin', ({ target }) => {
      if (takesText(target) && jogger.held.by === 'keyboard') jogger.release('blur', 'a text field has the focus');
    });
    window.addEventListener('keydown', (event) => {
      if (!this.keys || event.repeat || event.ctrlKey || event.altKey || event.metaKey || takesText(event.target))
        return;
      const { kind, ...rest } = setting();
      const push = pushOfKey(event.code, kind, 'count' in rest ? rest.count : 0);
      if (push === null) return;
      event.preventDefault();
      this.press('keyboard', `key ${event.code}`, push);
    });
    window.addEventListener('keyup', ({ code }) => jogger.lift(`key ${code}`), early);
  }

  private leave(cause: 'blur' | 'hidden', why: string): void {
    this.pointers.clear();
    this.options.jogger.release(cause, why);
  }
}

/** Whether keys that are pressed there are for it. */
function takesText(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox' && target.type !== 'radio';
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLElement && target.isContentEditable)
  );
}
