import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { CAMERAS, type ColourImage, createRng, type DepthImage, type Rng } from '../../contracts/index.ts';
import { record, withFolder } from '../../test/support/recording.ts';
import { describeEpisode } from '../dataset/describe_episode.ts';
import { readPictures } from '../recording/pictures.ts';
import { summarizeRecording } from '../recording/summary.ts';
import type { PeopleDetector } from './mask.ts';
import { BLOCK_PX } from './mask_blocks.ts';
import { maskRules } from './mask_rules.ts';
import { PictureMasker } from './picture_masker.ts';

const [width, height] = [160, 112];
const COLOUR = `${CAMERAS.overview.colour.name}/compressed`;
const rules = (told: object) => maskRules.parse({ schema: 'surepick/masks', version: 1, ...told });
type Pair = { readonly colour: ColourImage; readonly depth: DepthImage };

/** Noise, as what masks must hide is most: nothing of it can be guessed. Depth from 0.3 to 3 m, a tenth without. */
function pairs(rng: Rng, count: number): Pair[] {
  return Array.from({ length: count }, (_, k) => {
    const common = { stamp_ns: BigInt(k) * 40_000_000n, frame_id: 'camera', width, height };
    const data = Uint8Array.from({ length: 3 * width * height }, () => rng.int(256));
    const metres = Float32Array.from({ length: width * height }, () => (rng.uniform() < 0.1 ? 0 : rng.range(0.3, 3)));
    return { colour: { ...common, data }, depth: { ...common, data: metres } };
  });
}

/** The pair with everything new where `isHidden`; depth there is drawn by `depth_m`. */
function redraw(
  { colour, depth }: Pair,
  rng: Rng,
  isHidden: (u: number, v: number, depth_m: number) => boolean,
  depth_m?: () => number,
): Pair {
  const [data, metres] = [colour.data.slice(), depth.data.slice()];
  for (let v = 0, k = 0; v < height; v++)
    for (let u = 0; u < width; u++, k++) {
      if (!isHidden(u, v, depth.data[k])) continue;
      for (let c = 0; c < 3; c++) data[3 * k + c] = rng.int(256);
      metres[k] = depth_m?.() ?? rng.range(0.3, 3);
    }
  return { colour: { ...colour, data }, depth: { ...depth, data: metres } };
}

function recordPairs(file: string, all: readonly Pair[], mask: PictureMasker, depth_first = false) {
  return record(
    file,
    async (bus, clock, settle) => {
      for (const { colour, depth } of all) {
        if (colour.stamp_ns > clock.now_ns()) clock.advance(colour.stamp_ns);
        if (depth_first) bus.publish(CAMERAS.overview.depth, depth);
        bus.publish(CAMERAS.overview.colour, colour);
        if (!depth_first) bus.publish(CAMERAS.overview.depth, depth);
        await settle();
      }
    },
    { mask, depth_hz: 1000 },
  );
}

async function picturesOf(file: string, topic: string) {
  const all: { width: number; height: number; data: Buffer }[] = [];
  for await (const { data } of readPictures(file, [topic])) {
    const { data: raw, info } = await sharp(Buffer.from(data)).raw().toBuffer({ resolveWithObject: true });
    all.push({ width: info.width, height: info.height, data: raw });
  }
  return all;
}

const inBox = (u: number, v: number) => u >= 37 && u < 83 && v >= 21 && v < 50;
const box = rules({ cameras: { overview: { regions: [{ name: 'door', box: [37, 21, 46, 29] }] } } });

describe('PictureMasker', () => {
  it('gives the same bytes whatever was in a fixed region: nothing of it reaches the disk', () =>
    withFolder(async (folder) => {
      const rng = createRng(1, 'mask');
      const all = pairs(rng, 6);
      const [a, b, c] = ['a', 'b', 'c'].map((name) => join(folder, `${name}.mcap`));
      await recordPairs(a, all, new PictureMasker(box, null));
      await recordPairs(
        b,
        all.map((one) => redraw(one, rng, inBox)),
        new PictureMasker(box, null),
      );
      expect(readFileSync(a).equals(readFileSync(b))).toBe(true);
      // The comparison can fail: one pixel outside is told apart.
      await recordPairs(
        c,
        all.map((one) => redraw(one, rng, (u, v) => u === 150 && v === 100)),
        new PictureMasker(box, null),
      );
      expect(readFileSync(a).equals(readFileSync(c))).toBe(false);
      const pictures = await picturesOf(a, COLOUR);
      expect(pictures).toHaveLength(6);
      for (const { data } of pictures)
        for (let v = 21; v < 50; v++) for (let u = 37; u < 83; u++) expect(data[3 * (v * width + u)]).toBeLessThan(3);
      const depths: ArrayLike<number>[] = [];
      for await (const { data } of readPictures(a, [`${CAMERAS.overview.depth.name}/compressedDepth`]))
        depths.push(decode(data).data);
      expect(depths).toHaveLength(6);
      for (const data of depths)
        expect([data[30 * width + 50], data[30 * width + 120] > 0 || data[31 * width + 121] > 0]).toEqual([0, true]);
      expect((await summarizeRecording(a)).metadata.get('masks')).toMatchObject({
        told: JSON.stringify(['overview: door, box 37, 21, 46, 29 px']),
      });
      const { governance } = await describeEpisode(folder, { id: 'a', file: 'a.mcap' });
      expect(governance.masked).toEqual(['overview: door, box 37, 21, 46, 29 px']);
    }));

  it('covers whole blocks outwards, so that what is beside a mask is as if there were no mask beyond it', async () => {
    const [pair] = pairs(createRng(2, 'mask'), 1);
    const [masked] = await new PictureMasker(box, null).take({
      camera: 'overview',
      kind: 'colour',
      image: pair.colour,
    });
    const data = masked.kind === 'colour' ? masked.image.data : new Uint8Array();
    for (let v = 0, k = 0; v < height; v++)
      for (let u = 0; u < width; u++, k++) {
        const inside = u >= 32 && u < 96 && v >= 16 && v < 64;
        expect(data[3 * k], `${u}, ${v}`).toBe(inside ? 0 : pair.colour.data[3 * k]);
      }
    expect(BLOCK_PX).toBe(16);
  });

  it('hides colour and depth of what is too near or too far, in either order of the two', () =>
    withFolder(async (folder) => {
      const far = rules({ cameras: { '*': { depth: { farther_than_m: 1.5, nearer_than_m: 0.4 } } } });
      for (const depth_first of [false, true]) {
        const rng = createRng(3, 'mask');
        const all = pairs(rng, 4).map(({ colour, depth }) => {
          const data = depth.data.map((_, k) =>
            k % width < 64 ? 0.9 : depth.data[k] < 1.5 && depth.data[k] > 0.4 ? 2 : depth.data[k],
          );
          return { colour, depth: { ...depth, data } };
        });
        const others = all.map((one) =>
          redraw(
            one,
            rng,
            (_u, _v, depth_m) => depth_m !== Math.fround(0.9),
            () => [0, 0.35, 1.7, 2.9][rng.int(4)],
          ),
        );
        const [a, b] = ['a', 'b'].map((name) => join(folder, `${name}-${depth_first}.mcap`));
        await recordPairs(a, all, new PictureMasker(far, null), depth_first);
        await recordPairs(b, others, new PictureMasker(far, null), depth_first);
        expect(readFileSync(a).equals(readFileSync(b))).toBe(true);
        const pictures = await picturesOf(a, COLOUR);
        expect(pictures).toHaveLength(4);
        expect(pictures[0].data.subarray(0, 3 * 64).some((value) => value > 50)).toBe(true);
      }
    }));

  it('hides people where a detector finds them, in depth too', () =>
    withFolder(async (folder) => {
      const rng = createRng(4, 'mask');
      const people = rules({ people: { model: 'p.onnx', margin_px: 0 } });
      const finds: PeopleDetector = { told: 'p', detect: async () => [{ x: 64, y: 32, width: 32, height: 32 }] };
      const all = pairs(rng, 5);
      const hidden = (u: number, v: number) => u >= 64 && u < 96 && v >= 32 && v < 64;
      const [a, b] = ['a', 'b'].map((name) => join(folder, `${name}.mcap`));
      await recordPairs(a, all, new PictureMasker(people, finds));
      await recordPairs(
        b,
        all.map((one) => redraw(one, rng, hidden)),
        new PictureMasker(people, finds),
        true,
      );
      const [of_a, of_b] = [await picturesOf(a, COLOUR), await picturesOf(b, COLOUR)];
      expect([of_a.length, of_b.length]).toEqual([5, 5]);
      for (const [k, { data }] of of_a.entries()) expect(data.equals(of_b[k].data), `picture ${k}`).toBe(true);
    }));

  it('stores nothing that could not be masked, counts it and says why', () =>
    withFolder(async (folder) => {
      const people = rules({ people: { model: 'p.onnx' } });
      let asked = 0;
      const fails: PeopleDetector = {
        told: 'p',
        detect: async () => {
          if (asked++ % 2 === 0) throw new Error('out of memory');
          return [{ x: 0, y: 0, width: asked === 4 ? Number.NaN : 1, height: 1 }];
        },
      };
      const file = join(folder, 'a.mcap');
      await recordPairs(file, pairs(createRng(5, 'mask'), 6), new PictureMasker(people, fails));
      expect((await picturesOf(file, COLOUR)).length).toBe(2);
      const withheld = (await summarizeRecording(file)).metadata.get('withheld') ?? {};
      expect(withheld).toEqual({
        'the detector of people failed: out of memory': '6',
        'the detector of people failed: it gave a number that is none': '2',
      });
    }));

  it('withholds colour whose depth never comes, or is of another frame', () => {
    const far = rules({ cameras: { overview: { depth: { farther_than_m: 1 } } } });
    const masker = new PictureMasker(far, null);
    const all = pairs(createRng(6, 'mask'), 8);
    for (const { colour } of all)
      expect(masker.take({ camera: 'overview', kind: 'colour', image: colour })).toEqual([]);
    masker.take({ camera: 'overview', kind: 'depth', image: { ...all[7].depth, frame_id: 'other' } });
    masker.close();
    expect([...masker.withheld.values()].reduce((a, b) => a + b, 0)).toBe(9);
    expect([...masker.withheld.keys()].join()).toMatch(/did not come.*frame other says nothing.*recording ended/);
  });
});
