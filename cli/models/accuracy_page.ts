import { type Html, html, selfContainedPage } from '../../datasets/index.ts';
import type { AccuracyRow, HeldOutReport, Share, Spread } from '../../learning/index.ts';

const STYLES = `
main{max-width:1180px;margin:0 auto;padding:24px 18px 60px}
.accuracy table{border-collapse:collapse;width:100%}
.accuracy th,.accuracy td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
.accuracy td.n,.accuracy th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.accuracy td small{display:block;color:var(--dim,#64748b)}
.accuracy .over{overflow-x:auto}
.accuracy .worst{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:14px}
.accuracy .worst img{width:100%;height:auto;image-rendering:pixelated;display:block}
`;

/** A picture that went badly, ready to be shown. */
export interface WorstPicture {
  readonly caption: string;
  readonly png: Uint8Array;
}

/** What a detector made of the held-out worlds, as a page that needs nothing else. */
export function renderAccuracy(
  model: string,
  { rows, pictures, objects }: HeldOutReport,
  worst: readonly WorstPicture[],
): string {
  const body = html`<main class="accuracy">
<header class="page"><p class="kind">accuracy on held-out worlds</p><h1>${model}</h1>
<p>${`${objects} objects in ${pictures} pictures: hardest randomisation, kinds of objects that no training saw.`}</p></header>
<section><h2>How much is found, and how well</h2><div class="over"><table>
<tr><th>group</th>${COLUMNS.map(([name]) => html`<th class="n">${name}</th>`)}</tr>
${rows.map((row) => html`<tr><th>${row.group}</th>${COLUMNS.map(([, cell]) => html`<td class="n">${cell(row)}</td>`)}</tr>`)}
</table></div><p>${LEGEND}</p></section>
<section><h2>The worst pictures</h2><div class="worst">${worst.map(figure)}</div>
<p>White: what is there. Green: found. Red: said of nothing, or of too little.</p></section>
</main>`;
  return selfContainedPage({ title: `${model} · accuracy`, body, scripts: [], styles: STYLES });
}

const LEGEND =
  'Recall: of the objects at least 40 % in view, by masks of at least 0.5 intersection over union. Precision: of the detections, any object. Poses: of those at least 60 % in view. Covered: errors within the 95 % region of the stated covariance. Below each figure its 95 % interval: Wilson for shares, worlds drawn again for quantiles.';

const COLUMNS: readonly (readonly [string, (row: AccuracyRow) => Html])[] = [
  ['objects', ({ recall }) => html`${String(recall.of)}`],
  ['recall', ({ recall }) => shown(recall)],
  ['precision', ({ precision }) => shown(precision)],
  ['class right', ({ class_accuracy }) => shown(class_accuracy)],
  ['position, median', ({ position_median_mm }) => spread(position_median_mm, ' mm')],
  ['95 %', ({ position_p95_mm }) => spread(position_p95_mm, ' mm')],
  ['yaw, median', ({ yaw_median_deg }) => spread(yaw_median_deg, '°')],
  ['95 %', ({ yaw_p95_deg }) => spread(yaw_p95_deg, '°')],
  ['position covered', ({ position_covered }) => shown(position_covered)],
  ['yaw covered', ({ yaw_covered }) => shown(yaw_covered)],
];

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function shown({ of, share, wilson95: [low, high] }: Share): Html {
  if (of === 0) return html`–`;
  return html`${percent(share)}<small>${`${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}`}</small>`;
}

function spread({ value, bootstrap95: [low, high] }: Spread, unit: string): Html {
  if (Number.isNaN(value)) return html`–`;
  return html`${value.toFixed(2)}${unit}<small>${`${low.toFixed(2)}–${high.toFixed(2)}`}</small>`;
}

function figure({ caption, png }: WorstPicture): Html {
  const data = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  return html`<figure><img src="${data}" alt="${caption}"><figcaption>${caption}</figcaption></figure>`;
}
