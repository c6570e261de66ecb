import type { Action } from '../access/roles.ts';
import { permits } from '../access/roles.ts';
import type { Reply } from '../protocol/messages.ts';
import { PAST_SHOWN } from './core/jog_refusal.ts';
import { MODE_WORDS, moves } from './core/safety_words.ts';
import { button, isRefused, setRefused } from './dom.ts';
import type { ControlLink, Question } from './link/control_link.ts';
import type { PageState } from './page_state.ts';

/** What panels work with: the state of the page, the way to the server, and a line to tell the operator something. */
export class Desk {
  readonly page: PageState;
  private readonly link: ControlLink;
  private readonly tell: (text: string) => void;

  constructor(page: PageState, link: ControlLink, tell: (text: string) => void) {
    this.page = page;
    this.link = link;
    this.tell = tell;
  }

  /** What every deliberate command names: the newest state that was drawn, and the lease. */
  get pressed(): { readonly epoch: number; readonly tick: number } {
    return { epoch: this.page.state?.message.lease.epoch ?? 0, tick: this.page.drawnTick };
  }

  /** Asks the server; a refusal is told to the operator, but for one that the caller tells itself. */
  async ask(what: string, question: Question, quietly = false): Promise<Reply> {
    const reply = await this.link.ask(question);
    if (!reply.ok && !quietly) this.tell(`${what}: ${reply.reason}`);
    return reply;
  }

  notice(text: string): void {
    this.tell(text);
  }

  /** A button that says why it is greyed out instead of doing nothing. */
  button(label: string, onPress: () => void): HTMLButtonElement {
    const element = button(label, () => {
      if (isRefused(element)) this.tell(`${label}: ${element.title}`);
      else onPress();
    });
    return element;
  }

  /** Why something may not be done by this page now; empty where it may. */
  refusal(action: Action): string {
    const { link, welcome, state } = this.page;
    if (link !== 'open' || welcome === null) return 'no connection to the server';
    const { role, user } = welcome.session;
    if (!permits(role, action)) return `${user} is a ${role}, who may not do this`;
    return action === 'operate' && state?.message.lease.yours !== true ? 'take control first' : '';
  }

  /** Why the robot would not move if it were told to; empty where it would. */
  refusalOfMotion(): string {
    const safety = this.page.state?.message.safety ?? null;
    if (this.page.replaying) return PAST_SHOWN;
    return safety !== null && !moves(safety.mode) ? MODE_WORDS[safety.mode] : '';
  }

  /** Greys out what may not be done, for `more` too. */
  permit(element: HTMLButtonElement, action: Action, more = ''): void {
    setRefused(element, this.refusal(action) || more);
  }
}
