import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { SampleRing } from './sample_ring.ts';

describe('the ring of samples', () => {
  it('has what a plain list of the last samples has, at any moment', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const rng = createRng(seed);
      const capacity = 1 + Math.floor(rng.uniform(0, 40));
      const ring = new SampleRing(2, capacity);
      let list: { time: number; sample: number[] }[] = [];
      let time = rng.uniform(-5, 5);
      for (let i = 0; i < 130; i++) {
        time += rng.uniform(0.001, 0.2);
        const sample = [rng.uniform(-1, 1), i];
        ring.push(time, sample);
        list = [...list, { time, sample }].slice(-capacity);
        const start = time - rng.uniform(0, 4);
        const expected = list.filter((one) => one.time >= start);
        const where = `seed ${seed}, sample ${i}`;
        expect([...ring.timesFrom(start)], where).toEqual(expected.map((one) => one.time));
        expect([...ring.channelFrom(1, start)], where).toEqual(expected.map((one) => one.sample[1]));
        expect(ring.length, where).toBe(list.length);
      }
    }
  });

  it('leaves out what does not come later, and starts afresh with a clock that began anew', () => {
    const ring = new SampleRing(1, 8);
    for (const time of [10, 10, 10.5, 10.2]) ring.push(time, [time]);
    expect([...ring.timesFrom(-Infinity)]).toEqual([10, 10.5]);
    ring.push(2, [2]);
    expect([...ring.timesFrom(-Infinity)]).toEqual([2]);
  });

  it('has no number where a sample is short', () => {
    const ring = new SampleRing(3, 4);
    ring.push(1, [5]);
    expect(ring.channelFrom(2, 0)[0]).toBeNaN();
  });

  it('is empty before the first', () => {
    const ring = new SampleRing(1, 4);
    expect(ring.newest).toBeNaN();
    expect([...ring.timesFrom(0)]).toEqual([]);
  });
});
