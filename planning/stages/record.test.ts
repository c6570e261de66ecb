import { expect, test } from 'vitest';
import { createRng, planStageRow } from '../../contracts/index.ts';
import { StageRecord } from './record.ts';

test('memory is bounded whatever the reasons are, and no failure goes uncounted', () => {
  const record = new StageRecord('stage', 'compute');
  for (let k = 0; k < 10_000; k++) record.failed(`reason ${k % 500}`);
  const failures = record.failures();
  expect(failures.length).toBeLessThanOrEqual(13);
  expect(failures.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
  expect(failures[0].reason).toBe('other reasons');
});

test('records of several plans add up, stage by stage', () => {
  for (let seed = 0; seed < 100; seed++) {
    const rng = createRng(seed);
    const total = new StageRecord('plan', 'serial');
    const apart: StageRecord[] = [];
    for (let k = 0; k < 5; k++) {
      const one = new StageRecord('plan', 'serial');
      for (const name of ['a', 'b', 'c'].slice(rng.int(3))) {
        const child = one.child({ name, kind: 'connect' });
        child.tried += 1 + rng.int(4);
        child.failed(`reason ${rng.int(2)}`, 1 + rng.int(3));
        if (rng.uniform() < 0.5) child.solved(rng.uniform());
      }
      apart.push(one);
      total.add(one);
    }
    for (const name of ['a', 'b', 'c']) {
      const parts = apart.flatMap((one) => one.children.filter((child) => child.name === name));
      const sum = total.child({ name, kind: 'connect' });
      const of = (count: (record: StageRecord) => number) => parts.reduce((s, record) => s + count(record), 0);
      expect(sum.tried, `seed ${seed}`).toBe(of((r) => r.tried));
      expect(sum.solutions, `seed ${seed}`).toBe(of((r) => r.solutions));
      const failed = (r: StageRecord) => r.failures().reduce((s, { count }) => s + count, 0);
      expect(failed(sum), `seed ${seed}`).toBe(of(failed));
      expect(sum.best_cost, `seed ${seed}`).toBe(Math.min(Infinity, ...parts.map((r) => r.best_cost)));
    }
    expect(() => planStageRow.array().parse(JSON.parse(JSON.stringify(total.rows())))).not.toThrow();
  }
});

test('the stage that came furthest is blamed, by its most frequent reason', () => {
  const plan = new StageRecord('plan', 'serial');
  const early = plan.child({ name: 'approach', kind: 'connect' });
  early.tried = 9;
  early.failed('a wall', 8);
  early.solved(1);
  const place = plan.child({ name: 'place', kind: 'serial' });
  place.tried = 1;
  const line = place.child({ name: 'line down', kind: 'compute' });
  line.tried = 3;
  line.failed('a joint limit');
  line.failed('the tray', 2);
  place.child({ name: 'transfer', kind: 'connect' });
  expect(plan.diagnosis()).toBe('line down: the tray');
});
