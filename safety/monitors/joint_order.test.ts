import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { JointOrder } from './joint_order.ts';

const NAMES = ['shoulder', 'elbow', 'wrist'];
const VALUE: Readonly<Record<string, number>> = { shoulder: 1, elbow: 2, wrist: 3, finger: 4 };

describe('the order of joints', () => {
  it('is the arm’s whatever order a driver tells them in, with other joints among them', () => {
    const rng = createRng(2, 'order');
    const order = new JointOrder(NAMES);
    for (let k = 0; k < 200; k++) {
      const names = Object.keys(VALUE).sort(() => rng.uniform() - 0.5);
      const values = Float64Array.from(names, (name) => VALUE[name]);
      const state = { stamp_ns: BigInt(k), names, position: values, velocity: values, effort: values };
      const { position, velocity, effort } = order.of(state) ?? state;
      for (const one of [position, velocity, effort]) expect([...one.slice(0, 3)], names.join()).toEqual([1, 2, 3]);
    }
  });

  it('is not that of a state without one of them', () => {
    const values = new Float64Array(2);
    const state = { stamp_ns: 1n, names: ['elbow', 'wrist'], position: values, velocity: values, effort: values };
    expect(new JointOrder(NAMES).of(state)).toBeNull();
  });

  it('costs nothing where it is the arm’s already', () => {
    const values = new Float64Array(3);
    const state = { stamp_ns: 1n, names: NAMES, position: values, velocity: values, effort: values };
    expect(new JointOrder(NAMES).of(state)).toBe(state);
  });
});
