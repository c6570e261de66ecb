import { type Html, html } from '../../datasets/index.ts';
import type { Transfer } from '../../learning/index.ts';
import type { FactorGain } from './ablation.ts';
import type { FactorReplay, ReplayError } from './replay_error.ts';

const SIZE = 320;
const [LEFT, BASE] = [40, 34];

/** Success in one world over success in the other, a point a policy with its intervals, beside the line of no gap. */
export function scatter(transfer: Transfer, across: string, up: string): Html {
  const x = (share: number): string => fixed(LEFT + share * (SIZE - LEFT - 10));
  const y = (share: number): string => fixed(SIZE - BASE - share * (SIZE - BASE - 10));
  const points = transfer.rows.map(
    ({
      policy,
      from,
      to,
      from_ci95: a,
      to_ci95: b,
    }) => html`<g><title>${`${policy}: ${percent(from)}, ${percent(to)}`}</title>
<line class="bar" x1="${x(a[0])}" x2="${x(a[1])}" y1="${y(to)}" y2="${y(to)}"/><line class="bar" x1="${x(from)}" x2="${x(from)}" y1="${y(b[0])}" y2="${y(b[1])}"/>
<circle cx="${x(from)}" cy="${y(to)}" r="4"/></g>`,
  );
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (
      share,
    ) => html`<line class="grid" x1="${x(share)}" x2="${x(share)}" y1="${y(0)}" y2="${y(1)}"/><line class="grid" x1="${x(0)}" x2="${x(1)}" y1="${y(share)}" y2="${y(share)}"/>
<text x="${x(share)}" y="${SIZE - BASE + 14}" text-anchor="middle">${100 * share}</text><text x="${LEFT - 4}" y="${y(share)}" dy="3" text-anchor="end">${100 * share}</text>`,
  );
  return html`<svg viewBox="0 0 ${SIZE} ${SIZE}" role="img" aria-label="${`success of ${transfer.rows.length} policies: ${across} across, ${up} up`}">
${ticks}<line class="even" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/>${points}
<text x="${x(0.5)}" y="${SIZE - 4}" text-anchor="middle">${`${across}, %`}</text><text transform="rotate(-90)" x="${-SIZE / 2}" y="10" text-anchor="middle">${`${up}, %`}</text></svg>`;
}

/** What each factor is worth, as bars with intervals about zero, in points of success. */
export function gainBars(gains: readonly FactorGain[]): Html {
  const [row, name, wide] = [22, 130, 460];
  const most = Math.max(0.02, ...gains.flatMap(({ gain }) => gain.ci95.map(Math.abs)));
  const x = (share: number): string => fixed(name + ((share + most) / (2 * most)) * (wide - name - 50));
  const height = row * gains.length + 6;
  const bars = gains.map(({ factor, gain: { value, ci95 } }, k) => {
    const y = row * k + 6;
    const [low, high] = [Math.min(0, value), Math.max(0, value)];
    return html`<text x="${name - 6}" y="${y + 12}" text-anchor="end">${words(factor)}</text>
<rect x="${x(low)}" y="${y + 3}" width="${fixed(Number(x(high)) - Number(x(low)))}" height="11"/><line class="bar" x1="${x(ci95[0])}" x2="${x(ci95[1])}" y1="${y + 8}" y2="${y + 8}"/>
<text x="${wide - 2}" y="${y + 12}" text-anchor="end">${points(value)}</text>`;
  });
  return html`<svg viewBox="0 0 ${wide} ${height}" role="img" aria-label="points of success gained without each effect"><line class="even" x1="${x(0)}" x2="${x(0)}" y1="0" y2="${height}"/>${bars}</svg>`;
}

/** Distance of the tool from where the same commands brought it in the other world, over time. */
export function replayCurve({ tool_by_step_m: distances, step_s }: ReplayError): Html {
  const [wide, height] = [460, 150];
  const most = Math.max(1e-4, ...distances);
  const x = (k: number): number => LEFT + (k * (wide - LEFT - 8)) / Math.max(1, distances.length - 1);
  const y = (d: number): number => height - 24 - (d / most) * (height - 36);
  const line = distances.map((d, k) => `${fixed(x(k))},${fixed(y(d))}`).join(' ');
  return html`<svg viewBox="0 0 ${wide} ${height}" role="img" aria-label="${`distance of the tool over time, up to ${millimetres(most)}`}">
<line class="grid" x1="${LEFT}" x2="${wide}" y1="${fixed(y(0))}" y2="${fixed(y(0))}"/><text x="${LEFT - 4}" y="${fixed(y(0))}" text-anchor="end">0</text>
<text x="${LEFT - 4}" y="${fixed(y(most) + 4)}" text-anchor="end">${(1000 * most).toFixed(1)}</text><text x="${wide - 4}" y="${height - 6}" text-anchor="end">${`${(distances.length * step_s).toFixed(1)} s`}</text>
<text x="${LEFT}" y="${height - 6}">mm</text><polyline points="${line}"/></svg>`;
}

export function replayTable(replays: readonly FactorReplay[]): Html {
  const rows = replays.map(
    ({ factor, error }) => html`<tr><th scope="row">${factor === 'none' ? 'as it is' : `without ${words(factor)}`}</th>
<td class="n">${millimetres(error.tool_rms_m)}</td><td class="n">${millimetres(error.tool_most_m)}</td><td class="n">${`${(1000 * error.joint_rms_rad).toFixed(2)} mrad`}</td><td class="n">${millimetres(error.object_median_m)}</td></tr>`,
  );
  return html`<table class="small"><thead><tr><th scope="col">second world</th><th scope="col" class="n">tool, rms</th><th scope="col" class="n">tool, most</th><th scope="col" class="n">joints, rms</th><th scope="col" class="n">objects at the end, middle</th></tr></thead><tbody>${rows}</tbody></table>`;
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
export const points = (share: number): string => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)}`;
export const words = (factor: string): string => (factor === 'all' ? 'all effects' : factor.replaceAll('_', ' '));
const millimetres = (length_m: number): string => `${(1000 * length_m).toFixed(2)} mm`;
const fixed = (value: number): string => String(Math.round(value * 100) / 100);
