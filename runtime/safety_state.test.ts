import { describe, expect, it } from 'vitest';
import { safetyState } from '../contracts/index.ts';
import type { GateSnapshot } from './gate_record.ts';
import { safetyStateOf } from './safety_state.ts';
import type { SupervisorView } from './supervisor_core.ts';

const gate: GateSnapshot = {
  session: 1,
  mode: 'automatic',
  reasons: ['jerk'],
  latched_reasons: [],
  causes: [],
  selected_mode: 'automatic',
  stop_category: -1,
  drives_on: true,
  stop_time_s: 0.2,
  lease_valid: true,
  at_rest: false,
  passed: 5,
  limited: 3,
  stopped: 1,
  pace: 1,
  source: 'none',
  separation_m: null,
  protective_distance_m: null,
  arm_phase: 'following',
  answered: { stops: 0, resets: 0, modes: 0 },
  refusal: '',
};
const view: SupervisorView = { gate, gate_alive: true, holds: [], missing: [], warnings: [], category: -1 };
const state = (change: Partial<SupervisorView>, failure: string | null = null) => {
  const message = safetyStateOf({ ...view, ...change }, failure, 7n);
  expect(safetyState.parse(message)).toEqual(message);
  return message;
};

describe('/safety/state', () => {
  it('is the gate’s own while all is well', () => {
    expect(state({})).toMatchObject({ mode: 'automatic', latched: false, reasons: ['jerk'], stop_category: -1 });
    expect(state({ warnings: ['recorder does not answer'] }).reasons).toEqual(['jerk']);
  });

  it('tells what monitors have led to, and the pace and distances of a gate that answers', () => {
    const slower = { ...gate, pace: 0.25, separation_m: 0.8, protective_distance_m: 0.6 };
    const degraded = { degradation: 'slower', reasons: ['temperature: 85 °C'] } as const;
    const of = (alive: boolean) => safetyStateOf({ ...view, gate: slower, gate_alive: alive }, null, 7n, degraded);
    expect(of(true)).toMatchObject({ ...degraded, reasons: ['temperature: 85 °C', 'jerk'], pace: 0.25 });
    expect(of(true)).toMatchObject({ mode: 'automatic', separation_m: 0.8, protective_distance_m: 0.6 });
    expect(of(false)).toMatchObject({ pace: 0, separation_m: null, protective_distance_m: null });
  });

  it('names what holds first, then what is missing, then the gate’s reasons, each once', () => {
    const stopped: GateSnapshot = {
      ...gate,
      mode: 'protective_stop',
      reasons: ['stop_requested_1'],
      latched_reasons: ['stop_requested_1'],
      causes: ['supervisor', 'arm_braked'],
      stop_category: 1,
    };
    const holds = ['planning does not answer'];
    expect(state({ gate: stopped, holds, missing: [...holds, 'cell has not started'], category: 1 })).toMatchObject({
      mode: 'protective_stop',
      latched: true,
      reasons: ['planning does not answer', 'cell has not started', 'stop_requested_1', 'arm_braked'],
      stop_category: 1,
    });
  });

  it('takes a gate that does not answer for a stop, in which the drives may have power', () => {
    const dead = state({ gate_alive: false, holds: ['control does not answer'], category: 1 });
    expect(dead).toMatchObject({ mode: 'protective_stop', latched: true, stop_category: 1, drives_on: true });
    expect(dead).toMatchObject({ lease_valid: false, passed: 5, reasons: ['control does not answer'] });
    expect(state({ gate: null, gate_alive: false, missing: ['the safety gate has not started'] })).toMatchObject({
      mode: 'initialising',
      latched: false,
      drives_on: false,
      stop_category: -1,
    });
  });

  it('takes a new gate that waits for a reset for a stop', () => {
    const fresh: GateSnapshot = { ...gate, mode: 'initialising', reasons: [], drives_on: false, lease_valid: false };
    expect(state({ gate: fresh, holds: ['control was restarted'], category: 1 })).toMatchObject({
      ...{ mode: 'protective_stop', latched: true, stop_category: 1, drives_on: false },
      reasons: ['control was restarted'],
    });
    expect(state({ gate: fresh })).toMatchObject({ mode: 'initialising', latched: false, stop_category: -1 });
  });

  it('says that the supervisor itself has failed', () => {
    expect(state({}, 'the supervisor has failed')).toMatchObject({
      latched: true,
      reasons: expect.arrayContaining(['the supervisor has failed']),
    });
  });
});
