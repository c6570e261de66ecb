/** Finds connected pieces of labels. */
export class PieceFinder {
  readonly width: number;
  readonly height: number;
  private readonly piece: Int32Array;
  private readonly queue: Int32Array;
  /** Pixels with a label, ascending. */
  private readonly labelled: Int32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.piece = new Int32Array(width * height);
    this.queue = new Int32Array(width * height);
    this.labelled = new Int32Array(width * height);
  }

  /** Of every label from 1, its pixels but for pieces of less than `share` of its largest. */
  largest(labels: Int16Array, count: number, share: number): Int32Array[] {
    const { piece, labelled } = this;
    let n = 0;
    for (let i = 0; i < labels.length; i++) {
      if (labels[i] === 0) continue;
      labelled[n++] = i;
      piece[i] = 0;
    }
    const sizes: number[] = [0];
    const most = new Int32Array(count + 1);
    for (let c = 0; c < n; c++) {
      const i = labelled[c];
      if (piece[i] !== 0) continue;
      const size = this.flood(labels, i, sizes.length);
      sizes.push(size);
      if (size > most[labels[i]]) most[labels[i]] = size;
    }
    const total = new Int32Array(count + 1);
    for (let c = 0; c < n; c++) {
      const k = labels[labelled[c]];
      if (sizes[piece[labelled[c]]] >= share * most[k]) total[k]++;
    }
    const masks = Array.from(total, (size) => new Int32Array(size));
    total.fill(0);
    for (let c = 0; c < n; c++) {
      const i = labelled[c];
      const k = labels[i];
      if (sizes[piece[i]] >= share * most[k]) masks[k][total[k]++] = i;
    }
    return masks;
  }

  private flood(labels: Int16Array, start: number, name: number): number {
    const { width, piece, queue } = this;
    const label = labels[start];
    let filled = 1;
    queue[0] = start;
    piece[start] = name;
    for (let head = 0; head < filled; head++) {
      const i = queue[head];
      const u = i % width;
      if (u > 0 && labels[i - 1] === label && piece[i - 1] === 0) {
        piece[i - 1] = name;
        queue[filled++] = i - 1;
      }
      if (u < width - 1 && labels[i + 1] === label && piece[i + 1] === 0) {
        piece[i + 1] = name;
        queue[filled++] = i + 1;
      }
      if (i >= width && labels[i - width] === label && piece[i - width] === 0) {
        piece[i - width] = name;
        queue[filled++] = i - width;
      }
      if (i + width < labels.length && labels[i + width] === label && piece[i + width] === 0) {
        piece[i + width] = name;
        queue[filled++] = i + width;
      }
    }
    return filled;
  }
}
