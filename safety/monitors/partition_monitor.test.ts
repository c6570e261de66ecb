import { describe, expect, it } from 'vitest';
import { PartitionMonitor } from './partition_monitor.ts';

/** Peers that beat every 20 ms until these times; when a partition is found, ms. */
function found(until_ms: readonly number[]): number | null {
  const monitor = new PartitionMonitor(0.08);
  for (let t = 0; t < 1000; t += 2) {
    until_ms.forEach((end, k) => {
      if (t <= end && (t + 6 * k) % 20 === 0) monitor.hear(`peer${k}`, t / 1000);
    });
    if (monitor.look(t / 1000) !== null) return t;
  }
  return null;
}

describe('the monitor of partitions', () => {
  it('finds peers that vanish together within 0.1 s', () => {
    const at_ms = found([500, 500, 500]);
    expect(at_ms).toBeGreaterThan(560);
    expect(at_ms).toBeLessThanOrEqual(600);
  });

  it('names those that vanished', () => {
    const monitor = new PartitionMonitor(0.08);
    for (const peer of ['planning', 'perception']) monitor.hear(peer, 1);
    expect(monitor.look(1.1)?.detail).toBe('planning, perception vanished together, not heard for over 80 ms');
  });

  it('finds none while one of them is heard, nor where they died one after another, nor with a single one', () => {
    expect(found([500, 500, 2000])).toBeNull();
    expect(found([300, 500, 700])).toBeNull();
    expect(found([500])).toBeNull();
    expect(found([])).toBeNull();
  });
});
