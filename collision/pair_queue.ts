/**
 * Pairs of bodies by a lower bound of their distance, the least first (equal ones in the order they came): a binary heap
 * in flat arrays. `offer`, then `order`, then look at `top` and `drop` it or raise its bound by `settle`. Grows when it
 * holds more than ever before; else allocates nothing.
 */
export class PairQueue {
  count = 0;
  /** Of every pair, by its number: the bound (m), both bodies, what they are, and whether the bound was raised. */
  bound = new Float64Array(256);
  a = new Int32Array(256);
  b = new Int32Array(256);
  tag = new Int32Array(256);
  raised = new Uint8Array(256);
  private heap = new Int32Array(256);
  private size = 0;

  clear(): void {
    this.count = 0;
    this.size = 0;
  }

  /** Adds a pair whose bound is `bound[0]`. */
  offer(a: number, b: number, tag: number, bound: Float64Array): void {
    const n = this.count++;
    if (n === this.a.length) this.grow();
    this.bound[n] = bound[0];
    this.a[n] = a;
    this.b[n] = b;
    this.tag[n] = tag;
    this.raised[n] = 0;
  }

  /** Makes a heap of all pairs offered. */
  order(): void {
    this.size = this.count;
    for (let k = 0; k < this.size; k++) this.heap[k] = k;
    for (let k = (this.size >> 1) - 1; k >= 0; k--) this.sink(k);
  }

  /** Number of the pair with the least bound, −1 if none is left. */
  top(): number {
    return this.size === 0 ? -1 : this.heap[0];
  }

  drop(): void {
    this.heap[0] = this.heap[--this.size];
    this.sink(0);
  }

  /** Raises the bound of the top pair to `bound[0]`, if that is more. */
  settle(bound: Float64Array): void {
    const n = this.heap[0];
    this.raised[n] = 1;
    if (bound[0] <= this.bound[n]) return;
    this.bound[n] = bound[0];
    this.sink(0);
  }

  private sink(from: number): void {
    const { heap, bound, size } = this;
    let k = from;
    for (;;) {
      const left = 2 * k + 1;
      if (left >= size) return;
      const right = left + 1;
      const child = right < size && before(bound, heap[right], heap[left]) ? right : left;
      if (!before(bound, heap[child], heap[k])) return;
      const kept = heap[k];
      heap[k] = heap[child];
      heap[child] = kept;
      k = child;
    }
  }

  private grow(): void {
    const wider = <A extends Float64Array | Int32Array | Uint8Array>(old: A, larger: A): A => {
      larger.set(old);
      return larger;
    };
    const length = 2 * this.a.length;
    this.bound = wider(this.bound, new Float64Array(length));
    this.a = wider(this.a, new Int32Array(length));
    this.b = wider(this.b, new Int32Array(length));
    this.tag = wider(this.tag, new Int32Array(length));
    this.raised = wider(this.raised, new Uint8Array(length));
    this.heap = wider(this.heap, new Int32Array(length));
  }
}

function before(bound: Float64Array, a: number, b: number): boolean {
  return bound[a] < bound[b] || (bound[a] === bound[b] && a < b);
}
