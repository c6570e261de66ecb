import { Html, html } from '../../datasets/index.ts';
import type { Calibration, Measured, ReliabilityBin } from '../../perception/index.ts';

/** Named numbers with their intervals; shares also as bars. */
export function metricTable(values: Readonly<Record<string, Measured>>): Html {
  const rows = Object.entries(values).map(([name, { value, unit, interval95, count }]) => {
    const share = unit === '1';
    const shown = share ? `${number(100 * value)} %` : `${number(value)} ${unit}`;
    const ends = interval95?.map((end) => number(share ? 100 * end : end)).join(' to ') ?? '–';
    return html`<tr><th scope="row">${name.replaceAll('_', ' ')}</th><td class="n">${shown}</td><td class="n">${ends}</td><td class="scale">${share ? bar(value, interval95) : null}</td><td class="n">${count ?? ''}</td></tr>`;
  });
  return html`<div class="over"><table><thead><tr><th>what</th><th class="n">value</th><th class="n">interval</th><th></th><th class="n">of</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** A share on a scale of 0 to 1 with its interval. */
function bar(value: number, interval95: readonly [number, number] | undefined): Html {
  const at = (share: number) => (200 * Math.min(1, Math.max(0, share))).toFixed(1);
  const [low, high] = interval95 ?? [value, value];
  return html`<svg viewBox="0 0 200 12" role="img" aria-label="${number(100 * value)} %"><rect x="0" y="5" width="200" height="2" fill="currentColor" opacity="0.2"/><rect x="${at(low)}" y="3" width="${Math.max(1, 200 * (high - low)).toFixed(1)}" height="6" fill="currentColor" opacity="0.4"/><circle cx="${at(value)}" cy="6" r="4" fill="currentColor"/></svg>`;
}

/**
 * How sure it is when it says so.
 * @param draw  a reliability diagram as SVG
 */
export function reliabilitySection(
  calibration: Calibration,
  draw: (title: string, bins: readonly ReliabilityBin[]) => string,
): Html {
  const { fitted_on, temperature, conformal, costs, thresholds, picture_limits, measured, reliability } = calibration;
  const { set, seed, objects } = fitted_on;
  return html`<section id="calibration"><h2>Calibration</h2>
<p>Fitted on ${set}, seed ${seed}, ${objects} objects. Temperature ${number(temperature)}; sets of possible classes at ${number(100 * conformal.level)} % with the quantile ${number(conformal.quantile)}.</p>
${measured === undefined ? null : metricTable(measured)}
${reliability === undefined || reliability.length === 0 ? null : html`<div class="diagram">${new Html(draw('reliability', reliability))}</div>`}
${numbers('What outcomes cost', costs)}${numbers('Thresholds', thresholds)}${picture_limits === undefined ? null : numbers('Limits of pictures', picture_limits)}
</section>`;
}

function numbers(title: string, values: Readonly<Record<string, number>>): Html | null {
  const rows = Object.entries(values);
  if (rows.length === 0) return null;
  return html`<h3>${title}</h3><table><tbody>${rows.map(([name, value]) => html`<tr><th scope="row">${name.replaceAll('_', ' ')}</th><td class="n">${number(value)}</td></tr>`)}</tbody></table>`;
}

/** Four figures, without zeros at the end. */
export function number(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}
