import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import type { DatasetIndex } from '../dataset/schema.ts';
import { type Html, html } from '../report/escape.ts';
import { selfContainedPage } from '../report/page.ts';
import { histogram, sketch } from './charts.ts';
import type { Examined } from './examine.ts';
import type { Observation } from './observation.ts';

/** Plots of one episode, episodes with plots, and episodes with a section, worst first: a page must stay one that opens. */
const MOST_SKETCHES = 12;
const MOST_PLOTTED = 40;
const MOST_SECTIONS = 200;
const RANK = { major: 0, minor: 1, note: 2 } as const;

/** What was found, as one page that needs nothing else: distributions, then every episode with a finding, worst first. */
export function renderQuality({ name, revision, episodes: all }: DatasetIndex, examined: readonly Examined[]): string {
  const sorted = [...examined].sort((a, b) => a.score - b.score || (a.episode.id < b.episode.id ? -1 : 1));
  const found = sorted.filter(({ observations }) => observations.length > 0);
  const clean = sorted.length - found.length;
  const mean = examined.reduce((sum, { score }) => sum + score, 0) / Math.max(1, examined.length);
  const cut = examined.length < all.length ? `; ${all.length - examined.length} not looked at` : '';
  const tiles: [string, string][] = [
    [String(examined.length), 'episodes'],
    [mean.toFixed(2), 'mean score'],
    [String(clean), 'without a finding'],
    [String(count(examined, 'major')), 'with a major finding'],
    [String(count(examined, 'minor')), 'with a minor one'],
  ];
  const body = html`<main>
<header class="page"><p class="kind">surepick · quality</p><h1>${name}</h1><p>${`Revision ${revision}${cut}`}</p>
<ul class="tiles">${tiles.map(([value, told]) => html`<li><b>${value}</b><span>${told}</span></li>`)}</ul></header>
<section class="episode"><h2>Distributions</h2><div class="scores">
${chart(
  'Score',
  histogram(
    examined.map(({ score }) => score),
    20,
    '',
    0,
    1,
  ),
)}
${chart(
  'Length of episodes',
  histogram(
    examined.map(({ episode }) => episode.duration_s),
    20,
    's',
  ),
)}
${rates(examined)}</div>${kinds(examined)}</section>
${found.slice(0, MOST_SECTIONS).map((of, k) => section(of, k < MOST_PLOTTED))}
${found.length > MOST_SECTIONS ? html`<p class="more">${`and ${found.length - MOST_SECTIONS} more episodes with a better score; surepick dataset quality --json lists them all`}</p>` : null}
</main><footer>${`A score is the product of what the gravest finding of each check leaves: 0.98 a note, 0.8 a minor one, 0.4 a major one.`}</footer>`;
  const styles = readFileSync(join(PACKAGE_ROOT, 'datasets', 'quality', 'report.css'), 'utf8');
  return selfContainedPage({ title: `${name} · surepick quality`, body, scripts: [], styles });
}

const count = (examined: readonly Examined[], wanted: Observation['severity']): number =>
  examined.filter(({ observations }) => observations.some(({ severity }) => severity === wanted)).length;

const chart = (caption: string, plot: Html): Html => html`<figure><figcaption>${caption}</figcaption>${plot}</figure>`;

function rates(examined: readonly Examined[]): Html[] {
  const names = [...new Set(examined.flatMap(({ rates_hz }) => Object.keys(rates_hz)))];
  return names.map((name) =>
    chart(
      `Rate of ${name}`,
      histogram(
        examined.flatMap(({ rates_hz }) => rates_hz[name] ?? []),
        20,
        'Hz',
        0,
      ),
    ),
  );
}

/** How many episodes have which finding. */
function kinds(examined: readonly Examined[]): Html {
  const checks = [...new Set(examined.flatMap(({ observations }) => observations.map(({ check }) => check)))].sort();
  if (checks.length === 0) return html`<p>Nothing was found.</p>`;
  const having = (check: string, wanted: Observation['severity']) =>
    examined.filter(({ observations }) => observations.some((of) => of.check === check && of.severity === wanted))
      .length;
  return html`<table class="quality"><thead><tr><th>check</th><th>major</th><th>minor</th><th>note</th></tr></thead><tbody>${checks.map(
    (check) =>
      html`<tr><td>${check.replaceAll('_', ' ')}</td><td class="number">${having(check, 'major')}</td><td class="number">${having(check, 'minor')}</td><td class="number">${having(check, 'note')}</td></tr>`,
  )}</tbody></table>`;
}

function section({ episode, score, observations }: Examined, plotted: boolean): Html {
  const sorted = [...observations].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
  const plots = plotted ? sorted.filter(({ plot }) => plot !== undefined).slice(0, MOST_SKETCHES) : [];
  const success = episode.outcome.success;
  const outcome =
    success === null ? 'nobody said how it went' : success ? 'success' : `failed ${episode.outcome.stage}`;
  return html`<section class="episode" id="${`episode-${episode.id}`}"><h2>${episode.id}</h2>
<p>${`score ${score.toFixed(2)} · ${episode.duration_s.toFixed(1)} s · ${episode.task || 'unknown task'} · ${outcome}`}</p>
${lanes(sorted, episode.duration_s)}
<div class="over"><table class="quality findings"><thead><tr><th></th><th>check</th><th>when</th><th>what</th><th>remedy</th></tr></thead><tbody>${sorted.map(row)}</tbody></table></div>
${plots.length === 0 ? null : html`<p class="key"><i class="shade"></i>where it was found <i class="dash"></i>the limit</p><div class="sketches">${plots.flatMap(drawn)}</div>`}</section>`;
}

function drawn({ plot, from_s, to_s }: Observation): Html[] {
  if (plot === undefined) return [];
  return [html`<figure class="sketch"><figcaption>${plot.label}</figcaption>${sketch(plot, from_s, to_s)}</figure>`];
}

function row({ check, severity, detail, fix, from_s, to_s }: Observation): Html {
  return html`<tr><td><span class="severity ${severity}">${severity}</span></td><td>${check.replaceAll('_', ' ')}</td><td class="number">${`${from_s.toFixed(2)}–${to_s.toFixed(2)} s`}</td><td class="what">${detail}</td><td class="fix">${fix}</td></tr>`;
}

/** A lane a check over the time of the episode; what is grave lies above the rest. @param observations  gravest first */
function lanes(observations: readonly Observation[], duration_s: number): Html {
  const length = Math.max(1e-9, duration_s, ...observations.map(({ to_s }) => to_s));
  const share = (time_s: number) => (100 * Math.min(length, Math.max(0, time_s))) / length;
  const percent = (value: number) => `${value.toFixed(2)}%`;
  const checks = [...new Set(observations.map(({ check }) => check))];
  return html`<div class="lanes" role="img" aria-label="findings over time">${checks.map(
    (check) =>
      html`<span>${check.replaceAll('_', ' ')}</span><span class="lane">${observations
        .filter((of) => of.check === check)
        .reverse()
        .map(
          ({ severity, from_s, to_s, detail }) =>
            html`<i class="${severity}" style="left:${percent(share(from_s))};width:${percent(share(to_s) - share(from_s))}" title="${detail}"></i>`,
        )}</span>`,
  )}<span></span><span class="ends"><span>0.0 s</span><span>${`${length.toFixed(1)} s`}</span></span></div>`;
}
