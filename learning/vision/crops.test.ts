import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { hashOf, INPUT_WIDTH, VISION_CLASSES } from '../../perception/index.ts';
import { batchOf } from './crops.ts';
import { disturb } from './disturb.ts';
import { PictureSource } from './picture_source.ts';
import { PICTURE_BYTES, startPicture, type TrainingPicture, writeTruth } from './training_picture.ts';
import { TARGET_CHANNELS } from './vision_loss.ts';

const SIZE = { width: 64, height: 48 };
const CELLS = SIZE.width * SIZE.height;
let pictures: readonly TrainingPicture[] = [];
let hash = '';

beforeAll(async () => {
  const source = new PictureSource({ seed: 3, worlds: 4, robot: 'panda', threads: 0 });
  pictures = await source.first(4);
  hash = await source.hash();
});

describe('pictures of a training', () => {
  it('depend on the seed and their number, not on what was drawn before', async () => {
    const again = new PictureSource({ seed: 3, worlds: 4, robot: 'panda', threads: 0 });
    await again.first(2);
    expect(await again.hash()).toBe(hash);
    const other = new PictureSource({ seed: 4, worlds: 4, robot: 'panda', threads: 0 });
    expect(await other.hash()).not.toBe(hash);
  });

  it('call every cell of an object by its class, and no other', () => {
    const objects = new Set((['box', 'cylinder'] as const).map((name) => VISION_CLASSES.indexOf(name)));
    let [seen, wrong] = [0, 0];
    for (const { labels, instances } of pictures) {
      for (let i = 0; i < labels.length; i++) {
        if (objects.has(labels[i]) !== instances[i] > 0) wrong++;
        if (instances[i] > 0) seen++;
      }
    }
    expect(wrong).toBe(0);
    expect(seen).toBeGreaterThan(500);
  });

  it('vote for what a cell shows, the object in a draw', () => {
    const labels = new Uint8Array(320 * 240);
    const instances = new Int16Array(320 * 240).fill(-1);
    const put = (pixel: number, label: number, instance: number): void => {
      labels[pixel] = label;
      instances[pixel] = instance;
    };
    for (const pixel of [0, 321]) put(pixel, 1, -1);
    for (const pixel of [1, 320]) put(pixel, 3, 0);
    for (const pixel of [2, 3]) put(pixel, 1, -1);
    put(322, 1, -1);
    put(323, 4, 1);
    for (const pixel of [4, 5, 324]) put(pixel, 3, 6);
    put(325, 4, 1);
    const out = startPicture(new ArrayBuffer(PICTURE_BYTES), 0, { width: 160, height: 120 });
    writeTruth(labels, instances, { width: 320, height: 240 }, out);
    expect([...out.labels.subarray(0, 4)]).toEqual([3, 1, 3, 0]);
    expect([...out.instances.subarray(0, 4)]).toEqual([1, 0, 7, 0]);
  });
});

describe('crops', () => {
  const options = { size: SIZE, batch: 8 };

  it('are the same for the same batch, and others for the next', () => {
    const print = (k: number) => {
      const { images, labels, targets } = batchOf(1, k, pictures, options);
      return [images, labels, targets].map(({ buffer }) => hashOf(new Uint8Array(buffer)));
    };
    expect(print(7)).toEqual(print(7));
    expect(print(7)[0]).not.toBe(print(8)[0]);
  });

  it('point from every cell of an object to one place, where the nearness of centres is greatest', () => {
    let [blobs, wrong] = [0, 0];
    for (let k = 0; k < 3; k++) {
      const { targets, labels } = batchOf(1, k, pictures, options);
      for (let n = 0; n < options.batch; n++) {
        const at = n * TARGET_CHANNELS * CELLS;
        const places = new Map<string, number>();
        for (let i = 0; i < CELLS; i++) {
          const weight = targets[at + 2 * CELLS + i];
          const object = labels[n * CELLS + i] >= 3;
          if (!object && weight !== 0) wrong++;
          if (weight === 0) continue;
          const x = (i % SIZE.width) + targets[at + i];
          const y = Math.floor(i / SIZE.width) + targets[at + CELLS + i];
          const place = `${x.toFixed(2)} ${y.toFixed(2)}`;
          places.set(place, (places.get(place) ?? 0) + 1);
          const [u, v] = [Math.round(x), Math.round(y)];
          if (u < 0 || v < 0 || u >= SIZE.width || v >= SIZE.height) continue;
          if (!(targets[at + 3 * CELLS + v * SIZE.width + u] > 0.8)) wrong++;
        }
        expect(places.size).toBeLessThanOrEqual(12);
        blobs += places.size;
      }
    }
    expect(wrong).toBe(0);
    expect(blobs).toBeGreaterThan(20);
  });

  it('show colours within the range of the network, depth missing in some', () => {
    const { images } = batchOf(2, 0, pictures, { ...options, batch: 32 });
    let [blind, wrong] = [0, 0];
    for (let n = 0; n < 32; n++) {
      const image = images.subarray(5 * n * CELLS, 5 * (n + 1) * CELLS);
      for (let i = 0; i < 3 * CELLS; i++) if (!(Math.abs(image[i]) <= 0.5)) wrong++;
      const known = image.subarray(4 * CELLS);
      if (known.every((value) => value === 0)) blind++;
      for (let i = 0; i < CELLS; i++) if (known[i] === 0 && image[3 * CELLS + i] !== 0) wrong++;
    }
    expect(wrong).toBe(0);
    expect(blind).toBeGreaterThan(0);
    expect(blind).toBeLessThan(16);
  });
});

describe('disturbed pictures', () => {
  it('keep heights but for an error of all of them, and edges of objects where they were', () => {
    const n = INPUT_WIDTH * 8;
    const labels = new Int32Array(n).fill(1);
    const instances = new Uint8Array(n);
    for (let i = 0; i < n; i++) if (i % INPUT_WIDTH > 80) instances[i] = 1;
    let sharp = 0;
    for (let seed = 0; seed < 20; seed++) {
      const image = new Float32Array(5 * n);
      for (let i = 0; i < n; i++) {
        image[i] = instances[i] === 1 ? 0.3 : -0.3;
        image[3 * n + i] = instances[i] === 1 ? 0.4 : 0;
        image[4 * n + i] = 1;
      }
      disturb(createRng(seed), image, labels, instances, { width: INPUT_WIDTH, height: 8 });
      const seen = [...image.subarray(3 * n, 4 * n)].filter((_, i) => image[4 * n + i] === 1);
      if (seen.length > 0) expect(Math.max(...seen) - Math.min(...seen)).toBeCloseTo(0.4, 5);
      const row = image.subarray(3 * INPUT_WIDTH, 4 * INPUT_WIDTH);
      const jump = Math.abs(row[81] - row[80]);
      const elsewhere = Math.abs(row[40] - row[39]);
      if (jump > elsewhere) sharp++;
    }
    expect(sharp).toBeGreaterThan(15);
  });
});
