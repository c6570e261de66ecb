import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import type { JointSeries } from '../recording/series.ts';
import { actionOrder, inOrderOf } from './action_order.ts';

const ALL = ['shoulder_pan', 'shoulder_lift', 'elbow', 'wrist_1', 'wrist_2', 'wrist_3', 'finger'];

function some(rng: Rng, least: number): string[] {
  const all = ALL.map((name) => ({ name, at: rng.uniform() })).sort((a, b) => a.at - b.at);
  return all.slice(0, least + rng.int(ALL.length - least + 1)).map(({ name }) => name);
}

function drawn(rng: Rng, names: readonly string[]): JointSeries {
  const rows = rng.int(5);
  const values = () => Float64Array.from({ length: rows * names.length }, () => rng.normal());
  const time_s = Float64Array.from({ length: rows }, (_, k) => k);
  return { names, time_s, logged_s: time_s, position: values(), velocity: values(), effort: values() };
}

/** Values by name, row by row. */
const byName = ({ names }: JointSeries, values: Float64Array) =>
  [...values].map((value, k) => `${Math.floor(k / names.length)} ${names[k % names.length]} ${value}`).sort();

describe('the order of an action', () => {
  it('is that of the state: every value keeps its name and row, and what the state lacks comes last', () => {
    for (let seed = 0; seed < 200; seed++) {
      const rng = createRng(seed).stream('order');
      const state = some(rng, 0);
      const command = drawn(rng, some(rng, 1));
      const made = inOrderOf(command, state);
      for (const name of ['position', 'velocity', 'effort'] as const)
        expect(byName(made, made[name]), `seed ${seed}`).toEqual(byName(command, command[name]));
      const shared = state.filter((name) => command.names.includes(name));
      expect(made.names.slice(0, shared.length), `seed ${seed}`).toEqual(shared);
      const others = command.names.filter((name) => !state.includes(name));
      expect(made.names.slice(shared.length), `seed ${seed}`).toEqual(others);
      expect(inOrderOf(made, state), `seed ${seed}`).toBe(made);
    }
  });

  it('is told as that of the state exactly where each column is of the same joint, else every joint that differs is', () => {
    for (let seed = 0; seed < 200; seed++) {
      const rng = createRng(seed).stream('told');
      const state = some(rng, 4);
      const { names } = inOrderOf(drawn(rng, some(rng, 4)), state);
      const features = [
        { key: 'action', names },
        { key: 'observation.state', names: state },
      ];
      const { as_state, how } = actionOrder(features);
      expect(as_state, `seed ${seed}`).toBe(names.join() === state.join());
      for (const name of ALL)
        expect(how.includes(name), `seed ${seed}: ${name} in ${how}`).toBe(
          names.includes(name) !== state.includes(name),
        );
    }
  });

  it('of imported sets stays as it was, and that is told', () => {
    const of = (action: string[] | null, state: string[] | null) =>
      actionOrder([
        { key: 'action', names: action },
        { key: 'observation.state', names: state },
      ]);
    expect(of(['a', 'b'], ['b', 'a'])).toMatchObject({ as_state: false, how: expect.stringContaining('came from') });
    expect(of(null, null)).toMatchObject({ as_state: false, how: expect.stringContaining('names no joints') });
    expect(actionOrder([{ key: 'observation.state', names: ['a'] }]).how).toBe('there is no action');
    expect(actionOrder([{ key: 'action', names: ['a'] }]).how).toBe('there is no observation.state');
  });
});
