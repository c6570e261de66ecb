/** One frame that waits for room in a socket: its pieces. */
type Pieces = readonly Uint8Array[];

/**
 * What waits for a socket that is full: the newest messages of each publisher up to its depth, as the middleware keeps them;
 * what is no message is never dropped. Order holds within one key.
 */
export class LinkOutbox {
  private readonly queues = new Map<object, Pieces[]>();
  private size = 0;
  private lost = 0;

  /** Bytes that wait. */
  get bytes(): number {
    return this.size;
  }

  /** Messages that newer ones have pushed out. */
  get dropped(): number {
    return this.lost;
  }

  get empty(): boolean {
    return this.queues.size === 0;
  }

  has(key: object): boolean {
    return this.queues.has(key);
  }

  /** @param keep  most frames that wait under this key */
  add(key: object, pieces: Pieces, keep: number): void {
    const queue = this.queues.get(key) ?? [];
    if (queue.length === 0) this.queues.set(key, queue);
    while (queue.length >= keep) {
      const [oldest] = queue.splice(0, 1);
      this.size -= bytesOf(oldest);
      this.lost++;
    }
    queue.push(pieces);
    this.size += bytesOf(pieces);
  }

  /** The next frame to send, a turn for each key. */
  next(): Pieces | undefined {
    for (const [key, queue] of this.queues) {
      const pieces = queue.shift();
      this.queues.delete(key);
      if (queue.length > 0) this.queues.set(key, queue);
      if (pieces === undefined) continue;
      this.size -= bytesOf(pieces);
      return pieces;
    }
    return undefined;
  }
}

const bytesOf = (pieces: Pieces) => pieces.reduce((sum, { length }) => sum + length, 0);
