import type { EpisodeRecord, RunRecord } from '../run/run_record.ts';
import { type Html, html } from './escape.ts';
import { millimetres, percent, plural, seconds } from './format.ts';

/** Top of the page: how the run went, and what was run on what. */
export function overview(run: RunRecord): Html {
  const { episodes, success_rate, wilson95 } = run;
  const successes = episodes.filter((episode) => episode.success).length;
  const events = episodes.reduce((sum, episode) => sum + episode.interventions.length, 0);
  const tiles: [string, string][] = [
    [
      millimetres(median(episodes.filter((e) => e.success).map((e) => e.placement_error_m))),
      'median distance from the target',
    ],
    [seconds(median(episodes.map((e) => e.sim_seconds))), 'median duration'],
    [`${run.real_time_factor.toFixed(1)}×`, 'real time'],
    [String(events), events === 1 ? 'gate event' : 'gate events'],
  ];
  return html`<header class="page">
<p class="kind">${headline(run)} · <a href="#facts">what was run</a></p>
<h1>${episodes.length === 0 ? 'No episode was finished' : `${successes} of ${plural(episodes.length, 'episode')} succeeded`}</h1>
${run.interrupted ? html`<p class="notice">The run was interrupted; what was finished by then is shown.</p>` : null}
${
  episodes.length === 0
    ? null
    : html`<div class="score"><div class="rate"><b>${percent(success_rate)}</b><span>success</span></div>${interval(success_rate, wilson95)}</div>
<ul class="tiles">${tiles.map(([value, name]) => html`<li><b>${value}</b><span>${name}</span></li>`)}</ul>`
}
${failures(episodes)}
</header>`;
}

/** The run in a few words: task, policy, seed, model. */
function headline({ options, model }: RunRecord): string {
  const named = ['engine', 'policy', 'seed'].filter((name) => options[name] !== undefined);
  const words = named.map((name) => `${name} ${options[name]}`);
  return ['surepick', String(options.task ?? 'run'), ...words, ...(model === null ? [] : [model.name])].join(' · ');
}

/** The rate with its 95 % Wilson interval on a scale of 0 to 100 %. */
function interval(rate: number, [low, high]: readonly [number, number]): Html {
  const at = (fraction: number) => `${(100 * fraction).toFixed(2)}%`;
  return html`<div class="interval" role="img" aria-label="${`95 % interval ${percent(low)} to ${percent(high)}`}">
<div class="scale"><span class="range" style="left:${at(low)};width:${at(high - low)}"></span><span class="point" style="left:${at(rate)}"></span></div>
<div class="labels"><span>0</span><span>95 % interval (Wilson): ${percent(low)} to ${percent(high)}</span><span>100 %</span></div>
</div>`;
}

function failures(episodes: readonly EpisodeRecord[]): Html | null {
  const failed = episodes.filter((episode) => !episode.success);
  if (failed.length === 0) return null;
  const stages = [...new Set(failed.map((episode) => episode.stage))];
  const count = (stage: string) => failed.filter((episode) => episode.stage === stage).length;
  return html`<p class="failures">Failed in ${stages
    .sort((a, b) => count(b) - count(a))
    .map((stage) => html`<span class="chip">${stage || 'unknown stage'} <b>${count(stage)}</b></span> `)}</p>`;
}

/** What was run: enough to run it again. */
export function facts(run: RunRecord): Html {
  const groups: [string, [string, string][]][] = [
    [
      'Run',
      [
        ['run', run.run_id],
        ['command', run.command],
        ['digest', run.digest || '–'],
      ],
    ],
    [
      'Model',
      run.model === null
        ? run.degraded_reason
          ? [
              ['model', 'none: the classical detector stood in'],
              ['why', run.degraded_reason],
            ]
          : [['model', 'none']]
        : [
            ['name', run.model.name],
            ['SHA-256', run.model.sha256],
          ],
    ],
    ['Options', Object.entries(run.options).map(([name, value]) => [name, String(value)])],
    ['Versions', Object.entries(run.versions).map(([name, value]) => [name, value])],
    ['Machine', Object.entries(run.machine).map(([name, value]) => [name, value])],
  ];
  return html`<section class="facts" id="facts"><h2>What was run</h2>
<div class="groups">${groups.map(
    ([title, rows]) =>
      html`<section><h3>${title}</h3><dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></section>`,
  )}</div></section>`;
}

interface Column {
  readonly title: string;
  /** How cells are aligned and rows sorted. */
  readonly kind: 'text' | 'id' | 'number';
  readonly value: (episode: EpisodeRecord) => string | number;
  readonly cell: (episode: EpisodeRecord) => string | Html;
}

const COLUMNS: readonly Column[] = [
  {
    title: 'episode',
    kind: 'id',
    value: (e) => e.index,
    cell: (e) => html`<a href="#episode-${e.index}">${e.index}</a>`,
  },
  {
    title: 'result',
    kind: 'text',
    value: (e) => (e.success ? 'success' : `failed ${e.stage}`),
    cell: (e) => html`<span class="badge ${e.success ? 'ok' : 'bad'}">${e.success ? 'success' : 'failed'}</span>`,
  },
  { title: 'object', kind: 'text', value: (e) => e.object, cell: (e) => e.object },
  {
    title: 'failed in',
    kind: 'text',
    value: (e) => e.stage,
    cell: (e) => (e.success ? '' : html`<b>${e.stage || 'unknown stage'}</b>: ${e.reason}`),
  },
  {
    title: 'off target',
    kind: 'number',
    value: (e) => (Number.isFinite(e.placement_error_m) ? e.placement_error_m : ''),
    cell: (e) => millimetres(e.placement_error_m),
  },
  { title: 'duration', kind: 'number', value: (e) => e.sim_seconds, cell: (e) => seconds(e.sim_seconds) },
  { title: 'attempts', kind: 'number', value: (e) => e.attempts, cell: (e) => String(e.attempts) },
  {
    title: 'gate events',
    kind: 'number',
    value: (e) => e.interventions.length,
    cell: (e) => String(e.interventions.length),
  },
];

/** One row an episode; the page's script sorts by any column. */
export function summaryTable(episodes: readonly EpisodeRecord[]): Html {
  const columns = COLUMNS.filter(({ title }) => title !== 'failed in' || episodes.some((episode) => !episode.success));
  return html`<section id="episodes"><div class="bar"><h2>Episodes</h2>
<label class="only" hidden><input type="checkbox" id="only-failures"> failures only</label></div>
<div class="scroll"><table class="summary" id="summary">
<thead><tr>${columns.map(({ title, kind }) => html`<th scope="col" class="${kind}">${title}</th>`)}</tr></thead>
<tbody>${episodes.map(
    (episode) =>
      html`<tr class="${episode.success ? 'ok' : 'bad'}">${columns.map(
        ({ title, kind, value, cell }) =>
          html`<td class="${kind}${title === 'failed in' ? ' wide' : ''}" data-value="${String(value(episode))}">${wrap(cell(episode))}</td>`,
      )}</tr>`,
  )}</tbody></table></div></section>`;
}

const wrap = (content: string | Html): Html => (typeof content === 'string' ? html`${content}` : content);

function median(values: readonly number[]): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
