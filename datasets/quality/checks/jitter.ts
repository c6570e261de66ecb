import type { Evidence } from '../evidence.ts';
import { type Observation, percent, plotOf } from '../observation.ts';
import { differences, medianOf, quantileOf, robustDeviation } from '../statistics.ts';
import { type Stream, streamsOf } from '../streams.ts';

/** Robust deviation of the period, in periods. */
const MINOR = 0.15;
const MAJOR = 0.5;
const FEWEST = 20;

/** Stamps that are not evenly spaced (median absolute deviation, so that gaps do not count), or that go back. */
export function findJitter({ series }: Evidence): readonly Observation[] {
  return streamsOf(series).flatMap((stream) => [...disorder(stream), ...jitterOf(stream)]);
}

function disorder({ name, time_s }: Stream): Observation[] {
  const steps = differences(time_s);
  const back = steps.findIndex((step) => step < 0);
  const equal = steps.reduce((n, step) => (step === 0 ? n + 1 : n), 0);
  if (back < 0 && equal === 0) return [];
  const at = back < 0 ? steps.indexOf(0) : back;
  const times = steps.reduce((n, step) => (step < 0 ? n + 1 : n), 0);
  const detail = `${name}: stamps go back ${times} times and stand still ${equal} times, 0 allowed; first at sample ${at + 1}`;
  const fix = times > 0 ? 'sort by stamp, or take log times' : 'keep the first of equal stamps';
  const span = { from_s: Math.min(time_s[at], time_s[at + 1]), to_s: Math.max(time_s[at], time_s[at + 1]) };
  return [{ check: 'jitter', severity: times > 0 ? 'major' : 'minor', detail, fix, ...span }];
}

function jitterOf({ name, time_s }: Stream): Observation[] {
  if (time_s.length < FEWEST) return [];
  const steps = differences(time_s);
  const period_s = medianOf(steps);
  const share = robustDeviation(steps) / period_s;
  if (!(share > MINOR)) return [];
  const p95_s = quantileOf(
    steps.map((step) => Math.abs(step - period_s)),
    0.95,
  );
  const detail = `${name}: periods deviate by ${percent(share)} of ${(1000 * period_s).toFixed(1)} ms (95 % within ${(1000 * p95_s).toFixed(1)} ms), limit ${percent(MINOR)}`;
  const plot = plotOf(`${name}: time to the next sample, s`, time_s, steps, [period_s]);
  const span = { from_s: time_s[0], to_s: time_s[time_s.length - 1] };
  return [
    {
      check: 'jitter',
      severity: share > MAJOR ? 'major' : 'minor',
      detail,
      fix: 'resample at an even rate',
      ...span,
      plot,
    },
  ];
}
