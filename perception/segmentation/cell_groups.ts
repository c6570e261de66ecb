import { type Centres, CentreVotes, MOST_CENTRES } from './centre_votes.ts';

/** What a network says of every cell, as far as grouping needs it; see `HeadPlanes`. */
export interface GroupPlanes {
  readonly width: number;
  readonly height: number;
  /** Probabilities [VISION_CLASSES, height, width]. */
  readonly semantic: Float32Array;
  /** Cells to the object's centre, x right, y down [2, height, width]. */
  readonly offset: Float32Array;
}

/** Cells of objects: at least this probable to be of box or cylinder. */
const OBJECT_P = 0.5;
/** A cell belongs to no centre farther than this from where it points, cells. */
const FARTHEST = 5;
/** Objects of fewer cells are left out. */
const LEAST_CELLS = 6;

/** Tells objects apart, cell by cell. Nothing is allocated after construction. */
export class CellGroups {
  /** Of every cell: number of its object from 1, or 0. */
  readonly labels: Int16Array;
  /** Probability of an object, of every cell. */
  readonly p: Float32Array;
  /** Number of objects. */
  count = 0;
  /** By object, from 1: its cells, and votes for its centre. */
  readonly cells = new Int32Array(MOST_CENTRES + 1);
  readonly votes = new Float32Array(MOST_CENTRES + 1);
  private readonly votesOf: CentreVotes;
  private readonly width: number;
  private readonly height: number;
  private readonly renamed = new Int16Array(MOST_CENTRES + 1);

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.labels = new Int16Array(width * height);
    this.p = new Float32Array(width * height);
    this.votesOf = new CentreVotes(width, height);
  }

  /** Finds centres by votes, and gives every cell of an object to the centre nearest to where it points. */
  find({ semantic, offset }: Pick<GroupPlanes, 'semantic' | 'offset'>): void {
    const { p, labels } = this;
    const n = p.length;
    for (let i = 0, box = 3 * n, cylinder = 4 * n; i < n; i++) p[i] = semantic[box + i] + semantic[cylinder + i];
    const centres = this.votesOf.find(p, offset, OBJECT_P);
    this.assign(offset, centres);
    this.count = 0;
    this.renamed[0] = 0;
    for (let k = 1; k <= centres.count; k++) {
      const enough = this.cells[k] >= LEAST_CELLS;
      this.renamed[k] = enough ? ++this.count : 0;
      if (!enough) continue;
      this.cells[this.count] = this.cells[k];
      this.votes[this.count] = centres.votes[k - 1];
    }
    if (this.count < centres.count) for (let i = 0; i < n; i++) labels[i] = this.renamed[labels[i]];
  }

  private assign(offset: Float32Array, centres: Centres): void {
    const { width, height, p, labels, cells } = this;
    const n = width * height;
    cells.fill(0);
    for (let v = 0, i = 0; v < height; v++) {
      for (let u = 0; u < width; u++, i++) {
        labels[i] = 0;
        if (p[i] < OBJECT_P) continue;
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
        if (best > 0) cells[best]++;
      }
    }
  }
}
