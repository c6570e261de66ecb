import { describe, expect, it } from 'vitest';
import { REASONS, SAFETY_EVENTS, type SafetyMode, TRANSITIONS } from '../safety/index.ts';
import { read } from './support/sources.ts';

const lines = read('docs/safety.md').split('\n');

/** Cells of the rows of the table whose head begins with `head`. */
function table(head: string): { head: string[]; rows: string[][] } {
  const start = lines.findIndex((line) => line.startsWith(head));
  expect(start, `a table that begins with ${head}`).toBeGreaterThan(0);
  const cells = (line: string) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', ''));
  const rows: string[][] = [];
  for (let i = start + 2; lines[i].startsWith('|'); i++) rows.push(cells(lines[i]));
  return { head: cells(lines[start]), rows };
}

describe('docs/safety.md', () => {
  it('shows the state machine as it is', () => {
    const { head, rows } = table('| on |');
    const modes = head.slice(1) as SafetyMode[];
    expect(modes).toEqual(Object.keys(TRANSITIONS));
    expect(rows.map(([event]) => event)).toEqual([...SAFETY_EVENTS]);
    rows.forEach((row, i) => {
      modes.forEach((mode, m) => {
        const next = TRANSITIONS[mode][SAFETY_EVENTS[i]];
        expect(row[m + 1], `${mode} on ${row[0]}`).toBe(next === mode ? '·' : next);
      });
    });
  });

  it('lists every reason with its effect and stop category', () => {
    const { rows } = table('| reason |');
    expect(rows.map(([name, , effect, category]) => [name, effect, category])).toEqual(
      REASONS.map((reason) => [
        reason.name,
        reason.effect.replaceAll('_', ' '),
        'category' in reason ? String(reason.category) : '',
      ]),
    );
  });
});
