import type { Evidence } from '../evidence.ts';
import { cut, type Observation, percent, plotOf, seconds } from '../observation.ts';
import { differences, medianOf } from '../statistics.ts';
import { type Stream, streamsOf } from '../streams.ts';

/** Periods without a sample from which a gap counts. */
const GAP_PERIODS = 1.5;
/** Length (s) and share of missing samples from which gaps are minor and major; below, a note. */
const MINOR = { gap_s: 0.25, share: 0.02 };
const MAJOR = { gap_s: 1, share: 0.2 };
const FEWEST = 8;

/**
 * Missing samples of every signal against its own median period, one finding a signal: gaps within, and stretches of the
 * episode before its first and after its last sample.
 */
export function findGaps({ series }: Evidence): readonly Observation[] {
  return streamsOf(series).flatMap((stream) => gapsOf(stream, series.duration_s));
}

function gapsOf({ name, time_s }: Stream, duration_s: number): Observation[] {
  if (time_s.length < FEWEST) {
    const detail = `${name}: ${time_s.length} samples in ${seconds(duration_s)}, at least ${FEWEST} expected`;
    const found = { check: 'gaps', severity: 'major', detail, fix: 'drop', from_s: 0, to_s: duration_s } as const;
    return duration_s > 1 ? [found] : [];
  }
  const sorted = Float64Array.from(time_s).sort();
  const periods = differences(sorted);
  const period_s = medianOf(periods.filter((value) => value > 0));
  const gaps = gapsIn(sorted, periods, period_s, duration_s);
  const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0);
  if (missing === 0) return [];
  const share = missing / (missing + sorted.length);
  const worst = gaps.reduce((a, b) => (b.to_s - b.from_s > a.to_s - a.from_s ? b : a));
  const longest_s = worst.to_s - worst.from_s;
  const beyond = (limit: typeof MINOR) => longest_s > limit.gap_s + period_s || share > limit.share;
  const severity = beyond(MAJOR) ? 'major' : beyond(MINOR) ? 'minor' : 'note';
  const detail = `${name}: ${missing} of ${missing + sorted.length} samples missing (${percent(share)}, minor from ${percent(MINOR.share)}), longest gap ${seconds(longest_s)} at ${seconds(worst.from_s)} (period ${seconds(period_s)})`;
  const repairable = longest_s <= MINOR.gap_s + period_s;
  const fix = repairable
    ? 'interpolate, or take stamps as they are'
    : share > MAJOR.share
      ? 'drop'
      : cut(worst.from_s, worst.to_s);
  const plot = plotOf(`${name}: time to the next sample, s`, sorted, periods, [period_s]);
  return [{ check: 'gaps', severity, detail, fix, from_s: worst.from_s, to_s: worst.to_s, plot }];
}

function gapsIn(sorted: Float64Array, periods: Float64Array, period_s: number, duration_s: number) {
  const gaps = Array.from(periods, (value, k) => ({
    from_s: sorted[k],
    to_s: sorted[k + 1],
    missing: Math.round(value / period_s) - 1,
  })).filter(({ from_s, to_s }) => to_s - from_s > GAP_PERIODS * period_s);
  const edge_s = 0.3 + 3 * period_s;
  const [first, last] = [sorted[0], sorted[sorted.length - 1]];
  if (first > edge_s) gaps.push({ from_s: 0, to_s: first, missing: Math.round(first / period_s) });
  if (duration_s - last > edge_s)
    gaps.push({ from_s: last, to_s: duration_s, missing: Math.round((duration_s - last) / period_s) });
  return gaps;
}
