import { expect, test } from 'vitest';
import type { PlanStageRow } from '../../contracts/index.ts';
import { planTable } from './plan_table.ts';

const row = (depth: number, name: string, tried: number, solutions: number, reasons: string[] = []): PlanStageRow => ({
  depth,
  name,
  kind: 'connect',
  tried,
  solutions,
  best_cost: solutions > 0 ? 1.25 : null,
  failures: reasons.map((reason, k) => ({ reason, count: 10 - k })),
});

test('every stage has its counts and reasons, and what never found anything is said', () => {
  const page =
    planTable([
      row(0, 'pick', 3, 2),
      row(1, 'approach', 9, 4, ['a', 'b', 'c', 'd', 'e']),
      row(1, 'lift', 5, 0, ['<b>']),
    ])?.text ?? '';
  expect(page).toContain('3 stages, 1 of them never found anything');
  expect(page).toContain('10 × a; 9 × b; 8 × c; 13 × others');
  expect(page).toContain('10 × &lt;b&gt;');
  expect(page.match(/data-stage="/g)).toHaveLength(3);
  expect(page).toContain('1.25');
});

test('without stages nothing is shown', () => {
  expect(planTable([])).toBeNull();
});
