import type { RgbdFrame } from '../detector.ts';

/** Pictures that are remembered, and samples of each. */
const REMEMBERED = 8;
const SAMPLES = 509;
/** Where fewer samples can be compared, nothing is said. */
const LEAST = 40;
/** Channels at their ends repeat without any fault. */
const LOWEST = 3;
const HIGHEST = 252;
/** Nearer than this the noise of depth is less than its step, and depth repeats without any fault, m. */
const NOISY_M = 0.5;

/**
 * Compares pictures with the last ones of the camera. The noise of a sensor never repeats: two pictures of one scene share few
 * samples, a repeated picture all. Allocates nothing.
 */
export class RepeatMeter {
  /** Greatest share of samples that are equal to those of one remembered picture, 0..1; 0 without any that can be compared. */
  colour = 0;
  depth = 0;
  private readonly colours = new Uint8Array(3 * SAMPLES * REMEMBERED);
  private readonly depths = new Float32Array(SAMPLES * REMEMBERED);
  private seen = 0;

  reset(): void {
    this.seen = 0;
  }

  /** Compares a picture with the ones before, and remembers it in place of the oldest. */
  compare({ colour: { data: rgb, width, height }, depth: { data: z } }: RgbdFrame): void {
    const { colours, depths } = this;
    const stride = Math.max(1, Math.floor((width * height) / SAMPLES));
    const samples = Math.min(SAMPLES, Math.floor((width * height) / stride));
    [this.colour, this.depth] = [0, 0];
    for (let other = Math.min(this.seen, REMEMBERED) - 1; other >= 0; other--) {
      let [lit, same_colour, known, same_depth] = [0, 0, 0, 0];
      for (let k = 0; k < samples; k++) {
        const i = k * stride;
        const at = SAMPLES * other + k;
        const [r, g, b] = [rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]];
        if (Math.min(r, g, b) >= LOWEST && Math.max(r, g, b) <= HIGHEST) {
          lit++;
          if (colours[3 * at] === r && colours[3 * at + 1] === g && colours[3 * at + 2] === b) same_colour++;
        }
        if (z[i] > NOISY_M) {
          known++;
          if (depths[at] === z[i]) same_depth++;
        }
      }
      if (lit >= LEAST) this.colour = Math.max(this.colour, same_colour / lit);
      if (known >= LEAST) this.depth = Math.max(this.depth, same_depth / known);
    }
    const slot = this.seen % REMEMBERED;
    for (let k = 0; k < samples; k++) {
      const i = k * stride;
      const at = SAMPLES * slot + k;
      for (let c = 0; c < 3; c++) colours[3 * at + c] = rgb[3 * i + c];
      depths[at] = z[i];
    }
    this.seen++;
  }
}
