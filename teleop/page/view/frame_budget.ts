const SLOWEST_MS = 500;
/** Share of the time that drawing may take: the rest is for the controls. */
const SHARE = 0.5;
const TOO_LONG_MS = 20;
const EASY_MS = 8;
/** Frames over which a coarser or finer picture proves itself before the next change. */
const PATIENCE = 20;
const LEAST_RATIO = 0.5;
const STEP = 0.8;

/**
 * How often and how finely to draw: no oftener than every `fastest_ms` and at most half of the time; where frames take over
 * 20 ms the picture becomes coarser, and finer again where they are easy.
 */
export class FrameBudget {
  /** Pixels drawn for each pixel of the page. */
  ratio: number;
  interval_ms: number;
  private readonly most: number;
  private readonly fastest_ms: number;
  private typical_ms = 0;
  private since = 0;

  constructor(most_ratio: number, fastest_ms: number) {
    this.interval_ms = fastest_ms;
    this.fastest_ms = fastest_ms;
    this.most = most_ratio;
    this.ratio = most_ratio;
  }

  /** What one frame took, ms. @returns whether the ratio changed */
  took(frame_ms: number): boolean {
    this.typical_ms = this.typical_ms === 0 ? frame_ms : this.typical_ms + (frame_ms - this.typical_ms) * 0.2;
    this.interval_ms = Math.min(SLOWEST_MS, Math.max(this.fastest_ms, this.typical_ms / SHARE));
    if (++this.since < PATIENCE) return false;
    const wanted = this.typical_ms > TOO_LONG_MS ? STEP : this.typical_ms < EASY_MS ? 1 / STEP : 1;
    const ratio = Math.min(this.most, Math.max(LEAST_RATIO, this.ratio * wanted));
    if (ratio === this.ratio) return false;
    this.ratio = ratio;
    this.since = 0;
    return true;
  }
}
