import { describe, expect, it } from 'vitest';
import type { History, HistoryEvent, HistoryFrame } from '../../protocol/history.ts';
import { momentAt, newestBefore, nextEvent, replayLabel, statusText } from './past_moment.ts';

const frame = (at_ms: number): HistoryFrame => ({
  ...{ at_ms, q: [at_ms], v: [], effort: [], commanded: [], gripper_width_m: 0.02, tool: null, wrench: null },
  ...{ separation_m: null, protective_distance_m: null, speed: 1, status: at_ms < 300 ? 0 : 1 },
});
const status = { mode: 'automatic', latched: false, reasons: [], servo: null, servo_reason: null } as const;
const words = {
  ...status,
  task: 'pick',
  stage: 'approach',
  reason: '',
  paused: false,
  operator: 'ada',
  lost: '',
} as const;
const thing = { id: 1, class: 'box', colour: 'red', score: 1, verdict: 'accept', reason: '' } as const;
const object = {
  ...thing,
  pose: { position: [0, 0, 0], orientation: [0, 0, 0, 1] },
  shape: { type: 'sphere', radius: 1 },
} as const;
const PAST: History = {
  ...{ source: 'live', name: '', joint_names: ['a'], kept: { from_ms: 100, to_ms: 500 } },
  frames: [100, 200, 300, 400, 500].map(frame),
  statuses: [words, { ...words, mode: 'protective_stop', reasons: ['operator'], task: 'none', stage: '' }],
  scenes: [{ at_ms: 250, objects: [object] }],
  ...{ events: [], pictures: { overview: [120, 320], wrist: [] }, incomplete: '' },
};

describe('a moment of the past', () => {
  it('is what was known then and nothing later', () => {
    for (let at_ms = 100; at_ms <= 500; at_ms += 7) {
      const moment = momentAt(PAST, at_ms);
      expect(moment?.at_ms, `at ${at_ms}`).toBe(Math.floor(at_ms / 100) * 100);
      expect(moment?.objects.length, `at ${at_ms}`).toBe(at_ms >= 250 ? 1 : 0);
      expect(moment?.pictures.overview, `at ${at_ms}`).toBe(at_ms < 120 ? null : at_ms < 320 ? 120 : 320);
      expect(moment?.pictures.wrist, `at ${at_ms}`).toBe(null);
    }
  });
  it('is none of nothing', () => {
    expect(momentAt({ ...PAST, frames: [] }, 100)).toBe(null);
  });
  it('is told in words', () => {
    expect(statusText(momentAt(PAST, 100)?.status ?? null)).toBe('automatic; pick, approach; control: ada');
    expect(statusText(momentAt(PAST, 400)?.status ?? null)).toBe('protective stop; operator; control: ada');
    expect(statusText(null)).toBe('');
  });
});

it('says how long ago a moment was, or where in a recording', () => {
  expect(replayLabel(PAST, 400, 12_700)).toBe('REPLAY −12.3 s');
  const run = { source: 'recording', name: 'r/episode-1', kept: { from_ms: 1000, to_ms: 46_000 } } as const;
  expect(replayLabel(run, 13_300, 0)).toBe('RECORDING r/episode-1: 12.3 of 45.0 s');
});

it('takes the newest time that is not later', () => {
  expect([0, 1, 2, 2.5, 9].map((at) => newestBefore([1, 2, 3], at))).toEqual([null, 1, 2, 2, 3]);
  expect(newestBefore([], 5)).toBe(null);
});

it('steps through all events once in both directions', () => {
  const events = [10, 20, 35].map((at_ms): HistoryEvent => ({ at_ms, kind: 'alarm', text: '', by: '' }));
  for (const [direction, start] of [
    [1, 0],
    [-1, 99],
  ] as const) {
    const seen: number[] = [];
    for (let at = nextEvent(events, start, direction); at !== null; at = nextEvent(events, at.at_ms, direction)) {
      seen.push(at.at_ms);
    }
    expect(seen).toEqual(direction > 0 ? [10, 20, 35] : [35, 20, 10]);
  }
});
