import { type Html, html, selfContainedPage } from '../../datasets/index.ts';
import type { Transfer } from '../../learning/index.ts';
import type { FactorGain } from './ablation.ts';
import type { Gap } from './gap.ts';
import { gainBars, percent, points, replayCurve, replayTable, scatter } from './gap_plots.ts';
import type { FactorReplay } from './replay_error.ts';

export interface GapReport {
  readonly gap: Gap;
  /** The worlds in words. */
  readonly from: string;
  readonly to: string;
  readonly task: string;
  readonly seed: number;
  readonly episodes: number;
  /** Empty where they were not asked for. */
  readonly ablation: readonly FactorGain[];
  readonly ablation_episodes: number;
  readonly replays: readonly FactorReplay[];
  readonly replay_episodes: number;
}

const STYLES = `
.gap svg{width:100%;height:auto;display:block;max-width:640px}.gap svg text{font-size:11px;fill:var(--soft)}.gap svg line.grid{stroke:var(--line)}.gap svg line.even{stroke:var(--soft);stroke-dasharray:4 3}
.gap svg line.bar{stroke:var(--ink);stroke-width:1.2}.gap svg circle,.gap svg rect{fill:var(--accent)}.gap svg polyline{fill:none;stroke:var(--accent);stroke-width:1.5}
.gap .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(280px,1fr));gap:16px 32px}.gap figure{margin:0}.gap figcaption{color:var(--soft);font-size:13px}`;

/** The comparison of two worlds as one HTML page that needs nothing else. */
export function gapReport(report: GapReport): string {
  const { gap, from, to, task, seed, episodes } = report;
  const { transfer, ceiling } = gap;
  const body = html`<main class="gap"><h1>${`From ${from} to ${to}`}</h1>
<p>${`${task}: ${transfer.rows.length} policies, ${episodes} episodes each in pairs, seed ${seed}. Intervals are at 95 %.`}</p>
<section class="pair"><figure>${scatter(transfer, from, 'second world')}<figcaption>${summary(transfer)}</figcaption></figure>
<figure>${scatter(ceiling, from, 'the same, other episodes')}<figcaption>Ceiling, the first world against itself. ${summary(ceiling)}</figcaption></figure></section>
<section><h2>Policies</h2>${rows(transfer)}</section>
${ablation(report)}${replay(report)}</main>`;
  return selfContainedPage({ title: `From ${from} to ${to} · surepick gap`, body, scripts: [], styles: STYLES });
}

function summary({ pearson_r: r, pearson_r_ci95: ci, mmrv, mean_abs_gap, mean_abs_gap_ci95: gap }: Transfer): string {
  const told = r === null ? 'Pearson r is not defined for them' : `Pearson r ${r.toFixed(3)}`;
  const between = ci === null ? '' : ` (${ci[0].toFixed(3)} to ${ci[1].toFixed(3)})`;
  return `${told}${between}; MMRV ${mmrv.toFixed(3)}; mean gap ${percent(mean_abs_gap)} (${percent(gap[0])} to ${percent(gap[1])}).`;
}

function rows({ rows: all }: Transfer): Html {
  const cells = all.map(
    ({ policy, from, to, from_ci95: a, to_ci95: b, gap }) => html`<tr><th scope="row">${policy}</th>
<td class="n">${percent(from)}</td><td>${between(a)}</td><td class="n">${percent(to)}</td><td>${between(b)}</td><td class="n">${points(gap.value)}</td><td>${`${points(gap.ci95[0])} to ${points(gap.ci95[1])}`}</td></tr>`,
  );
  return html`<table class="small"><thead><tr><th scope="col">policy</th><th scope="col" class="n">first</th><th scope="col"></th><th scope="col" class="n">second</th><th scope="col"></th><th scope="col" class="n">points</th><th scope="col"></th></tr></thead><tbody>${cells}</tbody></table>`;
}

function ablation({ ablation: gains, ablation_episodes }: GapReport): Html | null {
  if (gains.length === 0) return null;
  return html`<section><h2>What explains the gap</h2><p>${`Points of success that the second world gains without each of its effects, over ${ablation_episodes} episodes of every policy in pairs. Effects add up only where they do not touch each other.`}</p>${gainBars(gains)}</section>`;
}

function replay({ replays, replay_episodes }: GapReport): Html | null {
  if (replays.length === 0) return null;
  return html`<section><h2>The same commands in both worlds</h2><p>${`The expert’s commands of ${replay_episodes} episodes of the first world, played open loop in the second. Distance of the tool from where it was in the first, middle of the episodes:`}</p>${replayCurve(replays[0].error)}${replayTable(replays)}</section>`;
}

const between = ([low, high]: readonly [number, number]): string => `${percent(low)} to ${percent(high)}`;
