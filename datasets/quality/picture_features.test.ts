import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { goodEpisode, graveOf } from '../../test/support/quality_checks.ts';
import { PICTURE_FAULTS } from '../../test/support/quality_pictures.ts';
import type { RecordedPicture } from '../recording/index.ts';
import { findBlur } from './checks/blur.ts';
import { findExposure } from './checks/exposure.ts';
import { findFrozen } from './checks/frozen.ts';
import { PictureMeter } from './picture_features.ts';

const TOPIC = '/overview/image';
const [WIDTH, HEIGHT, COUNT] = [320, 240, 26];

const drawn = createRng(20, 'noise');
const NOISE = Float64Array.from({ length: 20_011 }, () => drawn.normal());

/** A table with blocks, seen with a little noise; one block moves. */
async function scene(seed: number): Promise<RecordedPicture[]> {
  const rng = createRng(seed, 'scene');
  const blocks = Array.from({ length: 8 }, () => [rng.int(280), rng.int(200), 15 + rng.int(30), 40 + rng.int(180)]);
  return Promise.all(
    Array.from({ length: COUNT }, async (_, k) => {
      const turn = rng.int(NOISE.length);
      const pixels = new Uint8Array(WIDTH * HEIGHT).map((_, i) => 130 + 3 * NOISE[(turn + i) % NOISE.length]);
      for (const [b, [x, y, size, shade]] of blocks.entries())
        for (let v = y; v < Math.min(HEIGHT, y + size); v++)
          pixels.fill(
            shade + 2 * rng.normal(),
            v * WIDTH + x + (b === 0 ? 2 * k : 0),
            v * WIDTH + Math.min(WIDTH, x + size + (b === 0 ? 2 * k : 0)),
          );
      const data = await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } })
        .jpeg({ quality: 85 })
        .toBuffer();
      const ns = BigInt(100_000_000 * (k + 1));
      return {
        topic: TOPIC,
        stamp_ns: ns,
        log_ns: ns,
        format: 'jpeg',
        encoding: '',
        width: 0,
        height: 0,
        data: new Uint8Array(data),
      } as const;
    }),
  );
}

async function found(pictures: readonly RecordedPicture[]): Promise<string[]> {
  const meter = new PictureMeter(TOPIC, 'overview');
  for (const picture of pictures) await meter.take(picture, 0n);
  const evidence = { ...goodEpisode(500), cameras: [meter.features()] };
  return graveOf([findExposure, findBlur, findFrozen].flatMap((find) => find(evidence))).map(({ check }) => check);
}

describe('pictures', () => {
  it.each([21, 22])('of a plain scene are without fault (seed %i)', async (seed) => {
    expect(await found(await scene(seed))).toEqual([]);
  });

  it.each(PICTURE_FAULTS.map((fault) => [fault.name, fault] as const))(
    'that are %s are found',
    async (_name, fault) => {
      const pictures = await scene(23);
      for (const strength of fault.strengths.filter((each) => each >= fault.found_from)) {
        const spoiled = await Promise.all(
          pictures.map((picture, k) => (k >= 15 && k < 21 ? fault.apply(picture, strength) : picture)),
        );
        expect(await found(spoiled), `${strength} ${fault.unit}`).toContain(fault.told_as);
      }
    },
  );

  it('that stay the same while the arm moves are frozen, though encoded anew', async () => {
    const pictures = await scene(24);
    const again = new Uint8Array(await sharp(pictures[10].data).jpeg({ quality: 98 }).toBuffer());
    const stuck = pictures.map((picture, k) => (k > 10 && k <= 20 ? { ...picture, data: pictures[10].data } : picture));
    const reencoded = pictures.map((picture, k) => (k > 10 && k <= 20 ? { ...picture, data: again } : picture));
    expect(await found(stuck)).toContain('frozen');
    expect(await found(reencoded)).toContain('frozen');
  });

  it('of 8 bits without a codec are read, others and wrong lengths count as broken', async () => {
    const raw = (encoding: string, data: Uint8Array): RecordedPicture => ({
      topic: TOPIC,
      stamp_ns: 0n,
      log_ns: 0n,
      format: 'raw',
      encoding,
      width: 32,
      height: 24,
      data,
    });
    const meter = new PictureMeter(TOPIC, 'overview');
    await meter.take(raw('rgb8', new Uint8Array(32 * 24 * 3).fill(77)), 0n);
    await meter.take(raw('mono8', new Uint8Array(24 * 40).fill(77)), 0n);
    await meter.take(raw('rgb8', new Uint8Array(10)), 0n);
    await meter.take(raw('bayer_x', new Uint8Array(32 * 24)), 0n);
    const { brightness, broken_s } = meter.features();
    expect([...brightness].map(Math.round)).toEqual([77, 77]);
    expect(broken_s.length).toBe(2);
  });
});
