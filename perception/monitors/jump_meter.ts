import type { RgbdFrame } from '../detector.ts';

/** Patches along a side in which jumps of depth are counted, and how many say something. */
const PATCHES = 3;
const LEAST = 10;
/** A jump over five pixels, and the farthest nearer side of one: beyond it depth is too noisy to say where jumps are (m). */
const JUMP_M = 0.03;
const FAR_M = 1.2;
/** Pixels on each side of a jump that are looked at. */
const REACH = 4;
/** On both sides of a jump depth changes by less than this share of it. */
const FLAT = 0.4;
/** The change of a channel by which a jump is seen in the colours, over the mean of two pixels on each side. */
const SEEN_STEP = 12;
const WHITE = 250;
/** Of pictures wider than this (pixels) every third line is looked at at every second pixel, of others every second line. */
const WIDE = 200;

/** Whether what depth shows to stand before something else is seen in the colours. */
export class JumpMeter {
  /** Share of jumps of depth that are seen, of all and in the worst patch that has enough; NaN without enough. */
  agreement = Number.NaN;
  worst_agreement = Number.NaN;
  /** Share of jumps between white and white: light has swallowed what is there. */
  white = Number.NaN;
  private readonly jumps = new Int32Array(PATCHES * PATCHES);
  private readonly seen = new Int32Array(PATCHES * PATCHES);
  private white_jumps = 0;

  measure({ colour, depth }: RgbdFrame): void {
    const { width, height } = colour;
    const z = depth.data;
    const { jumps, seen } = this;
    jumps.fill(0);
    seen.fill(0);
    this.white_jumps = 0;
    const [lines, step] = width > WIDE ? [3, 2] : [2, 1];
    for (let v = REACH; v < height - REACH; v++) {
      const row = v * width;
      if (v % lines === 1) {
        for (let i = row + REACH; i < row + width - REACH; i += step) {
          if (isJump(z[i - 2], z[i + 2])) this.look(colour, z, i, 1);
        }
      }
      if (v % step === 0) {
        for (let i = row + 1; i < row + width; i += lines) {
          if (isJump(z[i - 2 * width], z[i + 2 * width])) this.look(colour, z, i, width);
        }
      }
    }
    let [all, all_seen] = [0, 0];
    this.worst_agreement = Number.NaN;
    for (let p = 0; p < jumps.length; p++) {
      all += jumps[p];
      all_seen += seen[p];
      if (jumps[p] < LEAST) continue;
      const share = seen[p] / jumps[p];
      if (!(share >= this.worst_agreement)) this.worst_agreement = share;
    }
    this.agreement = all < LEAST ? Number.NaN : all_seen / all;
    this.white = all < LEAST ? Number.NaN : this.white_jumps / all;
  }

  /** Counts the jump about pixel i, if depth is flat beside it, along pixels `stride` apart. */
  private look({ data: rgb, width, height }: RgbdFrame['colour'], z: Float32Array, i: number, stride: number): void {
    const a = z[i - 2 * stride];
    const b = z[i + 2 * stride];
    const jump = a > b ? a - b : b - a;
    const before = z[i - REACH * stride];
    const after = z[i + REACH * stride];
    if (!(before > 0 && after > 0)) return;
    if (Math.abs(before - a) > FLAT * jump || Math.abs(after - b) > FLAT * jump) return;
    const row = Math.floor((Math.floor(i / width) * PATCHES) / height);
    const patch = PATCHES * row + Math.floor(((i % width) * PATCHES) / width);
    this.jumps[patch]++;
    const j = 3 * (i - REACH * stride);
    const k = 3 * (i + (REACH - 1) * stride);
    const next = 3 * stride;
    let change = 0;
    let least = 255;
    for (let c = 0; c < 3; c++) {
      change = Math.max(change, Math.abs(rgb[j + c] + rgb[j + next + c] - rgb[k + c] - rgb[k + next + c]));
      least = Math.min(least, rgb[j + next + c], rgb[k + c]);
    }
    if (change > 2 * SEEN_STEP) this.seen[patch]++;
    if (least >= WHITE) this.white_jumps++;
  }
}

function isJump(a: number, b: number): boolean {
  const jump = a > b ? a - b : b - a;
  return jump >= JUMP_M && a > 0 && b > 0 && (a <= FAR_M || b <= FAR_M);
}
