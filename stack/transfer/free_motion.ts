import { quantile } from '../../contracts/index.ts';
import type { MotionTrace } from './motion_trace.ts';

/** Rows first .. end − 1 of a trace in which nothing touches the hand; those before `scored` are only run up. */
export interface FreeSpan {
  readonly first: number;
  readonly scored: number;
  readonly end: number;
}

/** What the wrist's sensor says of nothing (N, Nm), and how much it scatters. */
export interface WrenchRest {
  readonly bias: readonly number[];
  readonly sigma_N: number;
}

/** A force this many deviations off, and this much, is a touch. */
const TOUCH_SIGMAS = 6;
const TOUCH_N = 0.25;
/** Fingers that are this far from where they were told to be hold something, m. */
const HELD_M = 2e-3;
/** Left out before a touch and after it, s; run up from a state that is known but for the drives' own memory, s. */
const BEFORE_S = 0.02;
const AFTER_S = 0.2;
const RUN_UP_S = 0.15;
const SHORTEST_S = 0.2;
const MAD = 1.4826;

/** Bias and scatter of the wrist's sensor while the fingers are as they were at first; null without a sensor. */
export function wrenchAtRest({ wrench, asked_width_m, time_s }: MotionTrace): WrenchRest | null {
  if (Number.isNaN(wrench[0])) return null;
  let rows = 0;
  while (rows < time_s.length && !(Math.abs(asked_width_m[rows] - asked_width_m[0]) > HELD_M)) rows++;
  const column = (k: number) => Float64Array.from({ length: rows }, (_, i) => wrench[6 * i + k]);
  const bias = Array.from({ length: 6 }, (_, k) => quantile(column(k), 0.5));
  const spreads = [0, 1, 2].map(
    (k) =>
      MAD *
      quantile(
        column(k).map((value) => Math.abs(value - bias[k])),
        0.5,
      ),
  );
  return { bias, sigma_N: Math.max(...spreads) };
}

/** Stretches in which the arm moves freely: no force on the hand, nothing between the fingers. */
export function freeSpans(trace: MotionTrace): FreeSpan[] {
  const { time_s, wrench, asked_width_m, width_m } = trace;
  const rows = time_s.length;
  const rest = wrenchAtRest(trace);
  const touched = new Uint8Array(rows);
  for (let k = 0; k < rows; k++) {
    const force = rest === null ? 0 : Math.hypot(...[0, 1, 2].map((i) => wrench[6 * k + i] - rest.bias[i]));
    const felt = rest !== null && force > TOUCH_SIGMAS * rest.sigma_N + TOUCH_N;
    const held = Math.abs(asked_width_m[k] - width_m[k]) > HELD_M;
    if (!felt && !held) continue;
    const [from, to] = [time_s[k] - BEFORE_S, time_s[k] + AFTER_S];
    for (let i = k; i >= 0 && time_s[i] >= from; i--) touched[i] = 1;
    for (let i = k; i < rows && time_s[i] <= to; i++) touched[i] = 1;
  }
  const spans: FreeSpan[] = [];
  for (let first = 0; first < rows; first++) {
    if (touched[first] === 1) continue;
    let end = first;
    while (end < rows && touched[end] === 0) end++;
    let scored = first;
    while (scored < end && time_s[scored] < time_s[first] + RUN_UP_S) scored++;
    if (scored < end && time_s[end - 1] - time_s[scored] >= SHORTEST_S) spans.push({ first, scored, end });
    first = end;
  }
  return spans;
}
