import { type Html, html } from '../report/escape.ts';
import { percent } from '../report/format.ts';
import type { SuccessRow } from './card_facts.ts';

const BINS = 20;
const [WIDTH, HEIGHT] = [240, 56];

/** How many values fall where, with the least and the greatest named below. @param unit  e.g. `s` */
export function histogram(values: readonly number[], unit = ''): Html | null {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return null;
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  const bins = new Array<number>(low === high ? 1 : BINS).fill(0);
  for (const value of finite) bins[binOf(value, low, high, bins.length)]++;
  const most = Math.max(...bins);
  const width = WIDTH / bins.length;
  const bars = bins.map((count, k) => {
    const height = count === 0 ? 0 : Math.max(1.5, (HEIGHT * count) / most);
    return html`<rect x="${fixed(k * width + 0.5)}" y="${fixed(HEIGHT - height)}" width="${fixed(width - 1)}" height="${fixed(height)}"/>`;
  });
  const label = `${finite.length} values from ${figures(low)} to ${figures(high)} ${unit}`;
  return html`<div class="histogram" role="img" aria-label="${label}">
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${bars}</svg>
<div class="ends"><span>${figures(low)}</span><span>${figures(high)} ${unit}</span></div></div>`;
}

function binOf(value: number, low: number, high: number, bins: number): number {
  return high === low ? 0 : Math.min(bins - 1, Math.floor((bins * (value - low)) / (high - low)));
}

/** A rate with its interval, on a scale of 0 to 100 %. */
export function rateRow({ name, episodes, judged, successes, rate, wilson95: [low, high] }: SuccessRow): Html {
  const unknown = episodes - judged;
  const counted = `${successes} of ${judged}${unknown > 0 ? `, ${unknown} not judged` : ''}`;
  if (rate === null) {
    return html`<tr><th scope="row">${name}</th><td class="scale-cell"></td><td class="n">–</td><td>${counted}</td></tr>`;
  }
  return html`<tr><th scope="row">${name}</th><td class="scale-cell">${range(low, high, rate)}</td>
<td class="n">${percent(rate)}</td><td>${counted}, ${percent(low)} to ${percent(high)}</td></tr>`;
}

/** A stretch and a point on a scale of 0 to 1. */
export function range(low: number, high: number, point: number | null): Html {
  const at = (fraction: number) => `${(100 * Math.max(0, Math.min(1, fraction))).toFixed(2)}%`;
  const dot = point === null ? null : html`<span class="point" style="left:${at(point)}"></span>`;
  return html`<div class="scale"><span class="range" style="left:${at(low)};width:${at(high - low)}"></span>${dot}</div>`;
}

/** A number with three figures; less than a billionth is none. */
export function figures(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return Math.abs(value) < 1e-9 ? '0' : String(Number(value.toPrecision(3)));
}

const fixed = (value: number): string => String(Math.round(value * 100) / 100);
