import { type Html, html, selfContainedPage } from '../../datasets/index.ts';
import type { AccuracyRow, CameraKnowledge, Grouping, HeldOutReport, Share, Spread } from '../../learning/index.ts';
import { decisionSection } from './decision_section.ts';
import { OUTLINES, type WorstPicture } from './worst_pictures.ts';

const STYLES = `
main{max-width:1240px;margin:0 auto;padding:24px 18px 60px}
.accuracy section{margin-top:30px}
.accuracy table{border-collapse:collapse;width:100%}
.accuracy table.narrow{width:auto;min-width:340px}
.accuracy th,.accuracy td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
.accuracy td.n,.accuracy th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.accuracy tr.by th{padding-top:14px;font-weight:600;border-bottom-width:2px}
.accuracy td small{display:block;color:var(--dim,#64748b)}
.accuracy .over{overflow-x:auto}
.accuracy .beside{display:flex;flex-wrap:wrap;gap:26px;align-items:flex-start;margin-top:14px}
.accuracy .diagram{flex:1 1 360px;max-width:420px;margin:0}
.accuracy .worst{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,520px),1fr));gap:22px 18px;margin-top:14px}
.accuracy .worst figure{margin:0}
.accuracy .worst img{width:100%;height:auto;display:block}
.accuracy .worst figcaption{padding-top:6px}
.accuracy .key{display:inline-block;padding:0 7px;border-radius:4px;color:#111;margin-right:3px;border:1px solid #8884}
`;

/** What was evaluated, on what, and what came of it. */
export interface AccuracyPage {
  readonly model: string;
  readonly seed: number;
  readonly known: CameraKnowledge;
  readonly report: HeldOutReport;
  readonly worst: readonly WorstPicture[];
}

/** What a detector made of the held-out worlds, as a page that needs nothing else. */
export function renderAccuracy({ model, seed, known, report, worst }: AccuracyPage): string {
  const { rows, pictures, objects, least_score } = report;
  const body = html`<main class="accuracy">
<header class="page"><p class="kind">accuracy on held-out worlds</p><h1>${model}</h1>
<p>${`${objects} objects in ${pictures} pictures, seed ${seed}: hardest randomisation, kinds of objects that no training saw. ${KNOWN[known]}`}</p></header>
<section id="found"><h2>How much is found, and how well</h2><div class="over"><table>
<thead><tr><th>group</th>${COLUMNS.map(([name]) => html`<th class="n">${name}</th>`)}</tr></thead>
<tbody>${GROUPINGS.flatMap((by) => groupRows(by, rows))}</tbody>
</table></div><p>${LEGEND.replace('LEAST', String(least_score))}</p></section>
${decisionSection(model, report)}
<section id="worst"><h2>The worst pictures</h2>
<p>${KEY.map(([name, says]) => html`<span class="key" style="background:rgb(${OUTLINES[name].join(',')})">${name}</span> ${says} `)}</p>
<div class="worst">${worst.map(figure)}</div></section>
</main>`;
  return selfContainedPage({ title: `${model} · accuracy`, body, scripts: [], styles: STYLES });
}

const KNOWN: Readonly<Record<CameraKnowledge, string>> = {
  calibrated: 'Cameras are calibrated: what is believed of them is wrong by what a calibration leaves.',
  as_put_up: 'Cameras are not calibrated: they are where they were put up, within some millimetres.',
};

const KEY: readonly (readonly [keyof typeof OUTLINES, string])[] = [
  ['there', 'what is there'],
  ['missed', 'is there and was not found'],
  ['found', 'what was said, and is so'],
  ['off', 'of another class, or far from where it is said to be'],
  ['nothing', 'said of nothing, or of too little of it'],
];

const GROUPINGS: readonly Grouping[] = ['all', 'class', 'camera', 'class and camera', 'task'];

function groupRows(by: Grouping, rows: readonly AccuracyRow[]): readonly Html[] {
  const of = rows.filter((row) => row.by === by);
  const heading =
    by === 'all' ? [] : [html`<tr class="by"><th colspan="${String(COLUMNS.length + 1)}">by ${by}</th></tr>`];
  return [
    ...heading,
    ...of.map(
      (row) =>
        html`<tr><th scope="row">${row.group}</th>${COLUMNS.map(([, cell]) => html`<td class="n">${cell(row)}</td>`)}</tr>`,
    ),
  ];
}

const LEGEND =
  'Detections with a score of LEAST or more are taken, the same for all figures. Recall: of the objects at least 40 % in view, those found by a mask of at least 0.5 intersection over union. Precision: of the detections, those that show an object that no surer one shows. Poses: of those at least 60 % in view; yaw up to the true symmetry. Covered: errors within the 95 % region of the stated covariance. Below each figure its 95 % interval: Wilson for shares, of poses covered by runs, whose cameras err together; worlds drawn again for quantiles.';

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

function figure({ caption, webp }: WorstPicture): Html {
  const data = `data:image/webp;base64,${Buffer.from(webp).toString('base64')}`;
  return html`<figure><img src="${data}" alt="${caption}"><figcaption>${caption}</figcaption></figure>`;
}
