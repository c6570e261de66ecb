/** Below so many holes at the front nothing is moved. */
const FEW_HOLES = 1024;

/**
 * A queue that both ends are taken from, each in constant time on average: `Array.shift` moves all that is behind, which for
 * the tens of thousands of messages of a burst costs seconds.
 */
export class Deque<T> {
  private items: (T | undefined)[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  get first(): T | undefined {
    return this.items[this.head];
  }

  push(item: T): void {
    this.items.push(item);
  }

  pop(): T | undefined {
    return this.length === 0 ? undefined : this.items.pop();
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.items[this.head];
    this.items[this.head++] = undefined;
    if (this.head > FEW_HOLES && this.head > this.items.length / 2) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  includes(item: T): boolean {
    return this.items.indexOf(item, this.head) >= 0;
  }
}
