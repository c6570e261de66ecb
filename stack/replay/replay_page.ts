import { type ChartData, chart, chartScript, type Html, html, selfContainedPage } from '../../datasets/index.ts';
import type { DriftNumbers } from './drift.ts';
import type { EpisodeOpenLoop } from './open_loop_episode.ts';
import type { OpenLoopTally, ReplayTally } from './replay_all.ts';
import { CONTROLLED_BY, differenceText, measuredText } from './replay_words.ts';

const MOST_ROWS = 2000;
const MOST_PLOTTED = 24;

/** A tally of replays as one page that needs nothing else. */
export function replayPage({ replays, same, asked, interrupted }: ReplayTally): string {
  const rows = replays.slice(0, MOST_ROWS).map(
    (
      replay,
    ) => html`<tr><td>${replay.id}</td><td><span class="badge ${replay.result === 'same' ? 'ok' : 'bad'}">${replay.result}</span></td>
<td>${replay.task}</td><td>${replay.engine}</td><td class="number">${replay.compared?.messages ?? 0}</td><td class="wide">${differenceText(replay)}</td><td class="wide">${replay.reasons.join('; ')}</td></tr>`,
  );
  const body = html`<main><header class="page"><p class="kind">surepick dataset replay</p>
<h1>${same} of ${asked} replayed to the byte</h1>
${interrupted ? html`<p class="notice">It was interrupted after ${replays.length}.</p>` : null}
<p class="failures">Measured on the wall clock and not compared: ${measuredText()}.</p></header>
${table(['episode', 'result', 'task', 'engine', 'messages', 'differs first', 'why'], rows)}${more(replays.length)}</main>`;
  return selfContainedPage({ title: `${same} of ${asked} replayed`, body, scripts: [] });
}

/** What was played in the open loop, with plots of how it drifted, as one page that needs nothing else. */
export function openLoopPage({ replays, played, asked, interrupted }: OpenLoopTally): string {
  const rows = replays.slice(0, MOST_ROWS).map(driftRow);
  const plotted = replays.filter(({ series }) => series !== null).slice(0, MOST_PLOTTED);
  const head = [
    'episode',
    'recorded in',
    'played in',
    'joints, p95',
    'most',
    'tool, p95',
    'most',
    'objects, final',
    'gate events',
    'to be known',
  ];
  const body = html`<main><header class="page"><p class="kind">surepick dataset replay, open loop</p>
<h1>${played} of ${asked} played in the open loop</h1>
${interrupted ? html`<p class="notice">It was interrupted after ${replays.length}.</p>` : null}
<p class="failures">Controlled by ${CONTROLLED_BY}. Drift is from what happened in the closed loop, every 20 ms.</p></header>
${table(head, rows)}${more(replays.length)}
${plotted.map(plots)}</main>`;
  return selfContainedPage({ title: `${played} of ${asked} in the open loop`, body, scripts: [chartScript()] });
}

function table(head: readonly string[], rows: readonly Html[]): Html {
  return html`<div class="scroll"><table class="summary"><thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function driftRow(driven: EpisodeOpenLoop): Html {
  const { id, recorded_engine, engine, joints_rad, tool, objects, interventions, reasons } = driven;
  const final = objects.map(({ mm }) => mm.final);
  return html`<tr><td>${id}</td><td>${recorded_engine}</td><td>${engine || '–'}</td>
<td class="number">${told(joints_rad, 'p95', 'rad')}</td><td class="number">${told(joints_rad, 'max', 'rad')}</td>
<td class="number">${told(tool?.mm ?? null, 'p95', 'mm')}</td><td class="number">${told(tool?.mm ?? null, 'max', 'mm')}</td>
<td class="number">${final.length === 0 ? '–' : `${figures(Math.max(...final))} mm`}</td><td class="number">${interventions}</td><td class="wide">${reasons.join('; ')}</td></tr>`;
}

function plots(episode: EpisodeOpenLoop): Html {
  const { id, recorded_engine, engine, joints_rad, tool, objects } = episode;
  const rows = [
    html`<tr><th scope="row">joints</th>${numbers(joints_rad, 'rad')}</tr>`,
    ...[...(tool === null ? [] : [tool]), ...objects].map(
      ({ name, mm, deg }) =>
        html`<tr><th scope="row">${name}</th>${numbers(mm, 'mm')}</tr><tr><th scope="row"></th>${numbers(deg, 'deg')}</tr>`,
    ),
  ];
  return html`<article class="episode"><header><h3>${id}</h3><span class="object">recorded in ${recorded_engine}, played in ${engine}</span></header>
${charts(episode).map(([caption, data]) => html`<figure class="plots-row"><figcaption>${caption}</figcaption>${chart(data)}</figure>`)}
<table class="small"><thead><tr><th scope="col"></th><th scope="col" class="n">median</th><th scope="col" class="n">p95</th><th scope="col" class="n">most</th><th scope="col" class="n">at the end</th></tr></thead><tbody>${rows}</tbody></table></article>`;
}

/** Captions and charts of how one episode drifted. */
function charts({ series, objects }: EpisodeOpenLoop): (readonly [string, ChartData])[] {
  if (series === null) return [];
  const short = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(4)));
  const mm = (values: readonly number[]) => short(values.map((value) => 1000 * value));
  const x = { label: 't', unit: 's', values: series.time_s.map((time) => Number(time.toFixed(3))) };
  return [
    ['Joint that is furthest, rad', { x, unit: 'rad', series: [{ name: 'joints', values: short(series.joints_rad) }] }],
    ['Tool, mm', { x, unit: 'mm', series: [{ name: 'tool', values: mm(series.tool_m) }] }],
    [
      'Objects, mm',
      { x, unit: 'mm', series: objects.map(({ name }, i) => ({ name, values: mm(series.objects_m[i]) })) },
    ],
  ];
}

function numbers(drift: DriftNumbers | null, unit: string): Html {
  return html`${(['median', 'p95', 'max', 'final'] as const).map((name) => html`<td class="n">${told(drift, name, unit)}</td>`)}`;
}

const told = (drift: DriftNumbers | null, name: keyof DriftNumbers, unit: string): string =>
  drift === null ? '–' : `${figures(drift[name])} ${unit}`;

/** Three figures; less than a millionth is none. */
export function figures(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return Math.abs(value) < 1e-6 ? '0' : String(Number(value.toPrecision(3)));
}

function more(rows: number): Html | null {
  return rows > MOST_ROWS ? html`<p class="failures">and ${rows - MOST_ROWS} more</p>` : null;
}
