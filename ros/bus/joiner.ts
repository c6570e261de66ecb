import type { RosFields } from '../mapping.ts';
import type { Guard } from './guard.ts';
import { WaitingRoom } from './waiting_room.ts';

/** How long a message waits for its companion, ms, and how many companions wait for theirs. */
const WAIT_MS = 50;
const KEPT = 16;

interface Pair {
  readonly fields: RosFields;
  readonly companion: RosFields | undefined;
}

/** Joins two ROS topics by their stamps: each message of the first with what the second says of it, or alone. */
export class Joiner {
  private readonly room: WaitingRoom<Pair>;
  private readonly companions = new Map<string, RosFields>();

  constructor(admit: (fields: RosFields, companion: RosFields | undefined) => void, guard: Guard, topic: string) {
    const where = `message on ${topic}`;
    this.room = new WaitingRoom(WAIT_MS, ({ fields, companion }) => admit(fields, companion), guard, where);
  }

  /** @param expected  whether anybody publishes companions */
  message(fields: RosFields, expected: boolean): void {
    const key = stampOf(fields);
    this.room.add((last) => {
      const companion = this.companions.get(key);
      if (companion === undefined && expected && !last) return null;
      this.companions.delete(key);
      return { fields, companion };
    });
  }

  companion(fields: RosFields): void {
    this.companions.set(stampOf(fields), fields);
    const [oldest] = this.companions.keys();
    if (this.companions.size > KEPT) this.companions.delete(oldest);
    this.room.retry();
  }

  close(): void {
    this.room.close();
  }
}

/** The stamp of a message with a header, as text. */
function stampOf({ header }: RosFields): string {
  const { stamp } = header as { readonly stamp: { readonly sec: number; readonly nanosec: number } };
  return `${stamp.sec}.${stamp.nanosec}`;
}
