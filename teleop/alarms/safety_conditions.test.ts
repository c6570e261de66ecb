import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT, PICTURE_FAULTS } from '../../contracts/index.ts';
import { FAULTS, REASONS } from '../../safety/index.ts';
import { ALARM_PRIORITIES } from '../protocol/index.ts';
import type { Condition } from './condition.ts';
import { diagnosticConditions, linkConditions, perceptionConditions, safetyConditions } from './robot_conditions.ts';
import { safetyCondition } from './safety_conditions.ts';

/** What a person can act on: words, no names of the program's, and the runbook it names is there. */
function isPlain({ key, text, remedy, priority }: Condition): void {
  expect(ALARM_PRIORITIES, key).toContain(priority);
  expect(text, key).toMatch(/^[A-Z].{9,}$/);
  expect(remedy, key).toMatch(/^[A-Z].{9,}\.$/);
  expect(`${text}${remedy}`.replace(/docs\/runbooks\/\w+\.md/, ''), key).not.toMatch(/\w_\w/);
  for (const [runbook] of remedy.matchAll(/docs\/runbooks\/\w+\.md/g))
    expect(existsSync(join(PACKAGE_ROOT, runbook)), runbook).toBe(true);
}

describe('what speaks against motion', () => {
  it.each(REASONS.map(({ name }) => name))('%s has a text and a remedy in plain words', (name) => {
    const found = safetyCondition(name);
    isPlain(found);
    expect(found.key).toBe(`safety/${name}`);
  });

  it.each([...FAULTS])('%s has a text, a remedy and its runbook', (fault) => {
    const found = safetyCondition(`${fault}: something to see`);
    isPlain(found);
    expect(found.text).toContain('something to see');
    expect(found.remedy).toContain(`docs/runbooks/${fault}.md`);
  });

  it('from outside is told in its own words', () => {
    const found = safetyCondition('a safeguard is open');
    expect(found.text).toContain('a safeguard is open');
    isPlain(found);
    expect(safetyCondition('plc is silent').key).not.toBe(found.key);
  });

  it('is graver the harder it is to leave', () => {
    const rank = (reason: string) => ALARM_PRIORITIES.indexOf(safetyCondition(reason).priority);
    expect(rank('not_enabled')).toBeLessThan(rank('stop_requested_1'));
    expect(rank('stop_requested_1')).toBeLessThan(rank('tracking_error'));
    expect(rank('emergency_stop')).toBe(ALARM_PRIORITIES.length - 1);
  });

  it('is no alarm where it only limits', () => {
    const reasons = REASONS.map(({ name }) => name);
    const raised = safetyConditions({ reasons }).map(({ key }) => key);
    const limits = REASONS.filter(({ effect }) => effect === 'limit').map(({ name }) => `safety/${name}`);
    expect(raised.filter((key) => limits.includes(key))).toEqual([]);
    expect(raised).toHaveLength(REASONS.length - limits.length);
  });
});

describe('what else is wrong', () => {
  it('with pictures has a text and a remedy each', () => {
    const found = perceptionConditions('wrist', { faults: PICTURE_FAULTS, degraded_reason: 'no network' });
    expect(found).toHaveLength(PICTURE_FAULTS.length + 1);
    for (const one of found) isPlain(one);
    expect(perceptionConditions('wrist', { degraded_reason: '' })).toEqual([]);
  });

  it('with a robot that cannot be heard hides what only follows from it', () => {
    const ages = { overview: 400, wrist: 10 };
    expect(linkConditions('', ages).map(({ key }) => key)).toEqual(['link/overview']);
    expect(linkConditions('nothing for 1 s', ages).map(({ key }) => key)).toEqual(['link/robot']);
    expect(linkConditions('', { overview: 300, wrist: null })).toEqual([]);
  });

  it('with a recorder that cannot write is told beside its node', () => {
    const values = [{ key: 'write_failure', value: 'no space left' }];
    const node = { name: 'recorder', hardware_id: '', values };
    expect(diagnosticConditions({ ...node, level: 'ok', message: '' }).map(({ key }) => key)).toEqual([
      'recorder/recorder',
    ]);
    expect(diagnosticConditions({ ...node, values: [], level: 'stale', message: '' })).toMatchObject([
      { key: 'diagnostics/recorder', priority: 'high', text: 'recorder: stale' },
    ]);
    expect(diagnosticConditions({ ...node, values: [], level: 'ok', message: '' })).toEqual([]);
  });
});
