import { quantile } from '../contracts/index.ts';

/** One message of joint states: its stamp and when it came, both s, on the driver's and on our clock. */
export interface Arrival {
  readonly stamp_s: number;
  readonly arrived_s: number;
}

export interface StateStreamReport {
  readonly messages: number;
  readonly rate_hz: number;
  /** Time between stamps, s: median, and the longest. */
  readonly period_s: number;
  readonly longest_gap_s: number;
  /** Spread of arrival around the stamps, 99 % less the least, s. */
  readonly jitter_s: number;
  /**
   * Arrival less stamp at its least, s: delay on the way, plus our clock less the driver's. One-way messages cannot part the
   * two; of clocks that are kept in step it is the delay.
   */
  readonly age_s: number;
  /** How fast that changes, s/s: a clock that drifts. */
  readonly drift: number;
  readonly out_of_order: number;
}

/** What the times of a stream of joint states say about it; needs two messages at least. */
export function judgeStateStream(arrivals: readonly Arrival[]): StateStreamReport {
  const ages = arrivals.map(({ stamp_s, arrived_s }) => arrived_s - stamp_s);
  const steps = arrivals.slice(1).map(({ stamp_s }, i) => stamp_s - arrivals[i].stamp_s);
  const forward = steps.filter((step) => step > 0);
  const [first] = arrivals;
  const last = arrivals[arrivals.length - 1];
  const span_s = last.stamp_s - first.stamp_s;
  const half = Math.floor(ages.length / 2);
  const least = Math.min(...ages);
  return {
    messages: arrivals.length,
    rate_hz: span_s > 0 ? (arrivals.length - 1) / span_s : 0,
    period_s: quantile(forward, 0.5),
    longest_gap_s: Math.max(...steps),
    jitter_s: quantile(ages, 0.99) - least,
    age_s: least,
    drift: span_s > 0 ? (Math.min(...ages.slice(half)) - Math.min(...ages.slice(0, half))) / (span_s / 2) : 0,
    out_of_order: steps.length - forward.length,
  };
}
