import type { World } from '../../protocol/messages.ts';
import { setData, setText } from '../dom.ts';
import type { PageState } from '../page_state.ts';

/** Frame, title and icon say which world this is: nobody takes a robot for a simulation. */
export class WorldFrame {
  private shown: World | null = null;
  private readonly label = document.getElementById('world');
  private readonly stopLine = document.getElementById('physical-stop');

  draw({ welcome }: Readonly<PageState>): void {
    if (welcome === null || welcome.world === this.shown) return;
    this.shown = welcome.world;
    const { kind, name } = welcome.world;
    const text = kind === 'simulation' ? 'SIMULATION' : `REAL: ${name}`;
    setData(document.body, 'world', kind);
    document.title = `${text} · ${welcome.world.robot} · surepick`;
    document.getElementById('icon')?.setAttribute('href', `/icons/${kind}.svg`);
    if (this.label !== null) setText(this.label, text);
    if (this.stopLine !== null) setText(this.stopLine, welcome.physical_stop);
  }
}
