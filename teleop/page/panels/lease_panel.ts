import { secondsLeft } from '../core/format.ts';
import type { Desk } from '../desk.ts';
import { make, setData, setHidden, setText } from '../dom.ts';
import type { PageState } from '../page_state.ts';
import type { Part } from '../parts.ts';

/** Who is in control, and handing it over. */
export class LeasePanel implements Part {
  readonly element = make('section', { id: 'lease', class: 'panel', 'aria-label': 'Control' });
  readonly every_ms = 100;
  private readonly desk: Desk;
  private readonly holder = make('p', { role: 'status', id: 'lease-holder' });
  private readonly take: HTMLButtonElement;
  private readonly release: HTMLButtonElement;
  private readonly request = make('div', { role: 'group', 'aria-label': 'Request for control', hidden: '' });
  private readonly asked = make('p', { role: 'alert' });
  private readonly left = make('p', { class: 'quiet' });
  /** When the request that is shown runs out, by this page's clock. */
  private until = { of_ms: 0, at_ms: 0 };

  constructor(desk: Desk) {
    this.desk = desk;
    this.take = desk.button('Take control', () => void this.takeOrRequest());
    this.release = desk.button(
      'Release control',
      () => void desk.ask('Release control', { type: 'lease', want: 'release' }),
    );
    this.request.append(
      this.asked,
      this.left,
      desk.button('Hand over', () => void desk.ask('Hand over', { type: 'lease', want: 'grant' })),
      desk.button('Keep control', () => void desk.ask('Keep control', { type: 'lease', want: 'refuse' })),
    );
    this.element.append(this.holder, this.take, this.release, this.request);
  }

  draw({ state, link }: Readonly<PageState>, now_ms: number): void {
    const lease = link === 'open' ? (state?.message.lease ?? null) : null;
    const { holder = null, yours = false, request = null } = lease ?? {};
    setData(this.element, 'yours', String(yours));
    setText(this.holder, this.words(lease));
    this.desk.permit(this.take, 'control', yours ? 'you are in control' : '');
    this.desk.permit(this.release, 'control', yours ? '' : 'you are not in control');
    setHidden(this.request, request === null || !yours);
    if (request === null) return;
    setText(this.asked, `${request.user} asks for control`);
    if (this.until.of_ms !== request.until_ms) {
      this.until = { of_ms: request.until_ms, at_ms: now_ms + request.until_ms - (state?.message.sent_ms ?? 0) };
    }
    const left = secondsLeft(this.until.at_ms - now_ms);
    setText(this.left, `Unless you keep it, control is handed over in ${left}; the robot stands still first.`);
    if (!yours && holder !== null) setText(this.holder, `${request.user} has asked ${holder.user}: ${left}`);
  }

  private words(lease: NonNullable<PageState['state']>['message']['lease'] | null): string {
    if (lease === null) return 'Control: unknown';
    if (lease.yours) return 'You are in control';
    return lease.holder === null ? 'Nobody is in control' : `${lease.holder.user} is in control`;
  }

  private async takeOrRequest(): Promise<void> {
    const holder = this.desk.page.state?.message.lease.holder ?? null;
    const want = holder === null ? 'take' : 'request';
    const { ok } = await this.desk.ask('Take control', { type: 'lease', want });
    if (ok && holder !== null) this.desk.notice(`${holder.user} was asked to hand over control and has 5 s to refuse.`);
  }
}
