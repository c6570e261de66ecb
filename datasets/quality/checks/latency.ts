import type { Evidence } from '../evidence.ts';
import { milliseconds, type Observation, plotOf } from '../observation.ts';
import { medianOf, quantileOf } from '../statistics.ts';
import { type Stream, streamsOf } from '../streams.ts';

/** How far the log may lie behind the stamp, s. */
const USUAL_S = { joints: 0.05, wrench: 0.05, pictures: 0.2 } as const;
/** Clocks that disagree by less cannot be told from rounding; drift between the first and the last tenth, s. */
const BEFORE_S = 0.005;
const DRIFT_S = 0.02;
const MAJOR = 4;

/** How long messages took from their stamp to the log: too long, before they were made, or drifting. One finding a signal. */
export function findLatency({ series }: Evidence): readonly Observation[] {
  return streamsOf(series).flatMap(latencyOf);
}

function latencyOf({ name, kind, time_s, logged_s }: Stream): Observation[] {
  if (logged_s === null || time_s.length < 10) return [];
  const lag = logged_s.map((at, k) => at - time_s[k]);
  const tenth = Math.max(1, Math.floor(lag.length / 10));
  const drift_s = medianOf(lag.subarray(lag.length - tenth)) - medianOf(lag.subarray(0, tenth));
  const [median_s, p95_s, least_s] = [medianOf(lag), quantileOf(lag, 0.95), quantileOf(lag, 0.05)];
  const span = { from_s: time_s[0], to_s: time_s[time_s.length - 1] };
  const limit_s = USUAL_S[kind];
  const plot = plotOf(`${name}: log behind stamp, s`, time_s, lag, [limit_s]);
  const found = (severity: Observation['severity'], detail: string, fix: string): Observation[] => [
    { check: 'latency', severity, detail: `${name}: ${detail}`, fix, ...span, plot },
  ];
  if (least_s < -BEFORE_S) {
    const shift = `shift stamps of ${name} by ${least_s.toFixed(3)} s`;
    return found(
      'major',
      `logged ${milliseconds(-least_s)} before its stamp, ${milliseconds(BEFORE_S)} allowed: clocks disagree`,
      shift,
    );
  }
  if (Math.abs(drift_s) > DRIFT_S) {
    const detail = `the log's lag changes by ${milliseconds(drift_s)} over the episode, ${milliseconds(DRIFT_S)} allowed: one clock drifts`;
    return found(
      Math.abs(drift_s) > MAJOR * DRIFT_S ? 'major' : 'minor',
      detail,
      'take log times, or correct stamps by a line',
    );
  }
  if (p95_s <= limit_s) return [];
  const detail = `the log is ${milliseconds(median_s)} behind the stamp, 95 % within ${milliseconds(p95_s)}, limit ${milliseconds(limit_s)}`;
  return found(p95_s > MAJOR * limit_s ? 'major' : 'minor', detail, 'align by stamps, never by log times');
}
