import { type Html, html } from '../report/escape.ts';
import type { Plot } from './observation.ts';

const [WIDTH, HEIGHT, LEFT, BASE] = [320, 120, 40, 20];

/** A histogram of values as SVG; `low` and `high` fix its ends. */
export function histogram(values: readonly number[], bins: number, unit: string, low?: number, high?: number): Html {
  if (values.length === 0) return html`<p>none</p>`;
  const from = low ?? Math.min(...values);
  const to = high ?? Math.max(...values);
  const width = to > from ? (to - from) / bins : 1;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.min(bins - 1, Math.max(0, Math.floor((value - from) / width)))]++;
  const most = Math.max(...counts);
  const step = (WIDTH - LEFT) / bins;
  const bars = counts.map((count, k) => {
    const tall = (count / most) * (HEIGHT - BASE - 14);
    const [x, y] = [LEFT + k * step + 1, HEIGHT - BASE - tall];
    return html`<rect class="bar" x="${number(x)}" y="${number(y)}" width="${number(step - 2)}" height="${number(tall)}"><title>${`${number(from + k * width)} to ${number(from + (k + 1) * width)} ${unit}: ${count}`}</title></rect>`;
  });
  return svg(`${values.length} values from ${number(from)} to ${number(to)} ${unit}`, [
    ...bars,
    frame(),
    label(LEFT, HEIGHT - 5, short(from), 'start'),
    label(WIDTH, HEIGHT - 5, `${short(from + bins * width)} ${unit}`.trim(), 'end'),
    label(LEFT - 4, 14, String(most), 'end'),
  ]);
}

/** A small plot of a signal with its limits, and the stretch of the finding shaded. */
export function sketch({ label: name, time_s, value, limits }: Plot, from_s: number, to_s: number): Html {
  if (time_s.length < 2) return html`<p>${name}: too few points</p>`;
  const [start, end] = [time_s[0], time_s[time_s.length - 1]];
  const [least, most] = [Math.min(...value), Math.max(...value)];
  // Limits far from the signal would flatten it.
  const near = limits.filter((limit) => limit >= least - 2 * (most - least) && limit <= most + 2 * (most - least));
  // What stays the same lies in the middle.
  const room = Math.max(most, ...near) > Math.min(least, ...near) ? 0 : 0.1 * Math.abs(most) || 1;
  const low = Math.min(least, ...near) - room;
  const high = Math.max(most, ...near) + room;
  const spread = high - low;
  const x = (t: number) => LEFT + clamp((t - start) / (end - start || 1)) * (WIDTH - LEFT);
  const y = (v: number) => 8 + (1 - (v - low) / spread) * (HEIGHT - BASE - 8);
  const line = time_s.map((t, k) => `${number(x(t))},${number(y(value[k]))}`).join(' ');
  return svg(`${name} from ${number(start)} to ${number(end)} s`, [
    html`<rect class="span" x="${number(x(from_s))}" y="0" width="${number(Math.max(2, x(to_s) - x(from_s)))}" height="${HEIGHT - BASE}"/>`,
    ...near.map(
      (limit) =>
        html`<line class="limit" x1="${LEFT}" x2="${WIDTH}" y1="${number(y(limit))}" y2="${number(y(limit))}"/>`,
    ),
    html`<polyline class="line" points="${line}"/>`,
    frame(),
    label(LEFT, HEIGHT - 5, `${short(start)} s`, 'start'),
    label(WIDTH, HEIGHT - 5, `${short(end)} s`, 'end'),
    label(LEFT - 4, 14, short(high), 'end'),
    label(LEFT - 4, HEIGHT - BASE, short(low), 'end'),
  ]);
}

function svg(name: string, parts: readonly Html[]): Html {
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${name}">${parts}</svg>`;
}

const frame = (): Html =>
  html`<line class="axis" x1="${LEFT}" x2="${WIDTH}" y1="${HEIGHT - BASE}" y2="${HEIGHT - BASE}"/>`;

const label = (x: number, y: number, text: string, anchor: string): Html =>
  html`<text x="${x}" y="${y}" text-anchor="${anchor}">${text}</text>`;

const clamp = (share: number) => Math.min(1, Math.max(0, share));
const number = (value: number): string => String(Number(value.toPrecision(4)));
/** For what stands at an axis, where there is little room. */
const short = (value: number): string => String(Number(value.toPrecision(3)));
