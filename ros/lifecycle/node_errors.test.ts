import { describe, expect, it } from 'vitest';
import { SILENT_LOG } from '../../contracts/index.ts';
import { messageOf, NodeErrors } from './node_errors.ts';

describe('errors of a node', () => {
  it('are all counted, and logged once a second for each place with how many were left out', () => {
    let now_ns = 0n;
    const logged: [string, unknown][] = [];
    const error = (fields: object, message: string) =>
      void logged.push([message, (fields as { unsaid?: number }).unsaid]);
    const errors = new NodeErrors({ ...SILENT_LOG, error }, () => now_ns);
    for (let i = 0; i < 250; i++) {
      errors.report(new Error(`number ${i}`), 'handler');
      if (i === 10) errors.report('no error object', 'timer');
      now_ns += 10_000_000n;
    }
    expect(errors.count).toBe(251);
    expect(errors.last).toBe('handler: number 249');
    expect(logged).toEqual([
      ['handler: number 0', undefined],
      ['timer: no error object', undefined],
      ['handler: number 100', 99],
      ['handler: number 200', 99],
    ]);
  });

  it('read in one line', () => {
    expect(messageOf(new Error('a\nb'))).toBe('a b');
  });
});
