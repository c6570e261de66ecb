import { describe, expect, it } from 'vitest';
import { hashOf } from '../../perception/index.ts';
import { BatchSource } from './batches.ts';
import { inferenceModel, PARAMETER_COUNT } from './network.ts';
import { trainVision } from './trainer.ts';

const OPTIONS = { seed: 1, batch: 2, rate: 3e-3 };

describe('training the vision network', () => {
  it('gives equal bytes for equal seed and steps on one thread and two, others for another seed', async () => {
    const source = new BatchSource(1, 2, null);
    const train = async (seed: number, threads: number) =>
      hashOf(
        inferenceModel(
          await trainVision(
            { ...OPTIONS, seed, steps: 3, threads },
            (k) => source.batch(k),
            () => {},
          ),
          {},
        ),
      );
    const first = await train(1, 1);
    expect(await train(1, 2)).toBe(first);
    expect(await train(2, 1)).not.toBe(first);
  });

  it('lowers the loss on one batch seen again and again', async () => {
    const batch = new BatchSource(1, 2, null).batch(0);
    const losses: number[] = [];
    const theta = await trainVision(
      { ...OPTIONS, steps: 40, threads: 1 },
      () => batch,
      ({ loss }) => void losses.push(loss),
    );
    expect(theta).toHaveLength(PARAMETER_COUNT);
    expect(losses.at(-1)).toBeLessThan(0.7 * losses[0]);
  });

  it('stops with the step and the rate when it diverges', async () => {
    const batch = new BatchSource(1, 2, null).batch(0);
    batch.images[5] = Number.NaN;
    await expect(
      trainVision(
        { ...OPTIONS, steps: 3, threads: 1 },
        () => batch,
        () => {},
      ),
    ).rejects.toThrow(/step 1.*rate/);
  });
});
