import { COUNT_NAMES, type EpisodeRecord } from '../run/run_record.ts';
import { COUNT_WORDS } from './counts_section.ts';
import { type Html, html } from './escape.ts';
import { duration, millimetres, plural, seconds } from './format.ts';
import { picture } from './picture.ts';
import { planTable } from './plan_table.ts';
import { stageHue } from './series.ts';

const CAPTIONS = ['Start', 'End'];

/** Everything about one episode. */
export function episodeSection(episode: EpisodeRecord): Html {
  const { index, success, object, images, recording } = episode;
  return html`
<article class="episode ${success ? 'ok' : 'bad'}" id="episode-${index}" data-success="${String(success)}">
<header>
<h3><a href="#episode-${index}">Episode ${index}</a></h3>
<span class="badge ${success ? 'ok' : 'bad'}">${success ? 'success' : 'failed'}</span>
<span class="object">${object}</span>
<a class="top" href="#episodes">all episodes</a>
</header>
${success ? null : html`<p class="failure"><b>${episode.stage || 'unknown stage'}</b> ${episode.reason}</p>`}
${numbers(episode)}
<div class="pictures">${images.map((image, i) => picture(image, CAPTIONS[i] ?? `Picture ${i + 1}`))}</div>
${timeline(episode)}
${plots(episode)}
<div class="tables">
${latencies(episode)}
${interventions(episode)}
${checks(episode)}
</div>
${planTable(episode.plan_stages ?? [])}
${recording === '' ? null : html`<p class="recording">Recording <a href="${`episodes/${encodeURIComponent(recording)}`}"><code>${recording}</code></a></p>`}
</article>`;
}

function numbers(episode: EpisodeRecord): Html {
  const facts: [string, string][] = [
    ['from the target', millimetres(episode.placement_error_m)],
    ['simulated', seconds(episode.sim_seconds)],
    ['to compute', seconds(episode.wall_seconds)],
    [episode.attempts === 1 ? 'attempt' : 'attempts', String(episode.attempts)],
    [episode.interventions.length === 1 ? 'gate event' : 'gate events', String(episode.interventions.length)],
  ];
  const { counts } = episode;
  for (const name of counts === undefined ? [] : COUNT_NAMES)
    if (counts !== undefined && counts[name] > 0) facts.push([COUNT_WORDS[name], String(counts[name])]);
  return html`<ul class="numbers">${facts.map(([name, value]) => html`<li><b>${value}</b> ${name}</li>`)}</ul>`;
}

/** Stages on the episode's time, to scale, with a mark for every gate event. */
function timeline({ stages, interventions: events, sim_seconds }: EpisodeRecord): Html | null {
  const total = Math.max(sim_seconds, ...stages.map((stage) => stage.end_s), 1e-9);
  const at = (time_s: number) => `${Math.max(0, Math.min(100, (100 * time_s) / total)).toFixed(2)}%`;
  if (stages.length === 0) return null;
  return html`<div class="timeline" role="img" aria-label="${`Stages: ${stages.map((stage) => stage.name).join(', ')}`}">${stages.map(
    ({ name, start_s, end_s }) =>
      html`<span class="span" style="left:${at(start_s)};width:${at(end_s - start_s)};--hue:${stageHue(name)}" title="${`${name}: ${seconds(start_s)} to ${seconds(end_s)}`}"><i>${name}</i></span>`,
  )}${events.map(
    ({ time_s, reason }) =>
      html`<span class="event" style="left:${at(time_s)}" title="${`${seconds(time_s)}: ${reason}`}"></span>`,
  )}</div>
<ol class="stages">${stages.map(
    ({ name, start_s, end_s }) =>
      html`<li style="--hue:${stageHue(name)}">${name} <b>${seconds(end_s - start_s)}</b></li>`,
  )}</ol>`;
}

function plots({ index, time_s }: EpisodeRecord): Html | null {
  if (time_s.length < 2) return null;
  return html`<div class="plots" data-plots="${index}">
<figure><figcaption>Joint positions, rad</figcaption><div class="plot" data-plot="joints"></div></figure>
<figure><figcaption>Speed of the tool centre, m/s</figcaption><div class="plot" data-plot="speed"></div></figure>
</div>`;
}

function latencies({ latency }: EpisodeRecord): Html | null {
  const rows = Object.entries(latency);
  if (rows.length === 0) return null;
  return html`<table class="small"><caption>Time per call</caption>
<thead><tr><th scope="col">stage</th><th scope="col" class="n">median</th><th scope="col" class="n">95 %</th><th scope="col" class="n">calls</th></tr></thead>
<tbody>${rows.map(
    ([stage, { p50_s, p95_s, calls }]) =>
      html`<tr><th scope="row">${stage}</th><td class="n">${duration(p50_s)}</td><td class="n">${duration(p95_s)}</td><td class="n">${calls}</td></tr>`,
  )}</tbody></table>`;
}

const MAX_EVENTS = 12;

function interventions({ interventions: events }: EpisodeRecord): Html | null {
  if (events.length === 0) return null;
  const more = events.length - MAX_EVENTS;
  return html`<table class="small"><caption>Gate events</caption>
<thead><tr><th scope="col" class="n">at</th><th scope="col">reason</th></tr></thead>
<tbody>${events.slice(0, MAX_EVENTS).map(({ time_s, reason }) => html`<tr><td class="n">${`${time_s.toFixed(3)} s`}</td><td>${reason}</td></tr>`)}
${more > 0 ? html`<tr><td></td><td>and ${plural(more, 'more')}</td></tr>` : null}</tbody></table>`;
}

function checks({ checks: results }: EpisodeRecord): Html | null {
  const rows = Object.entries(results);
  if (rows.length === 0) return null;
  return html`<table class="small"><caption>Checks</caption><tbody>${rows.map(
    ([name, holds]) =>
      html`<tr><td class="mark ${holds ? 'ok' : 'bad'}">${mark(holds)}</td><th scope="row">${name.replaceAll('_', ' ')}</th></tr>`,
  )}</tbody></table>`;
}

const mark = (holds: boolean): Html =>
  html`<svg viewBox="0 0 12 12" role="img" aria-label="${holds ? 'holds' : 'does not hold'}"><path d="${holds ? 'M2 6.5 5 9.5 10 3' : 'M3 3l6 6M9 3l-6 6'}"/></svg>`;
