import { describe, expect, it } from 'vitest';
import { Guard } from './guard.ts';
import { rosName } from './names.ts';

describe('a guard', () => {
  it('hands on what works, and reports what throws or rejects', async () => {
    const seen: string[] = [];
    const guard = new Guard((error, where) => seen.push(`${where}: ${error}`));
    const fail = () => {
      throw new Error('now');
    };
    expect(guard.run('a', () => 7, 0)).toBe(7);
    expect(guard.run('b', fail, 5)).toBe(5);
    guard.wrap('c', (n: number) => seen.push(String(n)))(3);
    guard.wrap('d', fail)();
    await guard.run('e', () => Promise.reject(new Error('later')), Promise.resolve()).catch(() => {});
    expect(seen).toEqual(['b: Error: now', '3', 'd: Error: now', 'e: Error: later']);
  });

  it('outlives one who cannot listen', () => {
    const guard = new Guard(() => {
      throw new Error('deaf');
    });
    expect(guard.run('a', () => JSON.parse('{'), null)).toBeNull();
  });
});

describe('names', () => {
  it('are relative to the namespace, but for what a whole domain shares', () => {
    expect(['/joint_states', '/tf', '/safety/stop', '~/get_state', 'plain'].map(rosName)).toEqual([
      ...['joint_states', 'tf', 'safety/stop', '~/get_state', 'plain'],
    ]);
    expect(['/clock', '/diagnostics', '/rosout', '/parameter_events'].map(rosName)).toEqual([
      ...['/clock', '/diagnostics', '/rosout', '/parameter_events'],
    ]);
  });
});
