import type { DatasetEpisode } from '../dataset/schema.ts';
import { type Html, html } from '../report/escape.ts';
import { plural, seconds } from '../report/format.ts';
import { stageHue } from '../report/series.ts';
import { figures } from './charts.ts';
import type { EpisodeLook } from './episode_look.ts';
import type { Filmstrip } from './filmstrip.ts';
import { more } from './sections.ts';

const MOST_ROWS = 2000;

/** An episode in pictures: a strip of each camera over its stages. */
export function filmCard(episode: DatasetEpisode, look: EpisodeLook): Html {
  const { id, task, text, objects, duration_s, outcome, quality, split, engine, robot } = episode;
  const told = [robot.name, engine, task, objects.join(', '), seconds(duration_s), split, scoreOf(quality?.score)];
  return html`<article class="film" id="${`episode-${id}`}"><header>${badge(outcome.success)}<h3>${id}</h3>
<p>${told.filter((word) => word !== null && word !== '').join(' · ')}</p></header>
${text === '' ? null : html`<p class="told">${text}</p>`}
${outcome.success === false ? html`<p class="failure"><b>${outcome.stage || 'stage not told'}</b> ${outcome.reason}</p>` : null}
${look.strips.map(strip)}
${stages(look, duration_s)}
${(quality?.findings.length ?? 0) === 0 ? null : html`<p class="told">${quality?.findings.slice(0, 5).map(({ severity, check, detail }) => html`<span class="chip ${severity}">${severity}</span> ${check}: ${detail} `) ?? []}</p>`}
</article>`;
}

function strip({ camera, frames }: Filmstrip): Html {
  return html`<div class="strip"><span class="camera">${camera}</span><div class="frames">${frames.map(
    ({ jpeg, width, height, time_s }) => {
      const data = Buffer.from(jpeg).toString('base64');
      return html`<figure><img src="data:image/jpeg;base64,${data}" width="${width}" height="${height}" alt="${`${camera} at ${seconds(time_s)}`}" loading="lazy" decoding="async"><figcaption>${seconds(time_s)}</figcaption></figure>`;
    },
  )}</div></div>`;
}

function stages({ stages: spans }: EpisodeLook, duration_s: number): Html | null {
  if (spans.length === 0) return null;
  const total = Math.max(duration_s, 1e-9, ...spans.map(({ end_s }) => end_s));
  const at = (time_s: number) => `${Math.max(0, Math.min(100, (100 * time_s) / total)).toFixed(2)}%`;
  return html`<div class="timeline" role="img" aria-label="${`Stages: ${spans.map(({ name }) => name).join(', ')}`}">${spans
    .slice(0, 200)
    .map(
      ({ name, start_s, end_s }) =>
        html`<span class="span" style="left:${at(start_s)};width:${at(end_s - start_s)};--hue:${stageHue(name)}" title="${`${name}: ${seconds(start_s)} to ${seconds(end_s)}`}"><i>${name}</i></span>`,
    )}</div>`;
}

/** Every episode in a row. */
export function episodeTable(
  episodes: readonly DatasetEpisode[],
  pictured: ReadonlySet<string>,
  unreadable: ReadonlyMap<string, string>,
): Html {
  return html`<section class="panel" id="all"><h2>All episodes</h2><div class="over"><table class="small all"><thead><tr><th scope="col">episode</th><th scope="col">outcome</th><th scope="col">task</th><th scope="col">objects</th><th scope="col" class="n">length</th><th scope="col">split</th><th scope="col" class="n">quality</th></tr></thead>
<tbody>${episodes.slice(0, MOST_ROWS).map(({ id, outcome, task, objects, duration_s, split, quality }) => {
    const broken = unreadable.get(id);
    return html`<tr><td>${pictured.has(id) ? html`<a href="#${`episode-${id}`}">${id}</a>` : id}</td>
<td>${badge(outcome.success)} ${broken === undefined ? null : html`<span class="chip major" title="${broken}">cannot be read</span> `}${outcome.success === false ? outcome.stage : ''}</td>
<td>${task}</td><td>${objects.join(', ')}</td><td class="n">${seconds(duration_s)}</td><td>${split ?? '–'}</td><td class="n">${quality === null ? '–' : figures(quality.score)}</td></tr>`;
  })}</tbody></table></div>${more(episodes.length - MOST_ROWS)}</section>`;
}

function badge(success: boolean | null): Html {
  if (success === null) return html`<span class="badge none">not judged</span>`;
  return html`<span class="badge ${success ? 'ok' : 'bad'}">${success ? 'success' : 'failed'}</span>`;
}

function scoreOf(score: number | undefined): string | null {
  return score === undefined ? null : `quality ${figures(score)}`;
}

/** What the strips leave out. */
export function pictureNote(shown: number, all: number): string {
  return shown === all
    ? plural(all, 'episode')
    : `${shown} of ${plural(all, 'episode')}, of every task and outcome in turn; the others stand in the table`;
}
