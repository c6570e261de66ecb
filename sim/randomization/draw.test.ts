import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { GRAVITY } from '../../dynamics/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { createTask, OBJECT_SETS, type ObjectSet, TASK_NAMES, type TaskInstance } from '../tasks/index.ts';
import { randomizeScene } from './apply.ts';
import { drawRandomization } from './draw.ts';
import { type Quantity, RANGES, rangeOf } from './ranges.ts';
import { RANDOMIZATION_LEVELS, type Randomization, type RandomizationLevel, randomization } from './record.ts';

const DRAWS = 60;
const robot = loadRobot('panda');

interface Drawn {
  readonly record: Randomization;
  readonly instance: TaskInstance;
}

function draw(name: string, level: RandomizationLevel, seed: number, object_set: ObjectSet = 'all'): Drawn {
  const task = createTask(name);
  const rng = createRng(seed).stream('episode/0');
  const instance = task.reset(rng.stream('task'), object_set);
  const streams = { start_up: createRng(seed).stream('start_up'), episode: rng.stream('randomization') };
  return { record: drawRandomization(level, streams, robot, task, instance, object_set), instance };
}

/** Numbers of a record by the name they stand under. */
function* numbers(value: unknown, name = ''): Generator<readonly [string, number]> {
  if (typeof value === 'number') yield [name, value];
  else if (Array.isArray(value)) for (const entry of value) yield* numbers(entry, name);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, entry] of Object.entries(value)) yield* numbers(entry, key);
  }
}

const isQuantity = (name: string): name is Quantity => Object.hasOwn(RANGES, name);
/** Of a push: its moment, its target, and its force, whose size has a range that depends on what is pushed. */
const DERIVED = ['time_s', 'on', 'force_N'];

describe('what is drawn', () => {
  test.each(RANDOMIZATION_LEVELS)('keeps the ranges of level %s, every number by its name', (level) => {
    for (const name of TASK_NAMES) {
      for (let seed = 0; seed < DRAWS; seed++) {
        const { record } = draw(name, level, seed);
        for (const [quantity, value] of numbers(record)) {
          if (DERIVED.includes(quantity)) continue;
          if (!isQuantity(quantity)) throw new Error(`${quantity} has no range`);
          const [low, high] = rangeOf(quantity, level);
          if (!(value >= low - 1e-12 && value <= high + 1e-12)) {
            expect.fail(`${name}, seed ${seed}, ${quantity}: ${value} is not within ${low} and ${high}`);
          }
        }
      }
    }
  });

  test.each(['train', 'hard'] as const)('varies in everything at level %s', (level) => {
    const seen = new Map<string, Set<number>>();
    for (let seed = 0; seed < DRAWS; seed++) {
      for (const [quantity, value] of numbers(draw('sort', level, seed).record)) {
        seen.set(quantity, (seen.get(quantity) ?? new Set()).add(value));
      }
    }
    const constant = [...seen].filter(([, values]) => values.size < 2).map(([quantity]) => quantity);
    expect(constant).toEqual([]);
    // The interval shows in the times of the pushes, the size of a push in its force.
    const hidden = ['push_interval_s', 'hand_push_N', 'object_push_share'];
    expect([...seen.keys()].filter(isQuantity).sort()).toEqual(
      Object.keys(RANGES)
        .filter((quantity) => !hidden.includes(quantity))
        .sort(),
    );
  });

  test('reaches both ends of a range', () => {
    const values = Array.from(
      { length: 200 },
      (_, seed) => draw('pick-place', 'hard', seed).record.reset.light.key_scale,
    );
    const [low, high] = RANGES.key_scale.hard;
    expect(Math.min(...values)).toBeLessThan(low + 0.05 * (high - low));
    expect(Math.max(...values)).toBeGreaterThan(high - 0.05 * (high - low));
  });

  test('hard contains train, which contains the nominal value', () => {
    for (const [name, { nominal, train, hard }] of Object.entries(RANGES)) {
      // With play in the gears the rotors need an inertia of their own.
      if (name !== 'armature_kg_m2') expect(train[0] <= nominal && nominal <= train[1], name).toBe(true);
      expect(hard[0] <= train[0] && train[1] <= hard[1], name).toBe(true);
      expect(hard[1] - hard[0], name).toBeGreaterThan(train[1] - train[0]);
    }
  });

  test('of pushes: one after the other, none too hard, none at the start, on the hand and on objects', () => {
    const targets = new Set<string>();
    for (const level of ['train', 'hard'] as const) {
      for (let seed = 0; seed < DRAWS; seed++) {
        const { record, instance } = draw('sort', level, seed);
        let before = 0;
        for (const { on, time_s, force_N } of record.pushes) {
          const interval = time_s - before;
          const [shortest, longest] = rangeOf('push_interval_s', level);
          expect(interval).toBeGreaterThanOrEqual(shortest - 1e-9);
          expect(interval).toBeLessThanOrEqual(longest + 1e-9);
          before = time_s;
          const weight = on === 'hand' ? 1 : instance.scene.objects[on].mass_kg * Math.abs(GRAVITY[2]);
          const most = rangeOf(on === 'hand' ? 'hand_push_N' : 'object_push_share', level)[1] * weight;
          expect(Math.hypot(...force_N)).toBeLessThanOrEqual(most + 1e-9);
          if (on !== 'hand') expect(force_N[2]).toBe(0);
          targets.add(on === 'hand' ? 'hand' : 'object');
        }
        expect(record.pushes.length).toBeGreaterThan(90 / 6 - 2);
      }
    }
    expect([...targets].sort()).toEqual(['hand', 'object']);
  });

  test('is decided by the streams, and survives JSON', () => {
    for (const level of RANDOMIZATION_LEVELS) {
      const { record } = draw('clutter', level, 5);
      expect(draw('clutter', level, 5).record).toEqual(record);
      expect(randomization.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
    }
    expect(draw('clutter', 'train', 6).record).not.toEqual(draw('clutter', 'train', 5).record);
  });

  test('at start-up is the same for all episodes of a run', () => {
    const task = createTask('sort');
    const [first, second] = [0, 1].map((episode) => {
      const rng = createRng(3).stream(`episode/${episode}`);
      const streams = { start_up: createRng(3).stream('start_up'), episode: rng.stream('randomization') };
      return drawRandomization('hard', streams, robot, task, task.reset(rng.stream('task')));
    });
    expect(second.start_up).toEqual(first.start_up);
    expect(second.reset).not.toEqual(first.reset);
  });
});

describe('sizes', () => {
  test.each(TASK_NAMES)('of %s stay within the task and the object set, and vary', (name) => {
    const task = createTask(name);
    let changed = 0;
    for (const object_set of OBJECT_SETS) {
      for (let seed = 0; seed < DRAWS / 3; seed++) {
        const { record, instance } = draw(name, 'hard', seed, object_set);
        const scene = randomizeScene(record, instance.scene, task.spec.touching);
        expect(task.allows(scene, instance.goal, object_set), `${object_set}, seed ${seed}`).toBe(true);
        changed += record.reset.objects.filter(({ size_scale }) => size_scale.some((factor) => factor !== 1)).length;
      }
    }
    expect(changed).toBeGreaterThan(DRAWS / 2);
  });
});
