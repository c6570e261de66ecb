import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashOf } from '../../perception/index.ts';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { type Batch, batchOf } from './crops.ts';
import { inferenceModel } from './network.ts';
import { NETWORK_SHAPES, type NetworkShape, operationsOf, parameterCountOf } from './network_shape.ts';
import { PictureSource } from './picture_source.ts';
import { initialState, type TrainingOptions, type TrainingState, trainVision } from './trainer.ts';
import type { TrainingPicture } from './training_picture.ts';

const SMALL: NetworkShape = { fine: 4, middle: 6, coarse: 8, dilations: [1, 2] };
const SIZE = { width: 64, height: 64 };
const OPTIONS: TrainingOptions = { shape: SMALL, seed: 1, steps: 4, batch: 2, crop: SIZE, rate: 3e-3, threads: 1 };
let pictures: readonly TrainingPicture[] = [];
let folder = '';

beforeAll(async () => {
  const source = new PictureSource({ seed: 1, worlds: 2, robot: 'panda', threads: 0 });
  pictures = await source.first(2);
  folder = mkdtempSync(join(tmpdir(), 'training '));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const batch = async (k: number): Promise<Batch> => batchOf(1, k, pictures, { size: SIZE, batch: 2 });

async function train(options: TrainingOptions, start = initialState(options), seen: TrainingState[] = []) {
  return hashOf(
    inferenceModel(options.shape, await trainVision(options, start, batch, ({ state }) => void seen.push(state))),
  );
}

describe('training a vision network', () => {
  it('gives equal bytes for equal seed and steps on one thread and two, others for another seed', async () => {
    const first = await train(OPTIONS);
    expect(await train({ ...OPTIONS, threads: 2 })).toBe(first);
    expect(await train({ ...OPTIONS, seed: 2 })).not.toBe(first);
  });

  it('goes on from a checkpoint to the bytes it would have had', async () => {
    const states: TrainingState[] = [];
    const whole = await train(OPTIONS, initialState(OPTIONS), states);
    const file = join(folder, 'checkpoint');
    await saveCheckpoint(file, 'one', states[1]);
    expect(await train(OPTIONS, await loadCheckpoint(file, 'one'))).toBe(whole);
  });

  it('refuses a checkpoint of another training, a damaged one, and one that is none', async () => {
    const file = join(folder, 'checkpoint');
    await saveCheckpoint(file, 'one', initialState(OPTIONS));
    await expect(loadCheckpoint(file, 'two')).rejects.toThrow(/'one'.*'two'/);
    const bytes = readFileSync(file);
    bytes[bytes.length - 3] ^= 1;
    writeFileSync(file, bytes);
    await expect(loadCheckpoint(file, 'one')).rejects.toThrow(/damaged/);
    writeFileSync(file, 'rubbish');
    await expect(loadCheckpoint(file, 'one')).rejects.toThrow(/checkpoint/);
    await expect(loadCheckpoint(join(folder, 'none'), 'one')).rejects.toThrow(/--resume/);
    const other = initialState({ shape: { ...SMALL, fine: 5 }, seed: 1 });
    await expect(trainVision(OPTIONS, other, batch, () => {})).rejects.toThrow(/parameters/);
    await expect(trainVision(OPTIONS, { ...initialState(OPTIONS), step: 9 }, batch, () => {})).rejects.toThrow(
      /step 9.*ends at 4/,
    );
  });

  it('lowers every part of the loss on one batch seen again and again', async () => {
    const same = await batch(0);
    const options = { ...OPTIONS, shape: { ...SMALL, fine: 12, middle: 16, coarse: 16 }, steps: 100, rate: 5e-3 };
    const losses: number[][] = [];
    await trainVision(
      options,
      initialState(options),
      async () => same,
      ({ losses: l }) => void losses.push([l.loss, l.loss_semantic, l.loss_offset, l.loss_centre]),
    );
    for (const [k, last] of losses[99].entries()) expect(last, `part ${k}`).toBeLessThan(0.75 * losses[0][k]);
  });

  it('stops with the step and the rate when it diverges', async () => {
    const bad = await batch(0);
    bad.images[5] = Number.NaN;
    await expect(
      trainVision(
        OPTIONS,
        initialState(OPTIONS),
        async () => bad,
        () => {},
      ),
    ).rejects.toThrow(/step 1.*rate/);
  });
});

describe('a vision network', () => {
  it('gives equal values for a picture alone and among others', async () => {
    const { theta } = initialState(OPTIONS);
    const size = { width: 32, height: 24 };
    const bytes = inferenceModel(SMALL, theta);
    const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
    const one = 5 * size.width * size.height;
    const data = Float32Array.from({ length: 3 * one }, (_, i) => Math.sin(0.1 * i) / 2);
    const all = await session.run({ image: new Tensor('float32', data, [3, 5, 24, 32]) });
    const alone = await session.run({ image: new Tensor('float32', data.slice(one), [2, 5, 24, 32]) });
    for (const name of ['probabilities', 'centre', 'offset']) {
      const [a, b] = [all[name].data, alone[name].data];
      expect(all[name].dims.slice(2)).toEqual([24, 32]);
      const third = a.length / 3;
      for (let i = 0; i < b.length; i += 97) expect(Number(b[i])).toBeCloseTo(Number(a[third + i]), 5);
    }
    for (const value of all.centre.data) expect(Number(value)).toBeGreaterThanOrEqual(0);
  });

  it('costs as much as is said, and the full one at most ten times the fast one', () => {
    const cost = (shape: NetworkShape) => operationsOf(shape, 128, 128);
    // One convolution by hand: 2 · 5 · 4 · 9 for each of 64 × 64 cells.
    const thin = { fine: 4, middle: 4, coarse: 4, dilations: [] };
    const rest = 2 * (4 * 4 * 9 * 32 ** 2 + 4 * 4 * 9 * 16 ** 2 + 4 * 4 * 16 ** 2 + 4 * 4 * 9 * 32 ** 2);
    const fine = 2 * (4 * 4 * 32 ** 2 + 4 * 4 * 9 * 64 ** 2 + 4 * 32 * 64 ** 2);
    expect(cost(thin)).toBe(2 * 5 * 4 * 9 * 64 ** 2 + rest + fine);
    expect(cost(NETWORK_SHAPES.full)).toBeLessThan(10 * cost(NETWORK_SHAPES.fast));
    expect(cost(NETWORK_SHAPES.fast)).toBeLessThan(1.1e8);
    expect(parameterCountOf(NETWORK_SHAPES.fast)).toBeLessThan(parameterCountOf(NETWORK_SHAPES.full));
  });
});
