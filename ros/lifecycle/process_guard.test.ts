import { describe, expect, it } from 'vitest';
import { guardProcess } from './process_guard.ts';

describe('guard of a process', () => {
  it('tells every node what nobody caught, and listens only while there is one', () => {
    const counts = () => [process.listenerCount('uncaughtException'), process.listenerCount('unhandledRejection')];
    const before = counts();
    const told: string[] = [];
    const broken = guardProcess(() => {
      throw new Error('a report that fails');
    });
    const end = guardProcess((error, where) => told.push(`${where}: ${error}`));
    expect(counts()).toEqual(before.map((count) => count + 1));
    const listener = process.listeners('uncaughtException').at(-1);
    listener?.(new Error('boom'), 'uncaughtException');
    expect(told).toEqual(['a callback outside the bus: Error: boom']);
    end();
    expect(counts()).toEqual(before.map((count) => count + 1));
    broken();
    broken();
    expect(counts()).toEqual(before);
  });
});
