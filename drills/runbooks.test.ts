import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { DEFAULT_REACTIONS, FAULTS } from '../safety/index.ts';
import { DRILLS } from './catalogue.ts';

const FOLDER = join(PACKAGE_ROOT, 'docs', 'runbooks');
const runbooks = readdirSync(FOLDER).map((file) => file.replace(/\.md$/, ''));
const text = (name: string) => readFileSync(join(FOLDER, `${name}.md`), 'utf8');

describe('drills, runbooks and faults', () => {
  it('belong together, one of each', () => {
    const names = DRILLS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([...runbooks].sort()).toEqual([...names].sort());
    const declared = DRILLS.flatMap(({ declared: fault }) => (typeof fault === 'string' ? [fault] : []));
    expect(declared.sort()).toEqual([...FAULTS].sort());
  });

  it.each(FAULTS.map((fault) => [fault] as const))('the runbook of %s says what is declared by default', (fault) => {
    const { within_s, degradation } = DEFAULT_REACTIONS[fault];
    expect(text(fault)).toContain(`| first effect within | ${within_s} s |`);
    expect(text(fault)).toContain(`| degradation | ${degradation} |`);
  });

  it.each(runbooks)('the runbook %s says what one sees, what happens, what to do, and how to drill it', (name) => {
    const headings = [...text(name).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['What one sees', 'What happens by itself', 'What to do', 'Drill']);
    expect(text(name)).toContain(`surepick drill ${name} `);
    expect(text(name)).toMatch(/^1\. /m);
  });
});
