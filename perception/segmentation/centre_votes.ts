/** Where cells agree that the centre of an object is; ordered by votes, most first. */
export interface Centres {
  count: number;
  /** Cells, by centre. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Votes about the centre, in cells that are all but sure and agree. */
  readonly votes: Float32Array;
}

/** Most objects in a picture. */
export const MOST_CENTRES = 64;
/** Fewer votes than this about one place make no object. */
const LEAST_VOTES = 3.2;
/** A centre whose surroundings (REACH) are nowhere as near to one as this is none, where the network says how near they are. */
const LEAST_NEARNESS = 0.1;
/** A centre has more votes than everything within this many cells. */
const REACH = 2;

/**
 * Finds centres as maxima of what cells vote for: every cell casts its probability of being of an object where its offset
 * points to (a Hough transform with learned votes; after Leibe, Leonardis and Schiele, 2008, and Kendall, Gal and Cipolla,
 * 2018). Nothing is allocated after construction.
 */
export class CentreVotes {
  readonly centres: Centres = {
    count: 0,
    x: new Float32Array(MOST_CENTRES),
    y: new Float32Array(MOST_CENTRES),
    votes: new Float32Array(MOST_CENTRES),
  };
  private readonly width: number;
  private readonly height: number;
  private readonly cast: Float32Array;
  private readonly row: Float32Array;
  private readonly smooth: Float32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.cast = new Float32Array(width * height);
    this.row = new Float32Array(width * height);
    this.smooth = new Float32Array(width * height);
  }

  /**
   * @param p  probability of an object [height, width]
   * @param offset  to the object's centre, x then y, cells [2, height, width]
   * @param centre  how near each cell is to a centre, 0..1 [height, width]; null where nobody says
   * @param least_p  cells below do not vote
   */
  find(p: Float32Array, offset: Float32Array, centre: Float32Array | null, least_p: number): Centres {
    this.vote(p, offset, least_p);
    this.blur();
    this.pick(centre);
    return this.centres;
  }

  /** Shares every vote among the four cells about where it points. */
  private vote(p: Float32Array, offset: Float32Array, least_p: number): void {
    const { width, height, cast } = this;
    const cells = width * height;
    cast.fill(0);
    for (let v = 0, i = 0; v < height; v++) {
      for (let u = 0; u < width; u++, i++) {
        if (p[i] < least_p) continue;
        const x = u + offset[i];
        const y = v + offset[cells + i];
        if (!(x >= 0 && y >= 0 && x < width - 1 && y < height - 1)) continue;
        const left = x | 0;
        const top = y | 0;
        const a = x - left;
        const b = y - top;
        const at = top * width + left;
        cast[at] += p[i] * (1 - a) * (1 - b);
        cast[at + 1] += p[i] * a * (1 - b);
        cast[at + width] += p[i] * (1 - a) * b;
        cast[at + width + 1] += p[i] * a * b;
      }
    }
  }

  /** Weights 1 2 3 2 1 along rows and columns, 3 in the middle counting once: a place's votes are those about it. */
  private blur(): void {
    const { width, height, cast, row, smooth } = this;
    for (let v = 0; v < height; v++) {
      const start = v * width;
      for (let u = 2; u < width - 2; u++) {
        const i = start + u;
        row[i] = cast[i] + (2 / 3) * (cast[i - 1] + cast[i + 1]) + (1 / 3) * (cast[i - 2] + cast[i + 2]);
      }
      row[start] = cast[start];
      row[start + 1] = cast[start + 1];
      row[start + width - 2] = cast[start + width - 2];
      row[start + width - 1] = cast[start + width - 1];
    }
    const far = 2 * width;
    smooth.set(row);
    for (let i = far; i < smooth.length - far; i++) {
      smooth[i] += (2 / 3) * (row[i - width] + row[i + width]) + (1 / 3) * (row[i - far] + row[i + far]);
    }
  }

  private pick(centre: Float32Array | null): void {
    const { width, height, smooth, centres } = this;
    centres.count = 0;
    for (let v = 0, i = 0; v < height; v++) {
      for (let u = 0; u < width; u++, i++) {
        if (!(smooth[i] >= LEAST_VOTES) || !this.isPeak(u, v)) continue;
        if (centre === null || this.isNear(centre, u, v)) this.insert(u, v, smooth[i]);
      }
    }
  }

  private isPeak(u: number, v: number): boolean {
    const { width, height, smooth } = this;
    const here = v * width + u;
    const most = smooth[here];
    for (let y = Math.max(0, v - REACH); y <= Math.min(height - 1, v + REACH); y++) {
      for (let x = Math.max(0, u - REACH); x <= Math.min(width - 1, u + REACH); x++) {
        const i = y * width + x;
        if (smooth[i] > most || (smooth[i] === most && i < here)) return false;
      }
    }
    return true;
  }

  private isNear(centre: Float32Array, u: number, v: number): boolean {
    const { width, height } = this;
    for (let y = Math.max(0, v - REACH); y <= Math.min(height - 1, v + REACH); y++) {
      for (let x = Math.max(0, u - REACH); x <= Math.min(width - 1, u + REACH); x++) {
        if (centre[y * width + x] >= LEAST_NEARNESS) return true;
      }
    }
    return false;
  }

  /** Keeps centres ordered; the middle of the votes about one is its place. */
  private insert(u: number, v: number, votes: number): void {
    const { centres } = this;
    let at = centres.count;
    if (at === MOST_CENTRES) {
      if (votes <= centres.votes[at - 1]) return;
      at--;
    } else centres.count++;
    for (; at > 0 && centres.votes[at - 1] < votes; at--) {
      centres.votes[at] = centres.votes[at - 1];
      centres.x[at] = centres.x[at - 1];
      centres.y[at] = centres.y[at - 1];
    }
    centres.votes[at] = votes;
    this.placeAt(at, u, v);
  }

  private placeAt(at: number, u: number, v: number): void {
    const { width, height, cast, centres } = this;
    let sum = 0;
    let x = 0;
    let y = 0;
    for (let b = Math.max(0, v - 1); b <= Math.min(height - 1, v + 1); b++) {
      for (let a = Math.max(0, u - 1); a <= Math.min(width - 1, u + 1); a++) {
        const w = cast[b * width + a];
        sum += w;
        x += w * a;
        y += w * b;
      }
    }
    centres.x[at] = sum > 0 ? x / sum : u;
    centres.y[at] = sum > 0 ? y / sum : v;
  }
}
