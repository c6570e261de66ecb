import { type Html, html, selfContainedPage } from '../../datasets/index.ts';
import type { Entry } from './chronicle.ts';
import { jpegOf, SPECTATOR } from './film.ts';
import type { ScenarioRun } from './run_scenario.ts';
import { speedPlot } from './speed_plot.ts';
import { type Scene, storyboard } from './storyboard.ts';

interface Picture extends Scene {
  readonly jpeg: Buffer;
}

const HUES: Readonly<Record<Entry['kind'], number>> = {
  disturbance: 0,
  stage: 215,
  safety: 28,
  goal: 140,
  person: 265,
};

/** Scenarios that were played as one HTML page that needs nothing else: pictures, a strip of time and what was expected. */
export async function scenarioPage(runs: readonly ScenarioRun[]): Promise<string> {
  const passed = runs.filter((run) => run.unmet.length === 0).length;
  const drawn = await Promise.all(runs.map(async (run) => ({ run, pictures: await picturesOf(run) })));
  const body = html`<main>
<header class="page">
<p class="kind">surepick · scenarios</p>
<h1>${passed} of ${runs.length} scenarios as expected</h1>
</header>
<section class="list">${drawn.map(({ run, pictures }) => section(run, pictures))}</section>
</main>
<footer>Stops shown here are software only; they do not replace a safety-rated controller.</footer>`;
  const title = `${passed} of ${runs.length} scenarios · surepick`;
  return selfContainedPage({ title, body, scripts: [], styles: STYLES });
}

async function picturesOf(run: ScenarioRun): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const scene of storyboard(run)) {
    pictures.push({ ...scene, jpeg: await jpegOf(run.film.draw(scene.time_s), SPECTATOR) });
  }
  return pictures;
}

function section(run: ScenarioRun, pictures: readonly Picture[]): Html {
  const { scenario, unmet } = run;
  const ok = unmet.length === 0;
  return html`
<article class="episode ${ok ? 'ok' : 'bad'}" id="${scenario.name}">
<header><h3><a href="#${scenario.name}">${scenario.title}</a></h3><span class="badge ${ok ? 'ok' : 'bad'}">${ok ? 'as expected' : 'not as expected'}</span></header>
<p>${scenario.happens}</p>
<p><b>Expected</b> ${scenario.expected}</p>
${unmet.map((line) => html`<p class="failure">${line}</p>`)}
<div class="pictures">${pictures.map((picture) => pictured(picture, run.began_s))}</div>
${strip(run)}
${speedPlot(run)}
<div class="tables"><table class="small"><caption>What happened</caption><tbody>${run.entries.map(entryRow)}</tbody></table></div>
</article>`;
}

function pictured({ jpeg, caption, time_s }: Picture, began_s: number): Html {
  const { width, height } = SPECTATOR;
  const from_s = time_s - began_s;
  const when = `${from_s < 0 ? '−' : '+'}${Math.abs(from_s).toFixed(1)} s`;
  return html`<figure class="picture"><div class="frame" style="aspect-ratio:${width}/${height}"><img src="data:image/jpeg;base64,${jpeg.toString('base64')}" width="${width}" height="${height}" alt="${caption}"></div>
<figcaption><b>${caption}</b> ${when}</figcaption></figure>`;
}

/** Stages on the run's time, to scale, the disturbance as a bar, and a mark for every change of the safety state. */
function strip({ entries, began_s, ended_s, duration_s, changes }: ScenarioRun): Html {
  const at = (time_s: number) => `${((100 * time_s) / duration_s).toFixed(2)}%`;
  const stages = entries.filter(({ kind }) => kind === 'stage' || kind === 'goal');
  return html`<div class="timeline">${stages.map(({ time_s, text, kind }, i) => {
    const end_s = stages[i + 1]?.time_s ?? duration_s;
    const name = kind === 'stage' ? text.split(/[,:]/)[0] : '';
    if (name === '') return html``;
    return html`<span class="span" style="left:${at(time_s)};width:${at(end_s - time_s)};--hue:${HUES.stage}" title="${text}"><i>${name}</i></span>`;
  })}<span class="disturbed" style="left:${at(began_s)};width:${at(Math.max(0.05, ended_s - began_s))}"></span>${changes
    .filter(({ time_s }) => time_s > began_s)
    .map(({ time_s, mode }) => html`<span class="event" style="left:${at(time_s)}" title="${mode}"></span>`)}</div>`;
}

function entryRow({ time_s, kind, text }: Entry): Html {
  return html`<tr style="--hue:${HUES[kind]}"><td class="number">${time_s.toFixed(3)} s</td><td class="entry">${kind}</td><td>${text}</td></tr>`;
}

const STYLES = `
.timeline .disturbed { position: absolute; bottom: 0; height: 6px; background: var(--bad); }
.entry { color: hsl(var(--hue) 60% 45%); font-weight: 600; }
.trace { display: block; width: 100%; height: 90px; margin-top: 14px; }
.trace path { fill: none; stroke: var(--accent); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.trace path.apart { stroke: var(--ok); }
.trace path.needed { stroke: var(--bad); stroke-dasharray: 4 3; }
`;
