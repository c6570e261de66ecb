import { expect, test } from 'vitest';
import { COLOURS, createRng, OBJECT_CLASSES, type Shape } from '../../contracts/index.ts';
import { inObjectSet, kindName, type ObjectKind, objectSetOf } from './object_sets.ts';

function drawKind(seed: number): ObjectKind {
  const rng = createRng(seed, 'kind');
  const edge = () => rng.range(0.03, 0.06);
  const name = OBJECT_CLASSES[rng.int(2)];
  const shape: Shape =
    name === 'box'
      ? { type: 'box', size: [edge(), edge(), edge()] }
      : { type: 'cylinder', radius: edge() / 2, length: edge() };
  return { class: name, colour: COLOURS[rng.int(COLOURS.length)], shape };
}

test('every object is in one of two sets, by its kind, and a fifth of the kinds is for tests', () => {
  const sets = new Map<string, string>();
  for (let seed = 0; seed < 4000; seed++) {
    const kind = drawKind(seed);
    const set = objectSetOf(kind);
    const name = kindName(kind);
    expect(sets.get(name) ?? set, name).toBe(set);
    sets.set(name, set);
    expect([inObjectSet(kind, 'all'), inObjectSet(kind, 'train'), inObjectSet(kind, 'test')]).toEqual([
      true,
      set === 'train',
      set === 'test',
    ]);
  }
  const share = [...sets.values()].filter((set) => set === 'test').length / sets.size;
  expect(share).toBeGreaterThan(0.13);
  expect(share).toBeLessThan(0.27);
});

test('the two sets hold every class and every colour', () => {
  for (const set of ['train', 'test'] as const) {
    const kinds = Array.from({ length: 2000 }, (_, seed) => drawKind(seed)).filter((kind) => inObjectSet(kind, set));
    expect(new Set(kinds.map((kind) => `${kind.class} ${kind.colour}`)).size).toBe(2 * COLOURS.length);
  }
});

test('a kind is a class, a colour and cells of 10 mm; a quarter of a turn changes nothing', () => {
  const box: ObjectKind = { class: 'box', colour: 'red', shape: { type: 'box', size: [0.031, 0.049, 0.05] } };
  expect(kindName(box)).toBe('box/3.4.5/red');
  expect(kindName({ ...box, shape: { type: 'box', size: [0.049, 0.031, 0.05] } })).toBe('box/3.4.5/red');
  expect(kindName({ ...box, shape: { type: 'box', size: [0.03, 0.0499, 0.0599] } })).toBe('box/3.4.5/red');
  expect(kindName({ ...box, shape: { type: 'box', size: [0.03, 0.05, 0.05] } })).toBe('box/3.5.5/red');
  expect(kindName({ class: 'cylinder', colour: 'blue', shape: { type: 'cylinder', radius: 0.02, length: 0.03 } })).toBe(
    'cylinder/4.3/blue',
  );
});
