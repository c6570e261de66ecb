import { type Html, html } from '../report/escape.ts';
import { percent, plural, seconds } from '../report/format.ts';
import type { CardFacts, SuccessRow } from './card_facts.ts';
import { figures, histogram, range, rateRow } from './charts.ts';
import { limitsOfUse } from './limits_of_use.ts';

const MOST_ROWS = 40;
const MOST_VALUES = 60;

const SIGNED: Readonly<Record<CardFacts['signature']['status'], readonly [string, string]>> = {
  signed: ['ok', 'signed'],
  unsigned: ['none', 'unsigned'],
  broken: ['bad', 'not as signed'],
  not_checked: ['none', 'not checked'],
};

/** Name, numbers, and who vouches for it. */
export function heading(facts: CardFacts): Html {
  const { name, kind, revision, description, licence, signature, success, consent } = facts;
  const [look, word] = SIGNED[signature.status];
  const consents = Object.entries(consent).map(([what, count]) => `${what.replaceAll('_', ' ')} ${count}`);
  const { all } = success;
  const tiles: [string, string][] = [
    [String(facts.episodes), facts.episodes === 1 ? 'episode' : 'episodes'],
    [lengthOf(facts.duration_s), 'recorded'],
    [`${figures(facts.bytes / 1e6)} MB`, 'in files'],
    [all.rate === null ? '–' : percent(all.rate), `succeeded (${all.successes} of ${all.judged})`],
  ];
  return html`<header class="page">
<p class="kind">${kind === 'run' ? 'run' : `dataset, revision ${revision}`} · ${facts.id}</p>
<h1>${name}</h1>
<ul class="chips"><li class="badge ${look}">${word}</li><li class="badge ${licence === '' ? 'none' : 'plain'}">${licence || 'no licence told'}</li>
<li class="badge plain">consent: ${consents.join(', ') || 'none asked'}</li></ul>
${description === '' ? null : html`<p class="about">${description}</p>`}
<ul class="tiles">${tiles.map(([value, what]) => html`<li><b>${value}</b><span>${what}</span></li>`)}</ul>
${limits(facts)}
</header>`;
}

function limits(facts: CardFacts): Html {
  const found = limitsOfUse(facts);
  return html`<section class="limits" id="limits"><h2>Limits of use</h2>
${found.length === 0 ? html`<p>None follows from what the dataset says of itself.</p>` : html`<ul>${found.map(({ weight, text }) => html`<li class="${weight}">${text}</li>`)}</ul>`}
${facts.signature.lines.length === 0 ? null : html`<p class="told">${facts.signature.lines.join(' · ')}</p>`}</section>`;
}

export function successSection({ success, failures }: CardFacts): Html {
  const groups: [string, readonly SuccessRow[]][] = [
    ['by task', success.task],
    ['by object', success.object],
    ['by robot', success.robot],
    ['by engine', success.engine],
    ['by policy', success.policy],
  ];
  const failed = Object.entries(failures);
  return html`<section class="panel" id="success"><h2>Success</h2>
<p class="told">Share of judged episodes, with its 95 % interval (Wilson).${failed.length === 0 ? null : html` Failed in ${failed.map(([stage, count]) => html`<span class="chip">${stage} <b>${count}</b></span> `)}`}</p>
<div class="columns">${groups
    .filter(([, rows]) => rows.length > 0)
    .map(
      ([title, rows]) =>
        html`<table class="small rates judged"><caption>${title}</caption><tbody>${rows.slice(0, MOST_ROWS).map(rateRow)}</tbody></table>${more(rows.length - MOST_ROWS)}`,
    )}</div></section>`;
}

export function distributionSection(facts: CardFacts, durations: readonly number[]): Html {
  const { duration, joints, cameras, randomization } = facts;
  return html`<section class="panel" id="distributions"><h2>Distributions</h2>
<div class="columns">
<div><h3>Duration</h3>${histogram(durations, 's')}
<p class="told">${duration === null ? 'none' : `median ${seconds(duration.median)}, 90 % within ${seconds(duration.p05)} to ${seconds(duration.p95)}`}</p></div>
<div><h3>Objects in the scene</h3>${countBars(Object.fromEntries(facts.success.object.map(({ name, episodes }) => [name, episodes])))}</div>
</div>
${joints.length === 0 ? null : jointTable(joints)}
${cameras.length === 0 ? null : cameraTable(cameras)}
${randomization.length === 0 ? null : html`<h3>Randomised values</h3><div class="multiples">${randomization.slice(0, MOST_VALUES).map(({ name, values }) => html`<figure><figcaption title="${name}">${name}</figcaption>${histogram(values)}</figure>`)}</div>${more(randomization.length - MOST_VALUES)}`}
</section>`;
}

function jointTable(joints: CardFacts['joints']): Html {
  const low = Math.min(...joints.map((joint) => joint.low));
  const high = Math.max(...joints.map((joint) => joint.high));
  const at = (value: number) => (high > low ? (value - low) / (high - low) : 0);
  return html`<h3>Joints</h3><p class="told">Where each has been in any episode, and its greatest speed in an episode; rad and rad/s, of joints that slide m and m/s.</p>
<div class="over"><table class="small rates"><thead><tr><th scope="col">joint</th><th scope="col">range</th><th scope="col" class="n">from</th><th scope="col" class="n">to</th><th scope="col" class="n">speed, median</th><th scope="col" class="n">most</th></tr></thead>
<tbody>${joints.slice(0, MOST_ROWS).map(
    (
      joint,
    ) => html`<tr><th scope="row">${joint.name}</th><td class="scale-cell">${range(at(joint.low), at(joint.high), null)}</td>
<td class="n">${figures(joint.low)}</td><td class="n">${figures(joint.high)}</td><td class="n">${figures(joint.fastest?.median ?? Number.NaN)}</td><td class="n">${figures(joint.fastest?.high ?? Number.NaN)}</td></tr>`,
  )}</tbody></table></div>${more(joints.length - MOST_ROWS)}`;
}

function cameraTable(cameras: CardFacts['cameras']): Html {
  return html`<h3>Cameras</h3><div class="over"><table class="small rates"><thead><tr><th scope="col">camera</th><th scope="col" class="n">pictures</th><th scope="col" class="n">rate</th><th scope="col" class="n">slowest episode</th><th scope="col" class="n">jitter, 95 %</th><th scope="col" class="n">size</th></tr></thead>
<tbody>${cameras.slice(0, MOST_ROWS).map(
    ({
      name,
      pictures,
      rate_hz,
      jitter_s,
      bytes,
    }) => html`<tr><th scope="row">${name}</th><td class="n">${pictures}</td><td class="n">${figures(rate_hz?.median ?? Number.NaN)} Hz</td>
<td class="n">${figures(rate_hz?.low ?? Number.NaN)} Hz</td><td class="n">${figures(1000 * (jitter_s?.high ?? Number.NaN))} ms</td><td class="n">${figures((bytes?.median ?? Number.NaN) / 1000)} kB</td></tr>`,
  )}</tbody></table></div>${more(cameras.length - MOST_ROWS)}`;
}

export function qualitySection({ quality, episodes }: CardFacts, scores: readonly number[]): Html {
  const { scored, score, findings } = quality;
  if (scored === 0) {
    return html`<section class="panel" id="quality"><h2>Quality</h2><p class="told">Not looked at yet.</p></section>`;
  }
  return html`<section class="panel" id="quality"><h2>Quality</h2>
<div class="columns"><div><h3>Scores</h3>${histogram(scores)}
<p class="told">${plural(scored, 'episode')} of ${episodes} scored; median ${figures(score?.median ?? Number.NaN)}, least ${figures(score?.low ?? Number.NaN)}; 1 is without fault.</p></div>
<div><h3>Findings</h3>${
    findings.length === 0
      ? html`<p class="told">None.</p>`
      : html`<div class="over"><table class="small"><thead><tr><th scope="col">what</th><th scope="col" class="n">episodes</th><th scope="col">e.g.</th><th scope="col">what to do</th></tr></thead>
<tbody>${findings.slice(0, MOST_ROWS).map(({ severity, check, episodes: count, first, fix }) => html`<tr><td><span class="chip ${severity}">${severity}</span> ${check}</td><td class="n">${count}</td><td>${first}</td><td>${fix}</td></tr>`)}</tbody></table></div>`
  }</div></div></section>`;
}

export function splitSection({ splits, leaks, episodes }: CardFacts): Html {
  const none = (splits.none ?? 0) === episodes;
  return html`<section class="panel" id="splits"><h2>Splits</h2>
${
  none
    ? html`<p class="told">It is not parted into train, validation and test.</p>`
    : html`<div class="columns"><div>${countBars(splits)}</div>
<div><h3>Leaks</h3>${leaks.length === 0 ? html`<p class="told">None: no recording, scene or kind of object is on both sides.</p>` : html`<ul class="lines">${leaks.slice(0, MOST_ROWS).map(({ severity, text }) => html`<li><span class="chip ${severity}">${severity}</span> ${text}</li>`)}</ul>${more(leaks.length - MOST_ROWS)}`}</div></div>`
}</section>`;
}

/** How often each comes, as bars. */
export function countBars(counts: Readonly<Record<string, number>>): Html {
  const rows = Object.entries(counts);
  const most = Math.max(1, ...rows.map(([, count]) => count));
  return html`<table class="small rates"><tbody>${rows.slice(0, MOST_ROWS).map(([name, count]) => html`<tr><th scope="row">${name}</th><td class="scale-cell">${range(0, count / most, null)}</td><td class="n">${count}</td></tr>`)}</tbody></table>${more(rows.length - MOST_ROWS)}`;
}

/** What a table leaves out. */
export function more(count: number): Html | null {
  return count <= 0 ? null : html`<p class="told">and ${count} more</p>`;
}

function lengthOf(duration_s: number): string {
  if (duration_s < 120) return seconds(duration_s);
  return duration_s < 7200 ? `${figures(duration_s / 60)} min` : `${figures(duration_s / 3600)} h`;
}
