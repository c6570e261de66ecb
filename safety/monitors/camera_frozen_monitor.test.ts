import { describe, expect, it } from 'vitest';
import { CameraFrozenMonitor } from './camera_frozen_monitor.ts';

describe('the monitor of frozen cameras', () => {
  it('finds pictures in a row that repeat an earlier one, not one alone, and forgets', () => {
    const monitor = new CameraFrozenMonitor();
    for (const faults of [['frozen'], [], ['covered'], ['frozen', 'blur']] as const) monitor.hear({ faults });
    expect(monitor.look()).toBeNull();
    monitor.hear({ faults: ['frozen'] });
    expect(monitor.look()).toMatchObject({
      fault: 'camera_frozen',
      detail: expect.stringContaining('the same picture'),
    });
    monitor.forget();
    expect(monitor.look()).toBeNull();
    monitor.hear({ faults: ['frozen'] });
    monitor.hear({});
    monitor.hear({ faults: ['frozen'] });
    expect(monitor.look()).toBeNull();
  });
});
