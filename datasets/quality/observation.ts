import type { Finding } from '../dataset/schema.ts';

/** A signal as a finding's small plot shows it. */
export interface Plot {
  /** With its unit. */
  readonly label: string;
  /** s from the episode's start. */
  readonly time_s: readonly number[];
  readonly value: readonly number[];
  /** Levels that were judged against. */
  readonly limits: readonly number[];
}

/** A finding with the signal that it is of. */
export interface Observation extends Finding {
  readonly plot?: Plot;
}

const MOST_POINTS = 240;

/** At most 240 points of a signal: of every stretch its lowest or its highest, in turn, so that peaks stay. */
export function plotOf(
  label: string,
  time_s: ArrayLike<number>,
  value: ArrayLike<number>,
  limits: readonly number[] = [],
): Plot {
  const n = Math.min(time_s.length, value.length);
  const stretch = Math.max(1, Math.ceil(n / MOST_POINTS));
  const times: number[] = [];
  const values: number[] = [];
  for (let from = 0; from < n; from += stretch) {
    const sign = (from / stretch) % 2 === 0 ? 1 : -1;
    let best = -1;
    for (let i = from; i < Math.min(n, from + stretch); i++)
      if (Number.isFinite(value[i]) && (best < 0 || sign * value[i] > sign * value[best])) best = i;
    if (best < 0) continue;
    times.push(round(time_s[best], 1e3));
    values.push(Number(value[best].toPrecision(5)));
  }
  return { label, time_s: times, value: values, limits };
}

/** A time in a detail or a fix. */
export const seconds = (value_s: number): string => `${value_s.toFixed(2)} s`;
export const milliseconds = (value_s: number): string => `${(1000 * value_s).toFixed(0)} ms`;
export const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
/** The usual remedy for a spoiled stretch. */
export const cut = (from_s: number, to_s: number): string => `cut ${from_s.toFixed(2)}–${to_s.toFixed(2)} s`;

const round = (value: number, scale: number): number => Math.round(value * scale) / scale;
