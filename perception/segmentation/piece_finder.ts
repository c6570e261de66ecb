/** Finds connected pieces of labels: runs along rows, joined where they touch those of the row above. */
export class PieceFinder {
  readonly width: number;
  readonly height: number;
  /** Of every run: its first pixel, the one after its last, its label, and a run of its piece with a lower or its own number. */
  private readonly first: Int32Array;
  private readonly end: Int32Array;
  private readonly label: Int16Array;
  private readonly joined: Int32Array;
  /** Pixels of a piece, by its lowest run. */
  private readonly size: Int32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.first = new Int32Array(width * height);
    this.end = new Int32Array(width * height);
    this.label = new Int16Array(width * height);
    this.joined = new Int32Array(width * height);
    this.size = new Int32Array(width * height);
  }

  /** Of every label from 1, its pixels but for pieces of less than `share` of its largest. */
  largest(labels: Int16Array, count: number, share: number): Int32Array[] {
    const { first, end, label, size } = this;
    const n = this.findRuns(labels);
    for (let r = 0; r < n; r++) size[r] = 0;
    for (let r = 0; r < n; r++) size[this.lowest(r)] += end[r] - first[r];
    const most = new Int32Array(count + 1);
    for (let r = 0; r < n; r++) if (size[r] > most[label[r]]) most[label[r]] = size[r];
    const total = new Int32Array(count + 1);
    const isLarge = (r: number): boolean => size[this.lowest(r)] >= share * most[label[r]];
    for (let r = 0; r < n; r++) if (isLarge(r)) total[label[r]] += end[r] - first[r];
    const masks = Array.from(total, (pixels) => new Int32Array(pixels));
    total.fill(0);
    for (let r = 0; r < n; r++) {
      if (!isLarge(r)) continue;
      const mask = masks[label[r]];
      let at = total[label[r]];
      for (let i = first[r]; i < end[r]; i++) mask[at++] = i;
      total[label[r]] = at;
    }
    return masks;
  }

  /** @returns how many there are, in the order of their pixels */
  private findRuns(labels: Int16Array): number {
    const { width, height, first, end, label, joined } = this;
    let [n, above, above_end] = [0, 0, 0];
    for (let row = 0; row < height; row++) {
      const row_end = (row + 1) * width;
      const row_first = n;
      for (let i = row * width; i < row_end; ) {
        const own = labels[i];
        const from = i++;
        if (own === 0) continue;
        while (i < row_end && labels[i] === own) i++;
        first[n] = from;
        end[n] = i;
        label[n] = own;
        joined[n] = n;
        while (above < above_end && end[above] <= from - width) above++;
        for (let r = above; r < above_end && first[r] < i - width; r++) if (label[r] === own) this.join(r, n);
        n++;
      }
      above = row_first;
      above_end = n;
    }
    return n;
  }

  private join(a: number, b: number): void {
    const low = this.lowest(a);
    const other = this.lowest(b);
    if (low < other) this.joined[other] = low;
    else this.joined[low] = other;
  }

  private lowest(run: number): number {
    const { joined } = this;
    let r = run;
    while (joined[r] !== r) {
      joined[r] = joined[joined[r]];
      r = joined[r];
    }
    return r;
  }
}
