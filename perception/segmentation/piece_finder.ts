/** Finds connected pieces of labels. */
export class PieceFinder {
  readonly width: number;
  readonly height: number;
  private readonly piece: Int32Array;
  private readonly queue: Int32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.piece = new Int32Array(width * height);
    this.queue = new Int32Array(width * height);
  }

  /** Of every label from 1, its pixels but for pieces of less than `share` of its largest. */
  largest(labels: Int16Array, count: number, share: number): Int32Array[] {
    const { piece } = this;
    piece.fill(0);
    const sizes: number[] = [0];
    const most = new Int32Array(count + 1);
    for (let i = 0; i < labels.length; i++) {
      const k = labels[i];
      if (k === 0 || piece[i] !== 0) continue;
      const size = this.flood(labels, i, sizes.length);
      sizes.push(size);
      if (size > most[k]) most[k] = size;
    }
    const total = new Int32Array(count + 1);
    const counts = (i: number): boolean => labels[i] > 0 && sizes[piece[i]] >= share * most[labels[i]];
    for (let i = 0; i < labels.length; i++) if (counts(i)) total[labels[i]]++;
    const masks = Array.from(total, (size) => new Int32Array(size));
    total.fill(0);
    for (let i = 0; i < labels.length; i++) if (counts(i)) masks[labels[i]][total[labels[i]]++] = i;
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
