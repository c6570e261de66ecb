import { InputError } from '../../contracts/index.ts';
import { LIMITS } from './limits.ts';

const FIRST = 1 << 12;

/** Where a message of a bag lies. */
export interface MessagePlace {
  readonly log_ns: bigint;
  /** Number of the topic in the bag. */
  readonly topic: number;
  /** Number of the file in the bag, and what `BagStorage.read` wants. */
  readonly file: number;
  readonly part: number;
  readonly at: number;
}

/** Where every message of a bag lies, in order of log time; 30 bytes a message, whatever their size. */
export class MessageIndex {
  private readonly bag: string;
  private length = 0;
  private room = FIRST;
  private time = new BigInt64Array(FIRST);
  private topic = new Uint16Array(FIRST);
  private file = new Uint16Array(FIRST);
  private part = new Float64Array(FIRST);
  private at = new Uint32Array(FIRST);
  private sorted = true;
  private order: Uint32Array | null = null;

  constructor(bag: string) {
    this.bag = bag;
  }

  get messages(): number {
    return this.length;
  }

  add(log_ns: bigint, topic: number, file: number, part: number, at: number): void {
    const n = this.length;
    if (n === LIMITS.messages) {
      const remedy = 'cut it into smaller bags with ros2 bag convert';
      throw new InputError(`bag ${this.bag}`, `has more than ${LIMITS.messages} messages; ${remedy}`);
    }
    if (n === this.room) this.grow();
    if (n > 0 && log_ns < this.time[n - 1]) this.sorted = false;
    this.time[n] = log_ns;
    this.topic[n] = topic;
    this.file[n] = file;
    this.part[n] = part;
    this.at[n] = at;
    this.length = n + 1;
  }

  /** Log time of the k-th message in order of time; those of one time stay as they lay. */
  timeOf(k: number): bigint {
    return this.time[this.row(k)];
  }

  topicOf(k: number): number {
    return this.topic[this.row(k)];
  }

  place(k: number): MessagePlace {
    const row = this.row(k);
    return {
      log_ns: this.time[row],
      topic: this.topic[row],
      file: this.file[row],
      part: this.part[row],
      at: this.at[row],
    };
  }

  private row(k: number): number {
    if (this.sorted) return k;
    this.order ??= this.sort();
    return this.order[k];
  }

  private sort(): Uint32Array {
    const order = new Uint32Array(this.length);
    const since_start = new Float64Array(this.length);
    const start = this.time[0];
    for (let i = 0; i < this.length; i++) {
      order[i] = i;
      since_start[i] = Number(this.time[i] - start);
    }
    return order.sort((a, b) => {
      const apart = since_start[a] - since_start[b];
      if (apart !== 0) return apart;
      const [ta, tb] = [this.time[a], this.time[b]];
      return ta < tb ? -1 : ta > tb ? 1 : a - b;
    });
  }

  private grow(): void {
    this.room *= 2;
    const { time, topic, file, part, at, room } = this;
    this.time = new BigInt64Array(room);
    this.topic = new Uint16Array(room);
    this.file = new Uint16Array(room);
    this.part = new Float64Array(room);
    this.at = new Uint32Array(room);
    this.time.set(time);
    this.topic.set(topic);
    this.file.set(file);
    this.part.set(part);
    this.at.set(at);
  }
}
