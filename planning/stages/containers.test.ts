import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { cheapest, fallback, merge, Serial, solveFirst } from './containers.ts';
import { StageRecord } from './record.ts';
import { compute, generate, type Stage } from './stage.ts';

const rng = createRng(7);
const numbers = (name: string, values: readonly number[]) =>
  generate(name, () => values.map((value) => ({ value, cost: value })));
const even = compute<number, number>('even', (x) =>
  x % 2 === 0 ? { ok: true, value: x } : { ok: false, reason: 'odd' },
);
const all = <Out>(stage: Stage<null, Out>, record = new StageRecord(stage.name, stage.kind)) => ({
  solutions: [...stage.solve(null, rng, record)],
  record,
});

describe('stages', () => {
  test('one after the other give what nested loops give, in their order, at the sum of the costs', () => {
    for (let seed = 0; seed < 200; seed++) {
      const draw = createRng(seed);
      const lists = [0, 1, 2].map(() => Array.from({ length: draw.int(5) }, () => draw.int(20)));
      const bad = draw.int(3);
      const stage = Serial.of('chain', numbers('a', lists[0]))
        .next(
          generate('b', (a: number, _rng, fail) => {
            if (lists[1].length === 0) fail('none');
            return lists[1].map((b) => ({ value: a + 100 * b, cost: b }));
          }),
        )
        .next(
          compute<number, number>('check', (x) =>
            x % 3 === bad ? { ok: false, reason: 'bad' } : { ok: true, value: x },
          ),
        )
        .next(generate('c', (x) => lists[2].map((c) => ({ value: x + 10_000 * c, cost: c }))));
      const expected = lists[0].flatMap((a) =>
        lists[1].flatMap((b) =>
          (a + 100 * b) % 3 === bad ? [] : lists[2].map((c) => ({ value: a + 100 * b + 10_000 * c, cost: a + b + c })),
        ),
      );
      const { solutions, record } = all(stage);
      expect(solutions, `seed ${seed}`).toEqual(expected);
      expect(record.solutions, `seed ${seed}`).toBe(expected.length);
      const check = record.children.find(({ name }) => name === 'check');
      const failed = check?.failures()[0]?.count ?? 0;
      expect((check?.solutions ?? 0) + failed, `seed ${seed}`).toBe(check?.tried ?? 0);
    }
  });

  test('what nobody asks for is not made', () => {
    let made = 0;
    const counting = generate<null, number>('counting', function* () {
      for (let k = 0; k < 100; k++) {
        made++;
        yield { value: k + 1, cost: 0 };
      }
    });
    const { planned, record } = solveFirst(Serial.of('chain', counting).next(even), null, rng);
    expect(planned).toEqual({ ok: true, value: 2 });
    expect([made, record.solutions, record.children[1].tried]).toEqual([2, 1, 2]);
  });

  test('fall back only where the one before has nothing, and say which branch never works', () => {
    const never = Serial.of('never', numbers('odd numbers', [1, 3])).next(even);
    const works = Serial.of('works', numbers('more numbers', [5, 6])).next(even);
    const { solutions, record } = all(fallback('either', [never, works, never]));
    expect(solutions.map(({ value }) => value)).toEqual([6]);
    const rows = record.rows().map(({ depth, name, tried, solutions: n }) => [depth, name, tried, n]);
    expect(rows).toEqual([
      [0, 'either', 1, 1],
      [1, 'never', 1, 0],
      [2, 'odd numbers', 1, 2],
      [2, 'even', 2, 0],
      [1, 'works', 1, 1],
      [2, 'more numbers', 1, 2],
      [2, 'even', 2, 1],
    ]);
  });

  test('alternatives come in the order of their costs, at most so many of each', () => {
    const { solutions } = all(cheapest('best', [numbers('a', [9, 3, 1]), numbers('b', [4, 2])], 2));
    expect(solutions.map(({ cost }) => cost)).toEqual([2, 3, 4, 9]);
  });

  test('merged stages pair what goes together, at the cost of the dearer', () => {
    const both = merge('both', numbers('a', [1, 2]), numbers('b', [1, 5]), (a, b) =>
      a === b ? { ok: false, reason: 'they meet' } : { ok: true, value: [a, b] },
    );
    const { solutions, record } = all(both);
    expect(solutions).toEqual([
      { value: [1, 5], cost: 5 },
      { value: [2, 1], cost: 2 },
      { value: [2, 5], cost: 5 },
    ]);
    expect(record.failures()).toEqual([{ reason: 'they meet', count: 1 }]);
  });

  test('each draws from a stream of its own: the same seed gives the same, and no two share numbers', () => {
    const drawn = generate<null, number>('drawn', (_, own) => [0, 1, 2].map(() => ({ value: own.uniform(), cost: 0 })));
    const more = generate<number, number>('more', (_, own) => [{ value: own.uniform(), cost: 0 }]);
    const stage = Serial.of('chain', drawn).next(more);
    const values = (): number[] => all(stage).solutions.map(({ value }) => value);
    expect(values()).toEqual(values());
    expect(new Set(values()).size).toBe(3);
  });
});
