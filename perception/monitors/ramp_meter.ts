import { type BlockLevel, LEAST_LEVEL, type PictureBlocks } from './picture_blocks.ts';

/** Blocks that a soft ramp goes over, and its step of luma at least. */
const RAMP = 4;
const RAMP_STEP = 24;
/** A soft ramp takes no more than this share of its step at once: one that is sharp takes half at least, wherever blocks begin. */
const AT_ONCE = 0.42;
/** And goes back by no more than this. */
const BACK = 0.1;
/** A block is white from this least channel on; light about it falls over so many blocks by so much at least. */
const WHITE = 249;
const FALL = 6;
const FALL_STEP = 24;
/** The first four steps of that fall go up by no more than a share of it; its greatest and its two greatest take less than a share. */
const FALL_BACK = 0.04;
const FALL_ONE = 0.6;
const FALL_TWO = 0.85;
const FALL_SECOND = 0.15;

/** How much of a picture changes gradually: stray light, things out of focus, something close before the lens. */
export class RampMeter {
  /** Mean step of luma of ramps over four blocks of each level, over all places where one could be. */
  readonly softness: Float64Array;
  /** Places where white passes gradually into something darker, as about a lamp, over the picture's width in blocks. */
  halo = 0;

  constructor(levels: number) {
    this.softness = new Float64Array(levels);
  }

  measure(blocks: PictureBlocks): void {
    for (let k = 0; k < blocks.levels.length; k++) this.softness[k] = softnessOf(blocks.levels[k]);
    this.halo = haloOf(blocks.least, blocks.levels[LEAST_LEVEL]);
  }
}

function softnessOf({ columns, rows, luma }: BlockLevel): number {
  let sum = 0;
  for (let row = 0, k = 0; row < rows; row++) {
    const down = row + RAMP < rows;
    for (let column = 0; column < columns; column++, k++) {
      if (column + RAMP < columns) sum += rampAt(luma, k, 1);
      if (down) sum += rampAt(luma, k, columns);
    }
  }
  const places = rows * Math.max(0, columns - RAMP) + columns * Math.max(0, rows - RAMP);
  return sum / Math.max(1, places);
}

/** The step over a ramp that begins at a block, if it is a soft one; else 0. */
function rampAt(luma: Float32Array, k: number, stride: number): number {
  const whole = luma[k + RAMP * stride] - luma[k];
  if (whole < RAMP_STEP && whole > -RAMP_STEP) return 0;
  const sign = whole > 0 ? 1 : -1;
  const step = sign * whole;
  for (let i = k; i < k + RAMP * stride; i += stride) {
    const part = sign * (luma[i + stride] - luma[i]);
    if (part > AT_ONCE * step || part < -BACK * step) return 0;
  }
  return step;
}

function haloOf(least: Float32Array, { columns, rows }: BlockLevel): number {
  let soft = 0;
  for (let row = 0, k = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, k++) {
      if (least[k] < WHITE) continue;
      if (column >= FALL && fallsFrom(least, k, -1)) soft++;
      if (column + FALL < columns && fallsFrom(least, k, 1)) soft++;
      if (row >= FALL && fallsFrom(least, k, -columns)) soft++;
      if (row + FALL < rows && fallsFrom(least, k, columns)) soft++;
    }
  }
  return soft / columns;
}

/** Whether light falls gradually from a white block to those beyond it. */
function fallsFrom(least: Float32Array, k: number, stride: number): boolean {
  if (least[k + stride] >= WHITE) return false;
  const whole = least[k] - least[k + FALL * stride];
  if (whole < FALL_STEP) return false;
  let [most, second] = [0, 0];
  for (let j = 0; j < FALL; j++) {
    const step = least[k + j * stride] - least[k + (j + 1) * stride];
    if (j < 4 && step <= -FALL_BACK * whole) return false;
    if (step > most) [most, second] = [step, most];
    else if (step > second) second = step;
  }
  return most < FALL_ONE * whole && second > FALL_SECOND * whole && most + second < FALL_TWO * whole;
}
