import { type Centres, CentreVotes, MOST_CENTRES } from './centre_votes.ts';

/** What a network says of every cell, as far as grouping needs it; see `HeadPlanes`. */
export interface GroupPlanes {
  readonly width: number;
  readonly height: number;
  /** Probabilities [VISION_CLASSES, height, width]. */
  readonly semantic: Float32Array;
  /** Cells to the object's centre, x right, y down [2, height, width]. */
  readonly offset: Float32Array;
  /** How near a cell is to an object's centre, 0..1 [height, width]; null of a network that does not say. */
  readonly centre: Float32Array | null;
}

/** Cells of objects: at least this probable to be of box or cylinder. */
const OBJECT_P = 0.5;
/** A cell belongs to no centre farther than this from where it points, cells. */
const FARTHEST = 10;
/** Objects of fewer cells are left out. */
const LEAST_CELLS = 6;
/** Cells that point to no centre are an object of their own if so many hang together: its centre is out of the picture. */
const LEAST_CENTRELESS = 12;
/**
 * When two groups are one object. `gap`: distance of the places they point to, over the root of their cells; squares that touch
 * have 0.7, a square and a strip a fifth as wide 0.55. `jump`: how far the places that cells on both sides of their border point
 * to are apart, per cell; where one object's cells merely disagree it is below 1, where objects meet above. Groups that do not
 * touch have no jump; something may lie across one object. Small groups are joined less readily: a network's errors grow with
 * the way to the centre.
 */
const ONE_OBJECT = { gap: 0.6, gap_times_jump: 0.4, gap_apart: 0.3, large_cells: 300 } as const;
/** Merges end after so many rounds. */
const MOST_ROUNDS = 8;
const SIDE = MOST_CENTRES + 1;
/** Labels of cells while they are looked at: of a set that is being found, and of one that is too small. */
const TAKEN = -1;
const TOO_FEW = -2;

/** Tells objects apart, cell by cell. Nothing is allocated after construction. */
export class CellGroups {
  /** Of every cell: number of its object from 1, or 0. */
  readonly labels: Int16Array;
  /** Probability of an object, of every cell. */
  readonly p: Float32Array;
  /** Number of objects. */
  count = 0;
  /** By object, from 1: its cells. */
  private readonly cells = new Int32Array(SIDE);
  private readonly votesOf: CentreVotes;
  private readonly width: number;
  private readonly height: number;
  private readonly renamed = new Int16Array(SIDE);
  private readonly queue: Int32Array;
  /** By group that is kept: cells of all that were joined to it. */
  private readonly joined = new Int32Array(SIDE);
  /** By group: sums of the places its cells point to. */
  private readonly x = new Float64Array(SIDE);
  private readonly y = new Float64Array(SIDE);
  /** By pair of groups: sum of jumps over their border, and its length. */
  private readonly jumps = new Float64Array(SIDE * SIDE);
  private readonly border = new Int32Array(SIDE * SIDE);

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.labels = new Int16Array(width * height);
    this.p = new Float32Array(width * height);
    this.queue = new Int32Array(width * height);
    this.votesOf = new CentreVotes(width, height);
  }

  /** Finds centres by votes, gives every cell of an object to the centre nearest to where it points, and joins what is one. */
  find({ semantic, offset, centre }: Omit<GroupPlanes, 'width' | 'height'>): void {
    const { p } = this;
    const n = p.length;
    for (let i = 0, box = 3 * n, cylinder = 4 * n; i < n; i++) p[i] = semantic[box + i] + semantic[cylinder + i];
    const centres = this.votesOf.find(p, offset, centre, OBJECT_P);
    this.assign(offset, centres);
    for (let round = 0; round < MOST_ROUNDS && this.merge(offset, centres); round++) this.assign(offset, centres);
    this.rename(centres);
    this.addCentreless();
  }

  private assign(offset: Float32Array, centres: Centres): void {
    const { width, height, p, labels, cells } = this;
    const n = width * height;
    cells.fill(0);
    this.x.fill(0);
    this.y.fill(0);
    for (let v = 0, i = 0; v < height; v++) {
      for (let u = 0; u < width; u++, i++) {
        labels[i] = 0;
        if (!(p[i] >= OBJECT_P)) continue;
        const x = u + offset[i];
        const y = v + offset[n + i];
        let best = 0;
        let least = FARTHEST * FARTHEST;
        for (let k = 0; k < centres.count; k++) {
          const d = (centres.x[k] - x) ** 2 + (centres.y[k] - y) ** 2;
          if (d >= least) continue;
          least = d;
          best = k + 1;
        }
        labels[i] = best;
        if (best === 0) continue;
        cells[best]++;
        this.x[best] += x;
        this.y[best] += y;
      }
    }
  }

  /** Joins groups that are one object, the later to the earlier; false if there are none. */
  private merge(offset: Float32Array, centres: Centres): boolean {
    if (centres.count < 2) return false;
    this.measureBorders(offset);
    const { cells, x, y, renamed } = this;
    let kept = 0;
    for (let k = 1; k <= centres.count; k++) {
      let into = 0;
      for (let j = 1; j < k && into === 0; j++) if (this.areOne(j, k)) into = renamed[j];
      renamed[k] = into === 0 ? ++kept : into;
      const at = renamed[k];
      const before = into === 0 ? 0 : this.joined[at];
      const all = before + cells[k];
      this.joined[at] = all;
      const share = all === 0 ? 1 : cells[k] / all;
      const mean_x = cells[k] === 0 ? centres.x[k - 1] : x[k] / cells[k];
      const mean_y = cells[k] === 0 ? centres.y[k - 1] : y[k] / cells[k];
      centres.x[at - 1] += share * (mean_x - centres.x[at - 1]);
      centres.y[at - 1] += share * (mean_y - centres.y[at - 1]);
      centres.votes[at - 1] = centres.votes[k - 1] + (into === 0 ? 0 : centres.votes[at - 1]);
    }
    const merged = kept < centres.count;
    centres.count = kept;
    return merged;
  }

  private areOne(a: number, b: number): boolean {
    const { cells, x, y } = this;
    if (cells[a] === 0 || cells[b] === 0) return false;
    const dx = x[a] / cells[a] - x[b] / cells[b];
    const dy = y[a] / cells[a] - y[b] / cells[b];
    const gap = Math.sqrt((dx * dx + dy * dy) / (cells[a] + cells[b]));
    const at = SIDE * a + b;
    if (this.border[at] === 0) return gap < ONE_OBJECT.gap_apart;
    const large = Math.min(1, (cells[a] + cells[b]) / ONE_OBJECT.large_cells);
    return gap < ONE_OBJECT.gap && gap * (this.jumps[at] / this.border[at]) < ONE_OBJECT.gap_times_jump * large;
  }

  /** Jumps across borders, from one cell inside a group to one cell inside the other. */
  private measureBorders(offset: Float32Array): void {
    const { width, height, labels } = this;
    this.jumps.fill(0);
    this.border.fill(0);
    for (let v = 1; v < height - 2; v++) {
      for (let u = 1, i = v * width + 1; u < width - 2; u++, i++) {
        if (labels[i] === 0) continue;
        this.cross(offset, i, 1);
        this.cross(offset, i, width);
      }
    }
  }

  private cross(offset: Float32Array, i: number, step: number): void {
    const { width, labels, p, jumps, border } = this;
    const a = labels[i];
    const b = labels[i + step];
    if (b === 0 || a === b) return;
    const from = labels[i - step] === a ? i - step : i;
    const to = labels[i + 2 * step] === b ? i + 2 * step : i + step;
    const steps = (to - from) / step;
    const across = step === 1 ? steps : 0;
    const down = step === width ? steps : 0;
    const dx = offset[to] - offset[from] + across;
    const dy = offset[p.length + to] - offset[p.length + from] + down;
    const at = a < b ? SIDE * a + b : SIDE * b + a;
    jumps[at] += Math.sqrt(dx * dx + dy * dy) / steps;
    border[at]++;
  }

  /** Leaves out groups of few cells and numbers the others anew. */
  private rename({ count }: Centres): void {
    const { labels, renamed } = this;
    this.count = 0;
    renamed[0] = 0;
    for (let k = 1; k <= count; k++) {
      const enough = this.cells[k] >= LEAST_CELLS;
      renamed[k] = enough ? ++this.count : 0;
      if (!enough) continue;
      this.cells[this.count] = this.cells[k];
    }
    if (this.count < count) for (let i = 0; i < labels.length; i++) labels[i] = renamed[labels[i]];
  }

  /** Objects of cells that no centre has taken, where enough of them hang together. */
  private addCentreless(): void {
    const { labels, p, cells } = this;
    for (let i = 0; i < p.length && this.count < MOST_CENTRES; i++) {
      if (labels[i] !== 0 || !(p[i] >= OBJECT_P)) continue;
      const size = this.flood(i);
      if (size < LEAST_CENTRELESS) {
        for (let k = 0; k < size; k++) labels[this.queue[k]] = TOO_FEW;
        continue;
      }
      this.count++;
      for (let k = 0; k < size; k++) labels[this.queue[k]] = this.count;
      cells[this.count] = size;
    }
    for (let i = 0; i < labels.length; i++) if (labels[i] === TOO_FEW) labels[i] = 0;
  }

  /** Puts the free cells of objects that hang together with one into the queue; returns how many there are. */
  private flood(start: number): number {
    const { width, labels, p, queue } = this;
    let filled = 1;
    queue[0] = start;
    labels[start] = TAKEN;
    for (let head = 0; head < filled; head++) {
      const i = queue[head];
      const u = i % width;
      for (let side = 0; side < 4; side++) {
        if (side === 0 ? u === 0 : side === 1 ? u === width - 1 : side === 2 ? i < width : i >= p.length - width)
          continue;
        const j = i + (side === 0 ? -1 : side === 1 ? 1 : side === 2 ? -width : width);
        if (labels[j] !== 0 || !(p[j] >= OBJECT_P)) continue;
        labels[j] = TAKEN;
        queue[filled++] = j;
      }
    }
    return filled;
  }
}
