import { type Bus, SERVICES, type SetModeRequest } from '../../contracts/index.ts';

/** Selects the gate's operating modes, one after the other in the order in which they were asked for. */
export class ModeSwitch {
  private readonly bus: Bus;
  private last: Promise<unknown> = Promise.resolve();

  constructor(bus: Bus) {
    this.bus = bus;
  }

  /** The empty string once it is selected, or why it is not. @param enabled  whether reduced mode may move */
  select(mode: SetModeRequest['mode'], enabled: boolean): Promise<string> {
    const selected = this.last.then(async () => {
      try {
        const { success, message } = await this.bus.call(SERVICES.safety_set_mode, { mode, enabled });
        return success ? '' : message;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    });
    this.last = selected;
    return selected;
  }
}
