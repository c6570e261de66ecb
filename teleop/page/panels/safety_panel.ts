import { categoryWords, isStop, MODE_WORDS, moves } from '../core/safety_words.ts';
import type { Desk } from '../desk.ts';
import { make, setData, setHidden, setText } from '../dom.ts';
import type { PageState } from '../page_state.ts';
import type { Part } from '../parts.ts';

/** What the safety supervisor says, why, and the way out of a stop. */
export class SafetyPanel implements Part {
  readonly element = make('section', { id: 'safety', class: 'panel' });
  readonly every_ms = 0;
  private readonly mode = make('strong');
  private readonly reasons = make('span');
  private readonly state = make('div', { role: 'status', 'aria-label': 'Safety state', id: 'safety-state' });
  private readonly detail = make('p', { class: 'quiet' });
  private readonly causes = make('ul', { 'aria-label': 'Causes of the stop' });
  private readonly outcome = make('p', { role: 'status' });
  private readonly reset: HTMLButtonElement;
  private readonly desk: Desk;
  private wasStopped = false;

  constructor(desk: Desk) {
    this.desk = desk;
    this.reset = desk.button('Reset', () => void this.askReset());
    this.state.append(this.mode, ' ', this.reasons);
    this.element.append(this.state, this.reset, this.detail, this.outcome, this.causes);
    setHidden(this.causes, true);
  }

  draw({ state, link, linkReason }: Readonly<PageState>): void {
    const safety = state?.message.safety ?? null;
    const lost = link === 'open' ? (state?.message.lost ?? '') : linkReason || 'connecting';
    if (safety === null || lost !== '') this.drawUnknown(lost);
    else {
      const stopped = isStop(safety.mode);
      setData(this.state, 'kind', stopped ? 'stop' : moves(safety.mode) ? 'ready' : 'waiting');
      this.setAlert(stopped);
      setText(this.mode, MODE_WORDS[safety.mode]);
      setText(this.reasons, safety.reasons.join('; '));
      setText(this.detail, this.details(safety));
      if (this.wasStopped && !stopped) window.surepickStop?.rearm();
      this.wasStopped = stopped;
    }
    const nothing = safety !== null && !isStop(safety.mode) ? 'there is no stop to leave' : '';
    this.desk.permit(this.reset, 'reset', nothing);
  }

  private drawUnknown(lost: string): void {
    setData(this.state, 'kind', 'unknown');
    this.setAlert(this.desk.page.welcome !== null);
    setText(this.mode, 'unknown');
    setText(this.reasons, lost);
    setText(this.detail, '');
  }

  private setAlert(alert: boolean): void {
    const role = alert ? 'alert' : 'status';
    if (this.state.getAttribute('role') !== role) this.state.setAttribute('role', role);
  }

  private details(safety: NonNullable<NonNullable<PageState['state']>['message']['safety']>): string {
    const { separation_m, protective_distance_m: least_m } = safety;
    return [
      categoryWords(safety.stop_category),
      safety.drives_on ? '' : 'drives off',
      safety.degradation === 'none' ? '' : `work is limited: ${safety.degradation}`,
      separation_m === null
        ? ''
        : `nearest body ${separation_m.toFixed(2)} m, safe from ${(least_m ?? 0).toFixed(2)} m`,
      `would stop within ${(safety.stop_time_s * 1000).toFixed(0)} ms`,
    ]
      .filter((part) => part !== '')
      .join(' · ');
  }

  private async askReset(): Promise<void> {
    setText(this.outcome, 'resetting');
    const { ok, reason, causes = [] } = await this.desk.ask('Reset', { type: 'reset' });
    setText(this.outcome, ok ? 'standstill in reduced mode' : `not reset: ${reason}`);
    this.causes.replaceChildren(
      ...causes.map(({ cause, fixed }) => make('li', {}, `${fixed ? 'fixed' : 'not fixed'}: ${cause}`)),
    );
    setHidden(this.causes, causes.length === 0);
  }
}
