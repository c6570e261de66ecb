import type { SeenObject, StateFrame } from '../../teleop/protocol/index.ts';

const AT_REST = { kind: 'none', stage: '', reason: '', attempt: 0, done: 0, of: 0, paused: false } as const;
const SAFE: NonNullable<StateFrame['safety']> = {
  ...{ mode: 'automatic', latched: false, reasons: [], stop_category: -1, drives_on: true, stop_time_s: 0.2 },
  ...{ lease_valid: true, degradation: 'none', pace: 1, separation_m: null, protective_distance_m: null },
};

/** A state as a page is told it, of `joints` joints that all stand at `q_rad`. */
export function toldState(sent_ms: number, q_rad = 0, changes: Partial<StateFrame> = {}, joints = 7): StateFrame {
  const all = (value: number) => new Array<number>(joints).fill(value);
  return {
    ...{ type: 'state', tick: 1, sent_ms, robot_ms: sent_ms, age_ms: 2 },
    ...{ q: all(q_rad), v: all(0.25), effort: all(1.5), commanded: all(q_rad + 0.25) },
    gripper_width_m: 0.04,
    tool: { pose: { position: [0.4, q_rad, 0.3], orientation: [0, 0, 0, 1] }, speed_m_s: 0.1 },
    wrench: [0, 0, -2, 0, 0, 0.125],
    ...{ safety: SAFE, servo: null, task: AT_REST, speed: 1 },
    lease: { epoch: 1, holder: null, yours: false, request: null },
    pictures_ms: { overview: 40, wrist: null },
    lost: '',
    ...changes,
  };
}

/** The safety part of a told state with changes. */
export function toldSafety(changes: Partial<NonNullable<StateFrame['safety']>>): NonNullable<StateFrame['safety']> {
  return { ...SAFE, ...changes };
}

/** The task part of a told state with changes. */
export function toldTask(changes: Partial<StateFrame['task']>): StateFrame['task'] {
  return { ...AT_REST, ...changes };
}

export function toldObject(id: number): SeenObject {
  return {
    ...{ id, class: 'box', colour: 'red', score: 0.9, verdict: 'accept', reason: '' },
    pose: { position: [0.5, 0.01 * id, 0.02], orientation: [0, 0, 0, 1] },
    shape: { type: 'box', size: [0.04, 0.04, 0.04] },
  };
}
