import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { PictureBlocks } from './picture_blocks.ts';
import { RampMeter } from './ramp_meter.ts';

type Level = (u: number, v: number) => number;

function measured(width: number, height: number, level: Level, sigma = 2) {
  const rng = createRng(5, 'ramps');
  const rgb = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const value = level((i % width) / width, Math.floor(i / width) / width);
    for (let k = 0; k < 3; k++) rgb[3 * i + k] = Math.max(0, Math.min(255, value + sigma * rng.normal() + 0.5));
  }
  const blocks = new PictureBlocks(width, height);
  blocks.update(rgb);
  const meter = new RampMeter(blocks.levels.length);
  meter.measure(blocks);
  return meter;
}

const squares: Level = (u, v) => ((Math.floor(u * 7) + Math.floor(v * 7)) % 2 === 0 ? 70 : 255);
const lamp =
  (peak: number, reach: number): Level =>
  (u, v) =>
    60 + peak * Math.exp(-((u - 0.5) ** 2 + (v - 0.35) ** 2) / (2 * (reach / 2) ** 2));

describe.each([
  [128, 128],
  [320, 240],
])('the meter of ramps, %s x %s', (width, height) => {
  it('finds light about a lamp, and none about things that are white', () => {
    for (const reach of [0.1, 0.2, 0.3]) expect(measured(width, height, lamp(400, reach)).halo).toBeGreaterThan(0.3);
    expect(measured(width, height, squares).halo).toBeLessThan(0.05);
    expect(measured(width, height, () => 255).halo).toBe(0);
  });

  it('finds every ramp soft at the level of its width, and no sharp edge', () => {
    const sharp = measured(width, height, squares).softness;
    for (const [k, wide] of [0.03, 0.06, 0.12].entries()) {
      const edge: Level = (u) => 60 + 160 * Math.max(0, Math.min(1, (u - 0.5) / wide + 0.5));
      const { softness } = measured(width, height, edge);
      expect(softness[k], `level ${k}`).toBeGreaterThan(4 * sharp[k] + 0.5);
    }
  });
});

describe('blocks of a picture', () => {
  it.each([
    [128, 128, 1],
    [320, 240, 2],
    [323, 241, 2],
    [50, 38, 1],
  ])('are means over squares, %s x %s', (width, height, side) => {
    const rng = createRng(7, 'blocks');
    const rgb = Uint8Array.from({ length: 3 * width * height }, () => rng.int(256));
    const blocks = new PictureBlocks(width, height);
    blocks.update(rgb);
    blocks.update(rgb);
    blocks.levels.forEach(({ columns, rows, luma }, k) => {
      const size = side << k;
      for (const [row, column] of [
        [0, 0],
        [rows - 1, columns - 1],
        [rows >> 1, 1],
      ]) {
        let [bright, least] = [0, 0];
        for (let v = row * size; v < (row + 1) * size; v++) {
          for (let i = v * width + column * size; i < v * width + (column + 1) * size; i++) {
            bright += blocks.luma[i] / size ** 2;
            least += Math.min(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) / size ** 2;
          }
        }
        expect(luma[row * columns + column]).toBeCloseTo(bright, 3);
        if (k === 1) expect(blocks.least[row * columns + column]).toBeCloseTo(least, 3);
      }
    });
  });
});
