import { describe, expect, it } from 'vitest';
import {
  diagnosticsFromRos,
  heartbeatFromRos,
  latencyFromRos,
  latencyToRos,
  safetyStateFromRos,
  safetyStateToRos,
} from './status.ts';

const stamp = { sec: 1, nanosec: 0 };
const latency = {
  ...{ stamp_ns: 1n, stage: 'perceive', request_id: 'overview/1', model: 'vision@1', queue: 0, dropped: 0 },
  ...{ pre_s: 0.1, model_s: 0.2, post_s: 0.3 },
};

describe('states of others', () => {
  it('warn of dropped frames, and name a value that is missing', () => {
    expect(latencyToRos({ ...latency, dropped: 2 })).toMatchObject({ status: [{ level: 1, message: 'dropped 2' }] });
    const status = {
      level: 0,
      name: 'perceive',
      message: '',
      hardware_id: '',
      values: [{ key: 'pre_s', value: 'soon' }],
    };
    const array = { header: { stamp, frame_id: '' }, status: [status] };
    expect(() => latencyFromRos(array)).toThrow(/status\[0\]\.values\.\w+ = /);
    expect(diagnosticsFromRos(array).status[0]).toMatchObject({ level: 'ok', name: 'perceive' });
    expect(() => diagnosticsFromRos({ ...array, status: [{ ...status, level: 7 }] })).toThrow(/status\[0\]\.level = 7/);
  });

  it('of heartbeats and gates are refused where they cannot be', () => {
    const beat = { stamp, node: '/planning', sequence: 1n, timeout_s: 0.1 };
    expect(heartbeatFromRos(beat)).toEqual({ stamp_ns: 10n ** 9n, node: '/planning', sequence: 1, timeout_s: 0.1 });
    expect(() => heartbeatFromRos({ ...beat, sequence: 0n })).toThrow(/sequence = 0: must be at least 1/);
    expect(() => heartbeatFromRos({ ...beat, timeout_s: Number.POSITIVE_INFINITY })).toThrow(/timeout_s = Infinity/);
    const state = safetyStateToRos({
      ...{ stamp_ns: 5n, mode: 'fault', latched: true, reasons: [], stop_category: 0, drives_on: false },
      ...{ stop_time_s: 0, lease_valid: false, passed: 2 ** 53 - 1, limited: 0, stopped: 0 },
      ...{ degradation: 'none', pace: 1, separation_m: null, protective_distance_m: null },
    });
    expect(safetyStateFromRos({ ...state }).passed).toBe(2 ** 53 - 1);
    expect(() => safetyStateFromRos({ ...state, passed: 2n ** 60n })).toThrow(/passed = 1152921504606846976/);
    expect(() => safetyStateFromRos({ ...state, mode: 9 })).toThrow(/mode = 9/);
  });
});
