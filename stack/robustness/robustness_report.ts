import { chart, chartScript, type Html, html, selfContainedPage } from '../../datasets/index.ts';
import type { EvaluationSetting } from '../learned/index.ts';
import type { DegradationCurve, Robustness, RobustnessPoint } from './robustness.ts';

const STYLES = `
.robustness section{margin-top:28px}.robustness section h2{margin-bottom:4px}.robustness section p{color:var(--soft);margin:0 0 8px}
.robustness .curve{display:grid;grid-template-columns:minmax(0,1fr);gap:12px}.robustness .curve table{width:100%}`;

/** A page of its own with one degradation curve a disturbance: success with its Wilson interval over the strength. */
export function robustnessPage(
  { policy, baseline, curves, episodes, first }: Robustness,
  {
    task,
    engine,
    randomize,
    objects,
    seed,
  }: Pick<EvaluationSetting, 'task' | 'engine' | 'randomize' | 'objects' | 'seed'>,
): string {
  const { successes, wilson95 } = baseline;
  const body = html`<main class="robustness"><header class="page"><p class="kind">surepick eval --suite robustness</p><h1>${policy}</h1>
<p>${task} in ${engine}, randomisation ${randomize}, objects ${objects}, seed ${seed}, episodes ${first} to ${first + episodes - 1}, the same at every point. Undisturbed ${successes} of ${episodes} succeed (${range(wilson95)}). Intervals are at 95 %.</p></header>
${curves.map(curvePart)}</main>`;
  return selfContainedPage({ title: `Robustness of ${policy}`, body, scripts: [chartScript()], styles: STYLES });
}

function curvePart({ factor, unit, describe, points }: DegradationCurve): Html {
  const data = {
    x: { label: factor, unit, values: points.map(({ strength }) => strength) },
    unit: '',
    range: [0, 1] as const,
    series: [
      {
        name: 'success',
        values: points.map(({ success_rate }) => success_rate),
        low: points.map(({ wilson95 }) => wilson95[0]),
        high: points.map(({ wilson95 }) => wilson95[1]),
      },
    ],
  };
  return html`<section><h2>${factor}</h2><p>${describe} (${unit})</p><div class="curve">${chart(data)}${pointTable(points)}</div></section>`;
}

function pointTable(points: readonly RobustnessPoint[]): Html {
  const rows = points.map(
    ({ strength, successes, episodes, wilson95, change, came_about, failures }) =>
      html`<tr><th scope="row" class="n">${strength}</th><td class="n">${successes} of ${episodes}</td><td>${range(wilson95)}</td><td class="n">${change === null ? '' : `${signed(change.difference)} (${signed(change.interval[0])} to ${signed(change.interval[1])})`}</td><td class="n">${came_about ?? ''}</td><td>${failuresOf(failures)}</td></tr>`,
  );
  return html`<div class="scroll"><table class="summary"><thead><tr><th scope="col" class="n">strength</th><th scope="col" class="n">successes</th><th scope="col">interval</th><th scope="col" class="n">points against undisturbed</th><th scope="col" class="n">came about</th><th scope="col">failures</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** Most frequent stage first. */
export function failuresOf(failures: RobustnessPoint['failures']): string {
  const sorted = Object.entries(failures).sort(([a, most], [b, least]) => least - most || a.localeCompare(b));
  return sorted.map(([stage, count]) => `${stage} ${count}`).join(', ');
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const signed = (share: number): string => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)}`;

function range([low, high]: readonly [number, number]): string {
  return `${percent(low)} to ${percent(high)}`;
}
