import type { Reply, ServerMessage } from '../../protocol/messages.ts';
import { ClockOffset } from '../core/clock_offset.ts';
import type { LinkState, PageState } from '../page_state.ts';

const RATE_WINDOW_MS = 1000;

/** Puts what comes where the page reads it. Times of performance.now(), ms. */
export class Inbox {
  private readonly page: PageState;
  private readonly offset = new ClockOffset();
  private readonly arrivals: number[] = [];

  constructor(page: PageState) {
    this.page = page;
  }

  linkIs(link: LinkState, reason: string): void {
    this.page.link = link;
    this.page.linkReason = reason;
    if (link === 'connecting') this.offset.reset();
    if (link === 'login') {
      this.page.welcome = null;
      this.page.state = null;
    }
  }

  hear(message: Exclude<ServerMessage, Reply>, at_ms: number): void {
    const { page } = this;
    switch (message.type) {
      case 'welcome':
        page.welcome = message;
        return;
      case 'state':
        if (page.state !== null && page.link === 'open' && message.tick === page.state.message.tick) return;
        page.state = { message, at_ms };
        page.stateTrueSince_ms = this.offset.sentAt_ms(message.sent_ms, at_ms) - message.age_ms;
        this.count(at_ms);
        return;
      case 'scene':
        page.scene = { message, at_ms };
        return;
      case 'alarms':
        page.alarms = { message, at_ms };
        return;
      case 'latency':
        page.latency = { message, at_ms };
        return;
      case 'counters':
        page.counters = { message, at_ms };
        return;
      case 'policies':
        page.policies = message;
        return;
      case 'escalations':
        page.escalations = { message, at_ms };
        return;
      case 'pong':
        page.rtt_ms = at_ms - message.at_ms;
        return;
      case 'refused':
        for (const [reason, count] of Object.entries(message.reasons)) {
          page.refused[reason] = (page.refused[reason] ?? 0) + count;
        }
        return;
    }
  }

  private count(at_ms: number): void {
    this.arrivals.push(at_ms);
    while (this.arrivals[0] < at_ms - RATE_WINDOW_MS) this.arrivals.shift();
    this.page.stateRate_hz = this.arrivals.length;
  }
}
