import type { TaskPolicyManifest } from '../../control/index.ts';
import { type Html, html, selfContainedPage } from '../../datasets/index.ts';
import type { ModelStatus } from '../../perception/index.ts';
import { metricTable, number } from './card_metrics.ts';
import { CARD_STYLES } from './card_page.ts';

/** A policy for a task as an HTML page that needs nothing else. */
export function renderPolicyCard(manifest: TaskPolicyManifest, { bytes, verified, problem }: ModelStatus): string {
  const { name, version_of_policy, task, robot, rate_hz, licence, metrics, training, sha256 } = manifest;
  const kind = manifest.images === undefined ? 'told the state of the world' : 'sees by cameras';
  const values = Object.fromEntries(
    Object.entries(metrics).map(([metric, { value, interval }]) => [
      metric,
      { value, unit: '1', interval95: interval },
    ]),
  );
  const made = {
    ...{ command: training.command, method: training.method, seed: training.seed, randomisation: training.randomize },
    ...{ episodes: training.episodes, steps: training.steps, envelope_sha256: manifest.envelope_sha256 ?? 'none' },
  };
  const body = html`<main class="card">
<header class="page"><p class="kind">policy, ${kind}</p><h1>${name} ${version_of_policy}</h1>
<ul class="chips"><li class="badge ${verified ? 'ok' : 'bad'}">${verified ? 'pinned by the repository' : 'refused'}</li><li class="badge plain">${licence}</li><li class="badge plain">${number(bytes / 1e6)} MB</li></ul></header>
<p>${task} with ${robot}, asked ${rate_hz} times a second; ${manifest.chunk} actions an answer.</p>
<section id="limits"><h2>Limits</h2><ul class="limits">${limitsOf(manifest).map((text) => html`<li>${text}</li>`)}</ul></section>
<section id="interface"><h2>What it takes and gives</h2><div class="over"><table><thead><tr><th>told</th><th class="n">numbers</th><th>unit</th></tr></thead><tbody>
${manifest.observation.map((one) => html`<tr><td><code>${one.name}</code></td><td class="n">${one.size}</td><td>${one.unit}</td></tr>`)}
</tbody></table></div>${picturesOf(manifest)}<p>Answers: ${manifest.action.kind}, ${manifest.action.names.join(', ')}, each −1 to 1.</p></section>
<section><h2>Measured</h2><p class="told">In the last check of its training, on worlds of a seed of their own; 95 % intervals.</p>${metricTable(values)}</section>
<section id="training"><h2>How it was made</h2><table><tbody>${rowsOf(made)}</tbody></table>
<h3>Data</h3><div class="over"><table><thead><tr><th>SHA-256</th><th class="n">episodes</th></tr></thead><tbody>
${training.data.map((set) => html`<tr><td><code>${set.sha256}</code></td><td class="n">${set.episodes}</td></tr>`)}</tbody></table></div></section>
<section id="trust"><h2>Who vouches for it</h2><table><tbody>${rowsOf({ 'SHA-256': sha256, ...(problem === '' ? {} : { problem }) })}</tbody></table></section>
</main>`;
  return selfContainedPage({
    title: `${name} ${version_of_policy} · policy card`,
    body,
    scripts: [],
    styles: CARD_STYLES,
  });
}

function limitsOf({ images, confidence, training: { randomize, data } }: TaskPolicyManifest): readonly string[] {
  return [
    ...(images === undefined ? ['It is told where things are, as only a simulation knows it.'] : []),
    ...(confidence === undefined ? ['It does not say how sure it is, and never asks for help.'] : []),
    ...(randomize === 'none' ? ['It was trained in one world without randomisation; expect less in others.'] : []),
    ...(data.length === 0 ? ['Nobody told what it was trained on.'] : []),
    'No real arm was driven by it.',
  ];
}

function picturesOf({ images }: TaskPolicyManifest): Html | null {
  if (images === undefined) return null;
  const { cameras, width, height, channels } = images;
  return html`<p>Sees: ${cameras.join(', ')}, ${width} × ${height}, ${channels === 4 ? 'colour and depth' : 'colour'}.</p>`;
}

function rowsOf(facts: Readonly<Record<string, string | number>>): readonly Html[] {
  return Object.entries(facts).map(
    ([name, value]) => html`<tr><th scope="row">${name.replaceAll('_', ' ')}</th><td><code>${value}</code></td></tr>`,
  );
}
