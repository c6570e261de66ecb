import { type Html, html, selfContainedPage } from '../../datasets/index.ts';
import { type MetricSet, type ModelManifest, reliabilitySvg } from '../../perception/index.ts';
import type { CheckedModel } from './all_models.ts';
import { metricTable, number, reliabilitySection } from './card_metrics.ts';

/** Of the cards of models and policies. */
export const CARD_STYLES = `
main{max-width:980px;margin:0 auto;padding:24px 18px 60px}
.card section{margin-top:26px}
.card table{border-collapse:collapse;width:100%}
.card th,.card td{text-align:left;padding:5px 10px 5px 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
.card th[scope=row]{white-space:nowrap;padding-right:18px}
.card td.n,.card th.n{text-align:right;font-variant-numeric:tabular-nums}
.card .scale{width:180px}
.card .scale svg{display:block;width:100%;height:12px}
.card code{font-size:12.5px;overflow-wrap:anywhere}
.card .diagram{max-width:420px}
.card .over{overflow-x:auto}
.card ul.limits{padding-left:20px;list-style:disc}
.card h3{margin-top:18px}
.card .diagram{margin-top:14px}
.card .chips{gap:8px;margin-top:10px}
`;

/** One model as an HTML page that needs nothing else. */
export function renderModelCard(manifest: ModelManifest, checked: CheckedModel): string {
  const { name, version, description, metrics, calibration } = manifest;
  const body = html`<main class="card">
${heading(manifest, checked)}
<p>${description}</p>
${limits(manifest)}
${takes(manifest)}
${metrics.map((set) => metricSection(set))}
${calibration === undefined ? null : reliabilitySection(calibration, reliabilitySvg)}
${training(manifest)}
${vouched(manifest, checked)}
</main>`;
  return selfContainedPage({ title: `${name} ${version} · model card`, body, scripts: [], styles: CARD_STYLES });
}

const VOUCHED = {
  pinned: ['ok', 'pinned by the repository'],
  trusted: ['ok', 'signed'],
  unsigned: ['warn', 'signed by nobody'],
  refused: ['bad', 'refused'],
} as const;

function heading({ name, version, role, licence, bytes }: ModelManifest, { state, ok }: CheckedModel): Html {
  const [look, word] = VOUCHED[ok ? state : 'refused'];
  return html`<header class="page"><p class="kind">model, ${role}</p><h1>${name} ${version}</h1>
<ul class="chips"><li class="badge ${look}">${word}</li><li class="badge plain">${licence}</li><li class="badge plain">${number(bytes / 1e6)} MB</li></ul></header>`;
}

function limits({ limits: told, calibration, training: made, golden }: ModelManifest): Html {
  const found = [
    ...told,
    ...(calibration === undefined ? ['It does not say how sure it is: it has no calibration.'] : []),
    ...(made.data_sha256 === '' ? ['Nobody told what it was trained with.'] : []),
    ...(golden === undefined ? ['It has no golden inputs: that it runs here as it ran there cannot be checked.'] : []),
  ];
  return html`<section id="limits"><h2>Limits</h2><ul class="limits">${found.map((text) => html`<li>${text}</li>`)}</ul></section>`;
}

function takes({ inputs, outputs, preprocessing, classes, heads }: ModelManifest): Html {
  const tensors = [...inputs.map((one) => ['takes', one] as const), ...outputs.map((one) => ['gives', one] as const)];
  const { width, height, pixels_per_cell, resize, channels } = preprocessing;
  const most = `${width} × ${height} cells`;
  const cells =
    pixels_per_cell === undefined ? most : `one cell for ${pixels_per_cell} pixels each way, at most ${most}`;
  const used = Object.entries(heads).flatMap(([head, told]) => (told === undefined ? [] : [`${head}: ${told.output}`]));
  return html`<section id="interface"><h2>What it takes and gives</h2>
<div class="over"><table><thead><tr><th></th><th>name</th><th>shape</th><th>what</th><th>units</th></tr></thead><tbody>
${tensors.map(([way, one]) => html`<tr><td>${way}</td><td><code>${one.name}</code></td><td>${one.layout} ${one.shape.join(' × ')}</td><td>${one.what}</td><td>${one.units}</td></tr>`)}
</tbody></table></div>
<p>Pictures become ${cells} (${resize}); value = limits(scale · what + offset):</p>
<div class="over"><table><thead><tr><th>channel</th><th class="n">scale</th><th class="n">offset</th><th class="n">limits</th><th class="n">without depth</th></tr></thead><tbody>
${channels.map((one) => html`<tr><td>${one.what}</td><td class="n">${number(one.scale)}</td><td class="n">${number(one.offset)}</td><td class="n">${one.limits === undefined ? '–' : one.limits.map(number).join(' to ')}</td><td class="n">${one.what === 'height' || one.what === 'depth' ? number(one.missing) : ''}</td></tr>`)}
</tbody></table></div>
<p>Classes: ${classes.map(({ name, means }) => (name === means ? name : `${name} (${means})`)).join(', ')}. Heads: ${used.join(', ')}.</p></section>`;
}

function metricSection(set: MetricSet): Html {
  const seed = set.seed === null ? '' : `, seed ${set.seed}`;
  return html`<section><h2>Measured: ${set.set}</h2><p class="told">${set.pictures} pictures${seed}; 95 % intervals.</p>${metricTable(set.values)}</section>`;
}

function training({ training: made }: ModelManifest): Html {
  const { rebuild, ...facts } = made;
  const told = rebuild === undefined ? 'not told' : `${rebuild.outcome.replaceAll('_', ' ')}: ${rebuild.why}`;
  const rows = Object.entries(facts).map(
    ([name, value]) =>
      html`<tr><th scope="row">${name.replaceAll('_', ' ')}</th><td><code>${String(value)}</code></td></tr>`,
  );
  return html`<section id="training"><h2>How it was made</h2><table><tbody>${rows}
<tr><th scope="row">made again</th><td>${told}</td></tr></tbody></table></section>`;
}

function vouched({ sha256 }: ModelManifest, { state, signed_by, golden, problem }: CheckedModel): Html {
  const ran =
    golden === null
      ? 'none, or not run'
      : `${golden.cases} inputs, ${golden.compared} values, greatest difference ${number(golden.worst)} (allowed ${number(golden.tolerance)})`;
  const by = state === 'trusted' ? `signed by ${signed_by}` : VOUCHED[state][1];
  return html`<section id="trust"><h2>Who vouches for it</h2><table><tbody>
<tr><th scope="row">SHA-256</th><td><code>${sha256}</code></td></tr>
<tr><th scope="row">trust</th><td>${by}</td></tr>
<tr><th scope="row">golden inputs</th><td>${ran}</td></tr>
${problem === '' ? null : html`<tr><th scope="row">problem</th><td>${problem}</td></tr>`}
</tbody></table></section>`;
}
