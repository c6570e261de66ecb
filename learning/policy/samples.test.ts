import { describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { fitNormalisation, normalise } from './normalisation.ts';
import { type ChunkLayout, cutChunks, type Demonstration } from './samples.ts';

const LAYOUT: ChunkLayout = { observation: 2, action: 2, history: 2, chunk: 3, gripper: 1 };

/** Observations and actions that name their step, so that every sample tells where it is from. */
function demonstration(length: number, followed: (step: number) => boolean = () => true): Demonstration {
  return {
    length,
    observations: Float32Array.from({ length: 2 * length }, (_, i) => 10 * Math.floor(i / 2) + (i % 2)),
    actions: Float32Array.from({ length: 2 * length }, (_, i) => 100 * Math.floor(i / 2) + (i % 2)),
    followed: Uint8Array.from({ length }, (_, step) => (followed(step) ? 1 : 0)),
    success: true,
  };
}

describe('samples of demonstrations', () => {
  it('have the observations up to a step, and the actions from there on with rest past the end', () => {
    const { count, x, y } = cutChunks([demonstration(4)], LAYOUT);
    expect(count).toBe(4);
    expect([...x.subarray(0, 4)]).toEqual([0, 1, 0, 1]);
    expect([...x.subarray(8, 12)]).toEqual([10, 11, 20, 21]);
    expect([...y.subarray(0, 6)]).toEqual([0, 1, 100, 101, 200, 201]);
    expect([...y.subarray(18, 24)]).toEqual([300, 301, 0, 301, 0, 301]);
  });

  it('are only of chunks that were done from their first action to the last, for random turns', () => {
    for (let seed = 0; seed < 40; seed++) {
      const rng = createRng(seed, 'turns');
      const driven = Array.from({ length: 12 }, () => rng.int(3) > 0);
      const one = demonstration(12, (step) => driven[step]);
      const wanted = driven.flatMap((_, step) => (driven.slice(step, step + 3).every(Boolean) ? [100 * step] : []));
      const { count, y, outputs } = cutChunks([one], LAYOUT);
      const found = Array.from({ length: count }, (_, row) => y[row * outputs]);
      expect(found, `seed ${seed}`).toEqual(wanted);
    }
  });

  it('of another layout or with numbers that are none are refused by name, whatever lies beside them', () => {
    const other = { ...demonstration(4), observations: new Float32Array(12) };
    expect(() => cutChunks([demonstration(3), other], LAYOUT)).toThrow(/demonstration 1: 12 numbers observed/);
    const spoilt = demonstration(4);
    spoilt.actions[5] = Number.NaN;
    expect(() => cutChunks([demonstration(3), spoilt], LAYOUT)).toThrow(
      'demonstration 1: actions step 2 entry 1 is NaN',
    );
  });
});

describe('normalisation', () => {
  it('gives the network numbers of unit size; what takes both signs keeps its zero', () => {
    const rng = createRng(3);
    const length = 400;
    const observations = new Float32Array(2 * length);
    for (let i = 0; i < length; i++) observations.set([rng.range(2, 6), rng.range(-1, 3)], 2 * i);
    const one = { ...demonstration(length), observations };
    const observation = fitNormalisation([one], 'observations', 2);
    const action = fitNormalisation([one], 'actions', 2);
    expect(observation.mean[0]).toBeCloseTo(4, 0);
    expect(observation.mean[1]).toBe(0);
    const samples = cutChunks([one], LAYOUT);
    const before = samples.x.slice();
    normalise(samples, observation, action);
    samples.x.forEach((value, i) => {
      const k = i % 2;
      expect(value * observation.scale[k] + observation.mean[k]).toBeCloseTo(before[i], 4);
    });
  });

  it('of nothing is refused', () => {
    expect(() => fitNormalisation([], 'observations', 2)).toThrow(InputError);
  });
});
