import { type PadReading, pushesOfPad } from './gamepad_axes.ts';
import type { Push } from './held_control.ts';

/** What the pad does to held controls; it is read again and again, so what was dropped must come to rest before it counts. */
export interface PadActs {
  press(control: string, push: Push): boolean;
  lift(control: string): void;
  gone(): void;
}

export class PadHold {
  private readonly acts: PadActs;
  private readonly down = new Set<string>();
  private waitsForRest = true;

  constructor(acts: PadActs) {
    this.acts = acts;
  }

  get holds(): boolean {
    return this.down.size > 0;
  }

  /** @param reading  null while no pad is there, or it may not be used */
  turn(reading: PadReading | null): void {
    if (reading === null) {
      if (this.down.size > 0) this.acts.gone();
      this.drop();
      return;
    }
    const pushes = pushesOfPad(reading);
    if (pushes.length === 0) this.waitsForRest = false;
    if (this.waitsForRest) return;
    const now = new Set(pushes.map(({ axis }) => `pad ${axis}`));
    for (const push of pushes) {
      const control = `pad ${push.axis}`;
      this.down.add(control);
      if (this.acts.press(control, push)) continue;
      this.drop();
      return;
    }
    for (const control of [...this.down]) {
      if (now.has(control)) continue;
      this.down.delete(control);
      this.acts.lift(control);
    }
  }

  /** Held controls were dropped, whatever the pad says. */
  drop(): void {
    this.down.clear();
    this.waitsForRest = true;
  }
}
