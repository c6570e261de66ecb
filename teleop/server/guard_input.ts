import { type Bus, TOPICS } from '../../contracts/index.ts';

/** Name of this source among the plant's inputs: a graph whose safety node has it in `external` stops when it is silent. */
export const INPUT_SOURCE = 'teleop';
const PERIOD_MS = 100;

/** Tells the supervisor ten times a second that the operators' server lives. */
export class GuardInput {
  private readonly bus: Bus;
  private readonly robot_ns: () => bigint;
  private timer: NodeJS.Timeout | null = null;

  constructor(bus: Bus, robot_ns: () => bigint) {
    this.bus = bus;
    this.robot_ns = robot_ns;
  }

  start(): void {
    this.tell();
    this.timer = setInterval(() => this.tell(), PERIOD_MS);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private tell(): void {
    this.bus.publish(TOPICS.external_inputs, {
      stamp_ns: this.robot_ns(),
      source: INPUT_SOURCE,
      ...{ protective_stop: false, safeguard_open: false, emergency_stop: false, enabling_device: 'none' },
    });
  }
}
