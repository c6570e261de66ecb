import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ColourImage } from '../contracts/index.ts';
import { MaskBlocks, readMaskRules } from '../datasets/index.ts';
import { brightestOnnx, foreignOnnx } from '../test/support/onnx_bytes.ts';
import { writePeopleModel } from '../test/support/people_model.ts';
import { withFolder } from '../test/support/recording.ts';
import { checkMaskRules, createPictureMask } from './people_detector.ts';

const [width, height] = [96, 64];

/** Grey, with a white figure. */
function picture(stamp_ns: bigint, at: readonly [number, number]): ColourImage {
  const data = new Uint8Array(3 * width * height).fill(40);
  for (let v = at[1]; v < at[1] + 12; v++)
    for (let u = at[0]; u < at[0] + 8; u++) data.fill(255, 3 * (v * width + u), 3 * (v * width + u) + 3);
  return { stamp_ns, frame_id: 'camera', width, height, data };
}

describe('a detector of people', () => {
  it('masks what a network of the user finds, wherever it is', () =>
    withFolder(async (folder) => {
      const rules = readMaskRules(writePeopleModel(folder, brightestOnnx(48, 32)));
      await checkMaskRules(rules);
      const mask = createPictureMask(rules);
      expect(mask.told.join()).toMatch(/^people, as people\.onnx \(SHA-256 [0-9a-f]{64}\) finds them/);
      for (const [k, at] of (
        [
          [3, 3],
          [40, 20],
          [85, 50],
        ] as const
      ).entries()) {
        const image = picture(BigInt(k), at);
        const masked = await mask.take({ camera: 'overview', kind: 'colour', image });
        expect(masked).toHaveLength(1);
        const data = masked[0].image.data;
        expect(data.some((value) => value === 255)).toBe(false);
        const wanted = new MaskBlocks(width, height);
        wanted.coverBox(at[0] - 3, at[1] - 3, 14, 18);
        for (let v = 0; v < height; v++)
          for (let u = 0; u < width; u++)
            if (!wanted.isMasked(u, v)) expect(data[3 * (v * width + u)], `${u}, ${v}`).toBe(40);
      }
    }));

  it('is refused before anything is recorded where it is another network than its manifest says', () =>
    withFolder(async (folder) => {
      const rules = readMaskRules(writePeopleModel(folder, brightestOnnx(48, 32)));
      writeFileSync(join(folder, 'people.onnx'), brightestOnnx(48, 16));
      await expect(checkMaskRules(rules)).rejects.toThrow(/its manifest says/);
      const other = readMaskRules(writePeopleModel(folder, foreignOnnx()));
      await expect(checkMaskRules(other)).rejects.toThrow(/must be exactly picture float32/);
      writeFileSync(
        join(folder, 'people.json'),
        readFileSync(join(folder, 'people.json'), 'utf8').replace('nchw', 'chwn'),
      );
      await expect(checkMaskRules(other)).rejects.toThrow(/input.layout/);
      writeFileSync(join(folder, 'people.json'), '{');
      await expect(checkMaskRules(other)).rejects.toThrow(/people.json/);
    }));

  it('stores nothing where the network gives no numbers', () =>
    withFolder(async (folder) => {
      const more = {
        input: {
          name: 'picture',
          layout: 'nchw',
          width: 48,
          height: 32,
          mean: [1e38, 1e38, 1e38],
          std: [1e-9, 1e-9, 1e-9],
        },
      };
      const mask = createPictureMask(readMaskRules(writePeopleModel(folder, brightestOnnx(48, 32), more)));
      const image = picture(1n, [3, 3]);
      expect(await mask.take({ camera: 'overview', kind: 'colour', image })).toEqual([]);
      expect([...mask.withheld]).toEqual([
        [expect.stringMatching(/detector of people failed: .*the network gave -?Infinity/), 1],
      ]);
    }));
});
