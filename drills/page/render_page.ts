import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { Html, html, scriptJson, selfContainedPage } from '../../datasets/index.ts';
import type { DrillBus } from '../drill.ts';
import type { DrillResult } from '../run_drills.ts';
import { type DrillPlot, drillPlot } from './plot_data.ts';

export interface DrillRun {
  readonly graph: string;
  readonly bus: DrillBus;
  readonly seed: number;
  readonly results: readonly DrillResult[];
}

/** The drills of a run as one HTML page that needs nothing else: a table, and a plot and the checks of each. */
export function renderDrillPage(run: DrillRun): string {
  const { graph, bus, seed, results } = run;
  const passed = results.filter(({ ok }) => ok).length;
  const plots = results.map((result) => ({ result, plot: drillPlot(result) }));
  const body = html`<main>
<header class="page">
<p class="kind">surepick · drill · ${graph} · bus ${bus} · seed ${seed}</p>
<h1>${passed} of ${results.length} drills as declared</h1>
<p>Each drill breaks one thing in a simulated cell. Times are seconds from then on, beside what the envelope declares. The first
effect is the first cycle in which the arm is commanded slower than in the same run without the fault.</p>
</header>
${summary(results)}
<section class="list">${plots.map(({ result, plot }) => section(result, plot))}</section>
</main>
<footer>Stops shown here are software only; they do not replace a safety-rated controller.</footer>
${plots.flatMap(({ result, plot }) => (plot === null ? [] : [dataOf(result, plot)]))}`;
  const client = readFileSync(join(PACKAGE_ROOT, 'drills', 'page', 'client.js'), 'utf8');
  return selfContainedPage({ title: `${passed} of ${results.length} drills · surepick`, body, scripts: [client] });
}

function dataOf({ name }: DrillResult, plot: DrillPlot): Html {
  return new Html(`<script type="application/json" id="data-${name}">${scriptJson(plot)}</script>\n`);
}

function summary(results: readonly DrillResult[]): Html {
  const head = ['drill', 'result', 'declared', 'within', 'detected', 'in force', 'first effect', 'normal', 'goal'];
  return html`<div class="scroll"><table class="summary"><thead><tr>${head.map((name) => html`<th>${name}</th>`)}</tr></thead>
<tbody>${results.map(row)}</tbody></table></div>`;
}

function row({ name, ok, reaction, measures }: DrillResult): Html {
  const { detected_s, degraded_s, effect_s, recovered_s, goal_reached_s } = measures ?? NOTHING;
  const times = [reaction.within_s, detected_s, degraded_s, effect_s, recovered_s, goal_reached_s];
  return html`<tr><td><a href="#${name}">${name}</a></td><td>${badge(ok)}</td><td>${reaction.degradation}</td>${times.map(
    (time_s) => html`<td class="number">${seconds(time_s)}</td>`,
  )}</tr>`;
}

function section(result: DrillResult, plot: DrillPlot | null): Html {
  const { name, title, ok, checks, measures, failure } = result;
  return html`
<article class="episode ${ok ? 'ok' : 'bad'}" id="${name}">
<header><h3><a href="#${name}">${name}</a></h3>${badge(ok)}<span class="object">${title}</span></header>
${failure === '' ? null : html`<p class="failure"><b>not made</b> ${failure}</p>`}
${plot === null ? null : html`<div class="plot" data-drill="${name}"></div>`}
<div class="tables">
<table class="small"><caption>What it has to show</caption><tbody>${checks.map(
    (check) => html`<tr><td>${badge(check.ok)}</td><td>${check.what}</td><td>${check.detail}</td></tr>`,
  )}</tbody></table>
${measures === null ? null : told(measures.stage, measures.refusal, measures.reasons)}
</div>
</article>`;
}

function told(stage: string, refusal: string | null, reasons: readonly string[]): Html {
  return html`<table class="small"><caption>What the supervisor said</caption><tbody>
<tr><td>stage of the task</td><td>${stage || 'none'}</td></tr>
${refusal === null ? null : html`<tr><td>reset refused</td><td>${refusal}</td></tr>`}
${reasons.map((reason) => html`<tr><td>reason</td><td>${reason}</td></tr>`)}
</tbody></table>`;
}

function badge(ok: boolean): Html {
  return html`<span class="badge ${ok ? 'ok' : 'bad'}">${ok ? 'ok' : 'failed'}</span>`;
}

function seconds(time_s: number | null): string {
  return time_s === null ? '–' : `${time_s.toFixed(3)} s`;
}

const NOTHING = { detected_s: null, degraded_s: null, effect_s: null, recovered_s: null, goal_reached_s: null };
