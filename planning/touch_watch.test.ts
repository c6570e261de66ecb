import { expect, test } from 'vitest';
import type { Wrench } from '../contracts/index.ts';
import type { Ended } from './send_request.ts';
import { TouchWatch } from './touch_watch.ts';

const felt = (...force: [number, number, number]): Wrench => ({
  ...{ stamp_ns: 0n, frame_id: 'tool', force, torque: [0, 0, 0] },
});
const ended = (ok: boolean, stopped_by_safety = false): Ended => ({
  ok: true,
  event: { kind: 'moved', time_s: 1, ok, stopped_by_safety, reason: ok ? '' : 'canceled' },
});

test('the change of the force counts, not the force: what a hand carries does not end its motion', () => {
  const touch = new TouchWatch();
  touch.begin(15, felt(0, 0, -40));
  expect(touch.feel(felt(3, 0, -40))).toBe(false);
  expect(touch.feel(felt(0, 0, -54.9))).toBe(false);
  expect(touch.feel(felt(0, 0, -24.9))).toBe(true);
});

test('a motion is ended once, and its end says what was felt', () => {
  const touch = new TouchWatch();
  touch.begin(15, null);
  expect(touch.feel(felt(0, 16, 0))).toBe(true);
  expect(touch.feel(felt(0, 99, 0))).toBe(false);
  expect(touch.explain(ended(false))).toMatchObject({
    event: { touched: true, reason: 'the force at the hand changed by 16.0 N, more than 15 N' },
  });
});

test('what nobody asks for ends nothing; a motion that arrived, or that safety stopped, ends as it did', () => {
  const touch = new TouchWatch();
  touch.begin(undefined, null);
  expect(touch.feel(felt(500, 0, 0))).toBe(false);
  touch.begin(15, null);
  expect(touch.explain(ended(false))).toEqual(ended(false));
  touch.feel(felt(20, 0, 0));
  expect(touch.explain(ended(true))).toEqual(ended(true));
  expect(touch.explain(ended(false, true))).toEqual(ended(false, true));
  touch.begin(15, null);
  expect(touch.explain(ended(false)), 'of a motion before').toEqual(ended(false));
});

test('a force that is no number ends nothing by itself', () => {
  const touch = new TouchWatch();
  touch.begin(15, null);
  expect(touch.feel(felt(Number.NaN, 0, 0))).toBe(false);
});
