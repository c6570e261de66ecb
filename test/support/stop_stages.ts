import type { Page } from 'playwright-core';
import type { StopMessage, StopProgress } from '../../teleop/protocol/index.ts';

/** When each stage of a press was reached, ms since 1970; the page's and the server's clocks are those of this machine. */
export interface StagedStop {
  readonly pressed_ms: number;
  readonly handled_ms: number;
  taken_ms: number | null;
  stopping_ms: number | null;
  standstill_ms: number | null;
  travel_m: number | null;
}

/** The stages of every press of Stop on a page, as they go over its socket. To be made before the page is opened. */
export class StopStages {
  readonly presses: StagedStop[] = [];
  private readonly byId = new Map<number, StagedStop>();

  constructor(page: Page) {
    page.on('websocket', (socket) => {
      if (!socket.url().endsWith('/ws/stop')) return;
      socket.on('framesent', ({ payload }) => this.sent(JSON.parse(String(payload)) as StopMessage));
      socket.on('framereceived', ({ payload }) => this.received(JSON.parse(String(payload)) as StopProgress));
    });
  }

  private sent({ type, id, pressed_ms, handled_ms }: StopMessage): void {
    if (type !== 'stop' || this.byId.has(id)) return;
    const press = { pressed_ms, handled_ms, taken_ms: null, stopping_ms: null, standstill_ms: null, travel_m: null };
    this.byId.set(id, press);
    this.presses.push(press);
  }

  private received({ id, phase, t_ms, travel_m }: StopProgress): void {
    const press = this.byId.get(id);
    if (press === undefined) return;
    if (phase === 'taken') press.taken_ms ??= t_ms;
    else if (phase === 'stopping') press.stopping_ms ??= t_ms;
    else if (phase === 'standstill') press.standstill_ms ??= t_ms;
    press.travel_m ??= travel_m ?? null;
  }
}
