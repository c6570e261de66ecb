import { describe, expect, it } from 'vitest';
import type { ExternalInputs } from '../contracts/index.ts';
import { BusConditions } from './bus_conditions.ts';

const beat = (node: string) => ({ stamp_ns: 0n, node, sequence: 1, timeout_s: 0.1 });
const inputs = (source: string, change: Partial<ExternalInputs> = {}): ExternalInputs => ({
  stamp_ns: 0n,
  source,
  protective_stop: false,
  safeguard_open: false,
  emergency_stop: false,
  enabling_device: 'none',
  ...change,
});
const reasons = (conditions: BusConditions, now_s: number) => conditions.conditions(now_s).map(({ reason }) => reason);

describe('what is heard over the bus', () => {
  it('waits for nodes that were never heard, and names those that fall silent, by their own time', () => {
    const watched = [
      { node: '/cell/planning', required: true },
      { node: 'recorder', required: false },
    ];
    const conditions = new BusConditions(watched, [], 0.2);
    expect(conditions.conditions(0)).toEqual([
      { reason: '/cell/planning has not started', category: 1, awaited: true },
    ]);
    conditions.hearHeartbeat(beat('cell/planning'), 1);
    conditions.hearHeartbeat(beat('/other/planning'), 1);
    conditions.hearHeartbeat(beat('/recorder'), 1);
    expect(conditions.conditions(1.09)).toEqual([]);
    expect(conditions.conditions(1.11)).toEqual([
      { reason: '/cell/planning does not answer', category: 1, awaited: false },
    ]);
    expect(conditions.warnings(1.09)).toEqual([]);
    expect(conditions.warnings(1.11)).toEqual(['recorder does not answer']);
  });

  it('counts the silence of a source that must be heard as a stop', () => {
    const conditions = new BusConditions([], ['cell'], 0.2);
    expect(conditions.conditions(0)).toEqual([{ reason: 'cell has not started', category: 1, awaited: true }]);
    conditions.hearInputs(inputs('cell'), 1);
    expect(reasons(conditions, 1.19)).toEqual([]);
    expect(reasons(conditions, 1.21)).toEqual(['cell is silent']);
  });

  it('obeys every source, each input by its category, as long as it says so', () => {
    const conditions = new BusConditions([], [], 0.2);
    const all = { protective_stop: true, safeguard_open: true, emergency_stop: true };
    conditions.hearInputs(inputs('gate 2', all), 1);
    expect(conditions.conditions(1.1)).toEqual([
      { reason: 'gate 2: the emergency stop is pressed', category: 0, awaited: false },
      { reason: 'gate 2: a protective stop is asked for', category: 1, awaited: false },
      { reason: 'gate 2: a safeguard is open', category: 1, awaited: false },
    ]);
    conditions.hearInputs(inputs('gate 2'), 1.15);
    expect(reasons(conditions, 1.2)).toEqual([]);
  });

  it('takes the enabling device as held only while every source that has one says so', () => {
    const conditions = new BusConditions([], [], 0.2);
    expect(conditions.enablingDevice(0)).toBe('none');
    conditions.hearInputs(inputs('cell'), 1);
    expect(conditions.enablingDevice(1)).toBe('none');
    conditions.hearInputs(inputs('pendant', { enabling_device: 'held' }), 1);
    conditions.hearInputs(inputs('second', { enabling_device: 'held' }), 1.1);
    expect(conditions.enablingDevice(1.1)).toBe('held');
    // One that falls silent, or is let go.
    expect(conditions.enablingDevice(1.25)).toBe('released');
    conditions.hearInputs(inputs('pendant', { enabling_device: 'released' }), 1.2);
    expect(conditions.enablingDevice(1.21)).toBe('released');
  });
});
