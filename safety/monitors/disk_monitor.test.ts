import { describe, expect, it } from 'vitest';
import { DiskMonitor, WRITE_FAILURE } from './disk_monitor.ts';

const status = (name: string, failure: string) => ({
  ...{ level: 'error' as const, name, message: '', hardware_id: '' },
  values: [{ key: WRITE_FAILURE, value: failure }],
});

describe('the monitor of writers', () => {
  it('finds a writer that cannot write, until it says that it can again', () => {
    const monitor = new DiskMonitor();
    monitor.hear({ stamp_ns: 0n, status: [status('recorder: node', ''), status('audit: node', 'ENOSPC')] });
    expect(monitor.look()).toEqual({ fault: 'disk_full', detail: 'audit: node: ENOSPC' });
    monitor.hear({ stamp_ns: 0n, status: [{ ...status('planning: node', 'x'), values: [] }] });
    expect(monitor.look()).not.toBeNull();
    monitor.hear({ stamp_ns: 0n, status: [status('audit: node', '')] });
    expect(monitor.look()).toBeNull();
    monitor.tell('the audit log', 'EIO');
    expect(monitor.look()?.detail).toBe('the audit log: EIO');
  });
});
