import { percent, words } from '../core/format.ts';
import type { Desk } from '../desk.ts';
import { labelled, make, section, setText } from '../dom.ts';
import type { PageState } from '../page_state.ts';
import type { Part } from '../parts.ts';

type Task = NonNullable<PageState['state']>['message']['task'];

const NAMES: Readonly<Record<Task['kind'], string>> = {
  none: 'Nothing runs',
  jog: 'Jog and servo',
  pick: 'Automatic pick',
  batch: 'Batch of automatic picks',
  policy: 'Policy',
  home: 'Going home',
  retreat: 'Retreating',
  gripper: 'Gripper',
  other: 'Another task',
};
const SPEED_STEP = 5;

/** What the robot is doing and why, and holding it up. */
export class TaskPanel implements Part {
  readonly element: HTMLElement;
  readonly every_ms = 0;
  private readonly desk: Desk;
  private readonly kind = make('p', { id: 'task', role: 'status' });
  private readonly reason = make('p', { class: 'quiet', id: 'task-reason' });
  private readonly pause: HTMLButtonElement;
  private readonly cancel: HTMLButtonElement;
  private readonly speed = make('input', { type: 'range', min: '5', max: '100', step: '5', id: 'speed' });
  private readonly speedText = make('output', { for: 'speed' });
  private readonly slower: HTMLButtonElement;
  private readonly faster: HTMLButtonElement;
  private touched_ms = Number.NEGATIVE_INFINITY;

  constructor(desk: Desk) {
    this.desk = desk;
    this.pause = desk.button('Pause', () => void this.pauseOrContinue());
    this.cancel = desk.button('Cancel', () => void desk.ask('Cancel', { type: 'cancel', ...desk.pressed }));
    this.slower = desk.button('Slower', () => this.setSpeed(Number(this.speed.value) - SPEED_STEP));
    this.faster = desk.button('Faster', () => this.setSpeed(Number(this.speed.value) + SPEED_STEP));
    this.speed.addEventListener('input', () => {
      this.touched_ms = performance.now();
    });
    this.speed.addEventListener('change', () => this.setSpeed(Number(this.speed.value)));
    this.element = section(
      'Task',
      'task-panel',
      this.kind,
      this.reason,
      make('div', { class: 'row' }, this.pause, this.cancel, this.slower, this.faster),
      make('div', { class: 'row inline' }, labelled('Speed', this.speed), this.speedText),
    );
  }

  draw({ state }: Readonly<PageState>, now_ms: number): void {
    const task = state?.message.task;
    const [runs, paused] = [task !== undefined && task.kind !== 'none', task?.paused === true];
    if (task !== undefined) {
      const batch = task.of > 0 ? ` · ${task.done} of ${task.of}` : '';
      const attempt = task.attempt > 1 ? ` · attempt ${task.attempt}` : '';
      const stage = task.stage === '' ? '' : `: ${words(task.stage)}`;
      setText(this.kind, `${NAMES[task.kind]}${stage}${batch}${attempt}${paused ? ' · paused' : ''}`);
      setText(this.reason, task.policy === undefined ? task.reason : policyWords(task.policy, task.reason));
    }
    setText(this.pause, paused ? 'Continue' : 'Pause');
    const nothing = runs ? '' : 'nothing runs';
    this.desk.permit(this.pause, 'operate', nothing);
    this.desk.permit(this.cancel, 'operate', nothing);
    for (const each of [this.slower, this.faster]) this.desk.permit(each, 'operate');
    const refused = this.desk.refusal('operate') !== '';
    if (this.speed.disabled !== refused) this.speed.disabled = refused;
    if (state === null || now_ms - this.touched_ms < 1000) return;
    const shown = String(Math.round(state.message.speed * 100));
    if (this.speed.value !== shown) this.speed.value = shown;
    setText(this.speedText, percent(state.message.speed));
  }

  private async pauseOrContinue(): Promise<void> {
    const { desk } = this;
    const paused = desk.page.state?.message.task.paused === true;
    await desk.ask(paused ? 'Continue' : 'Pause', { type: paused ? 'continue' : 'pause', ...desk.pressed });
  }

  private setSpeed(asked: number): void {
    const value = Math.max(SPEED_STEP, Math.min(100, asked));
    this.speed.value = String(value);
    this.touched_ms = performance.now();
    setText(this.speedText, percent(value / 100));
    void this.desk.ask('Speed', { type: 'speed', ...this.desk.pressed, share: value / 100 });
  }
}

function policyWords({ name, confidence, time_s }: NonNullable<Task['policy']>, reason: string): string {
  const sure = confidence === null ? '' : ` · sure by ${percent(confidence)}`;
  return `${name} · ${time_s.toFixed(0)} s${sure}${reason === '' ? '' : ` · ${reason}`}`;
}
