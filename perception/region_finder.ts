import { apart2, chromaAt, GREY, LINK_CHROMA, PAINT_CHROMA, TableChroma } from './chroma.ts';
import { HoleFiller } from './fill_holes.ts';
import { stepsOf } from './patch.ts';
import { bordersOf } from './picture_borders.ts';
import type { PixelView, Region } from './regions.ts';

/** Over this height above the table a pixel is no longer table, whatever the depth noise says. */
const SEED_HEIGHT_M = 0.007;
const CEILING_M = 0.16;
/** Distance from the table's chromaticity. */
const SEED_CHROMA = 0.09;
const LINK_DEPTH_M = 0.014;
const MIN_PIXELS = 24;
/** Pixels joined to an object for their colour alone are no higher than this. */
const FOOT_M = 0.017;
/** And this much nearer to its colour than to the table's. */
const OWN_SHARE = 0.8;
const MOST_CORES = 32767;

/** What a region grows from. */
interface Core {
  readonly name: number;
  /** Where its pixels are among all that were found. */
  readonly from: number;
  readonly to: number;
  readonly red: number;
  readonly green: number;
}

/** Finds coloured things on the table in pictures of one size after another, in arrays that are reserved once for each size. */
export class RegionFinder {
  private readonly table_chroma = new TableChroma();
  private readonly table = new Float64Array(2);
  private readonly here = new Float64Array(2);
  private readonly filler = new HoleFiller();
  /** Number of the core from 1 that a pixel is of, 0 for none, −1 for one that none has taken yet. */
  private owner = new Int16Array(0);
  private red = new Float32Array(0);
  private green = new Float32Array(0);
  private seeds = new Int32Array(0);
  private queue = new Int32Array(0);
  private borders = new Uint8Array(0);
  private width = 0;

  /**
   * Pixels above the table whose chromaticity differs from the table's and from grey (robot), joined where colour and depth go
   * on, then completed down to the table by colour.
   * @param gate  1 where objects may be, image size; null for everywhere
   * @param within  indices of the pixels where the gate is 1, ascending, in its first `count`, if they are known
   */
  find(view: PixelView, gate: Uint8Array | null, within: Int32Array | null = null, count = 0): Region[] {
    const size = view.z.length;
    if (this.owner.length !== size || this.width !== view.width) {
      this.borders = bordersOf(view.width, view.height);
      this.width = view.width;
      this.owner = new Int16Array(size);
      this.red = new Float32Array(size);
      this.green = new Float32Array(size);
      this.seeds = new Int32Array(size);
      this.queue = new Int32Array(size);
    } else this.owner.fill(0);
    this.table_chroma.measure(view, this.table);
    const n = within === null ? this.seed(view, gate) : this.seedWithin(view, within, count);
    const cores = this.connect(view, n);
    return cores.map((core) => this.complete(view, cores, core));
  }

  /** @returns how many seeds there are, ascending */
  private seed(view: PixelView, gate: Uint8Array | null): number {
    const { z } = view;
    let n = 0;
    for (let i = 0; i < z.length; i++) {
      const h = z[i];
      if (h > SEED_HEIGHT_M && h < CEILING_M && (gate === null || gate[i] === 1)) n = this.seedAt(view, i, n);
    }
    return n;
  }

  private seedWithin(view: PixelView, within: Int32Array, count: number): number {
    const { z } = view;
    let n = 0;
    for (let k = 0; k < count; k++) {
      const h = z[within[k]];
      if (h > SEED_HEIGHT_M && h < CEILING_M) n = this.seedAt(view, within[k], n);
    }
    return n;
  }

  /** Makes a pixel a seed if its colour is of neither table nor robot; returns how many seeds there are then. */
  private seedAt(view: PixelView, i: number, n: number): number {
    const { here, table } = this;
    chromaAt(view, i, here);
    const r = here[0];
    const g = here[1];
    if (apart2(r - table[0], g - table[1]) <= SEED_CHROMA ** 2) return n;
    if (apart2(r - GREY, g - GREY) <= PAINT_CHROMA ** 2) return n;
    this.owner[i] = -1;
    this.red[i] = r;
    this.green[i] = g;
    this.seeds[n] = i;
    return n + 1;
  }

  /** Cores in the order of their first pixel. */
  private connect({ width, depth }: PixelView, n: number): Core[] {
    const { owner, red, green, seeds, queue, borders } = this;
    const steps = stepsOf(width);
    const cores: Core[] = [];
    let filled = 0;
    for (let s = 0; s < n && cores.length < MOST_CORES; s++) {
      if (owner[seeds[s]] !== -1) continue;
      const from = filled;
      const name = cores.length + 1;
      let [sum_red, sum_green] = [0, 0];
      queue[filled++] = seeds[s];
      owner[seeds[s]] = name;
      for (let head = from; head < filled; head++) {
        const i = queue[head];
        sum_red += red[i];
        sum_green += green[i];
        for (let side = 0; side < 4; side++) {
          if (((borders[i] >> side) & 1) === 1) continue;
          const j = i + steps[side];
          if (owner[j] !== -1 || Math.abs(depth[i] - depth[j]) >= LINK_DEPTH_M) continue;
          if (apart2(red[i] - red[j], green[i] - green[j]) >= LINK_CHROMA ** 2) continue;
          owner[j] = name;
          queue[filled++] = j;
        }
      }
      const count = filled - from;
      if (count >= MIN_PIXELS) cores.push({ name, from, to: filled, red: sum_red / count, green: sum_green / count });
      else {
        for (let k = from; k < filled; k++) owner[queue[k]] = 0;
        filled = from;
      }
    }
    return cores;
  }

  /** Grows a core over pixels that look more like it than like anything else: the strip just above the table, and holes. */
  private complete({ width, z, depth, rgb }: PixelView, cores: readonly Core[], core: Core): Region {
    const { owner, queue, seeds: grown, here, table, borders } = this;
    const steps = stepsOf(width);
    const { name, from, to, red, green } = core;
    const unlike = cores.filter((other) => apart2(red - other.red, green - other.green) > SEED_CHROMA ** 2);
    const colours = { rgb };
    let n = to - from;
    for (let c = 0; c < n; c++) grown[c] = queue[from + c];
    for (let head = 0; head < n; head++) {
      const i = grown[head];
      for (let side = 0; side < 4; side++) {
        if (((borders[i] >> side) & 1) === 1) continue;
        const j = i + steps[side];
        if (owner[j] > 0 || z[j] > FOOT_M) continue;
        if (depth[j] > 0 && depth[i] > 0 && Math.abs(depth[i] - depth[j]) > 2 * LINK_DEPTH_M) continue;
        chromaAt(colours, j, here);
        const r = here[0];
        const g = here[1];
        const own = apart2(r - red, g - green);
        if (own > OWN_SHARE ** 2 * apart2(r - table[0], g - table[1]) || own > apart2(r - GREY, g - GREY)) continue;
        let nearer = false;
        for (let c = 0; c < unlike.length && !nearer; c++) {
          nearer = apart2(r - unlike[c].red, g - unlike[c].green) < own;
        }
        if (nearer) continue;
        owner[j] = name;
        grown[n++] = j;
      }
    }
    return { red, green, pixels: this.filler.fill(grown, n, width) };
  }
}
