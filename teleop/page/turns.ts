import { duration } from './core/format.ts';
import { stateAge_ms } from './core/jog_refusal.ts';
import type { ControlLink } from './link/control_link.ts';
import type { PageState } from './page_state.ts';
import type { JogPanel } from './panels/jog_panel.ts';
import type { WorldFrame } from './panels/world_frame.ts';
import type { Part } from './parts.ts';
import type { ViewPanel } from './view_panel.ts';

const ALIVE_MS = 250;
const PING_MS = 1000;
/** Over this the drawn robot is greyed with its age over it. */
const OLD_MS = 300;

export interface TurnsOptions {
  readonly page: PageState;
  readonly link: ControlLink;
  readonly parts: readonly Part[];
  readonly world: WorldFrame;
  readonly view: ViewPanel;
  readonly jog: JogPanel;
  readonly tell: (text: string) => void;
}

/**
 * One turn a frame: draws what came, then reads held controls and tells the server which state was drawn. A page that is not
 * drawn says nothing.
 */
export class Turns {
  private readonly options: TurnsOptions;
  private readonly drawn_ms = new Map<Part, number>();
  private readonly broken = new Set<Part>();
  private alive_ms = 0;
  private ping_ms = 0;

  constructor(options: TurnsOptions) {
    this.options = options;
  }

  start(): void {
    const frame = () => {
      requestAnimationFrame(frame);
      this.turn(performance.now());
    };
    requestAnimationFrame(frame);
  }

  private turn(now_ms: number): void {
    const { page, world, view, jog } = this.options;
    const { state } = page;
    world.draw(page);
    for (const part of this.options.parts) this.draw(part, now_ms);
    const age_ms = stateAge_ms(page, now_ms);
    view.grey(page.welcome !== null && !page.replaying && age_ms > OLD_MS ? duration(age_ms) : '');
    if (state !== null) page.drawnTick = state.message.tick;
    jog.turn(now_ms);
    this.say(now_ms);
  }

  private draw(part: Part, now_ms: number): void {
    if (this.broken.has(part) || now_ms - (this.drawn_ms.get(part) ?? Number.NEGATIVE_INFINITY) < part.every_ms) return;
    this.drawn_ms.set(part, now_ms);
    try {
      part.draw(this.options.page, now_ms);
    } catch (error) {
      // A part that cannot be drawn takes none of the others with it.
      this.broken.add(part);
      part.element.dataset.broken = 'true';
      this.options.tell(`A part of this page has failed; load the page again. ${String(error)}`);
    }
  }

  private say(now_ms: number): void {
    const { page, link } = this.options;
    if (page.link !== 'open') return;
    if (now_ms - this.alive_ms >= ALIVE_MS && page.state !== null) {
      this.alive_ms = now_ms;
      link.send({ type: 'alive', tick: page.drawnTick, epoch: page.state.message.lease.epoch });
    }
    if (now_ms - this.ping_ms >= PING_MS) {
      this.ping_ms = now_ms;
      link.send({ type: 'ping', at_ms: now_ms });
    }
  }
}
