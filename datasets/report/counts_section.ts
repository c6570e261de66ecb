import type { CountedRun } from '../run/run_history.ts';
import { COUNT_NAMES, type EpisodeCounts, type RunRecord, sumCounts } from '../run/run_record.ts';
import { type Html, html } from './escape.ts';
import { plural } from './format.ts';

/** What each count is called. */
export const COUNT_WORDS: Readonly<Record<keyof EpisodeCounts, string>> = {
  wrong_picks: 'wrong picks',
  retries: 'retries',
  escalations_asked: 'questions to people',
  escalations_answered: 'answered',
  escalations_overruled: 'overruled the guess',
  saves: 'saves: a wrong guess not acted on',
};

const [WIDTH, HEIGHT, LEFT, BASE, TOP] = [300, 96, 36, 18, 10];

export const COUNTS_STYLES = `
.counts{margin-top:28px}.counts .grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(260px,1fr));gap:16px 24px;margin-top:12px}
.counts figure{margin:0}.counts figcaption{font-size:13px;color:var(--soft)}.counts figcaption b{color:var(--text,inherit)}
.counts svg{width:100%;height:auto;display:block}.counts svg line{stroke:var(--line)}.counts svg polyline{fill:none;stroke:var(--accent);stroke-width:1.5}
.counts svg circle{fill:var(--accent)}.counts svg circle.now{fill:var(--bad)}.counts svg text{font-size:9px;fill:var(--soft)}`;

/** What the run counted, over the runs of the same task before it; nothing for a run whose episodes were not counted. */
export function countsSection(run: RunRecord): Html | null {
  const counted = run.episodes.flatMap(({ counts }) => counts ?? []);
  if (counted.length === 0) return null;
  const successes = run.episodes.filter(({ success }) => success).length;
  const now = { run_id: run.run_id, episodes: counted.length, successes, counts: sumCounts(counted) };
  const runs = [...(run.earlier ?? []), now];
  const before = runs.length - 1;
  return html`<section class="counts" id="counts"><h2>Doubts and mistakes</h2>
<p>${plural(now.episodes, 'episode')} of this run; per episode over ${before === 0 ? 'this run alone: there are no earlier ones beside it' : `this run and ${plural(before, 'earlier run')} of the task beside it`}. Wrong picks and saves are judged by the simulator’s truth, which the robot is not told.</p>
<div class="grid">${COUNT_NAMES.map((name) => plot(name, runs))}</div></section>`;
}

/** One count per episode over the runs, the last of which is this one. */
function plot(name: keyof EpisodeCounts, runs: readonly CountedRun[]): Html {
  const rates = runs.map(({ counts, episodes }) => counts[name] / episodes);
  const most = Math.max(...rates) || 1;
  const x = (k: number): number =>
    runs.length === 1 ? (LEFT + WIDTH - 6) / 2 : LEFT + 4 + (k * (WIDTH - LEFT - 12)) / (runs.length - 1);
  const y = (rate: number): number => TOP + (1 - rate / most) * (HEIGHT - BASE - TOP);
  const total = runs[runs.length - 1].counts[name];
  const points = rates.map((rate, k) => `${fixed(x(k))},${fixed(y(rate))}`);
  const dots = runs.map(
    ({ run_id, counts, episodes }, k) =>
      html`<circle class="${k === runs.length - 1 ? 'now' : ''}" cx="${fixed(x(k))}" cy="${fixed(y(rates[k]))}" r="3"><title>${`${run_id}: ${counts[name]} in ${plural(episodes, 'episode')}`}</title></circle>`,
  );
  return html`<figure data-count="${name}"><figcaption><b>${total}</b> ${COUNT_WORDS[name]}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${`${COUNT_WORDS[name]} per episode over ${plural(runs.length, 'run')}, ${figures(rates[rates.length - 1])} in the last`}">
<line x1="${LEFT}" x2="${WIDTH}" y1="${HEIGHT - BASE}" y2="${HEIGHT - BASE}"/>
<text x="${LEFT - 4}" y="${TOP + 4}" text-anchor="end">${figures(most)}</text><text x="${LEFT - 4}" y="${HEIGHT - BASE}" text-anchor="end">0</text>
<text x="${LEFT}" y="${HEIGHT - 5}">${short(runs[0].run_id)}</text>${runs.length === 1 ? null : html`<text x="${WIDTH - 2}" y="${HEIGHT - 5}" text-anchor="end">${short(runs[runs.length - 1].run_id)}</text>`}
<polyline points="${points.join(' ')}"/>${dots}</svg></figure>`;
}

const fixed = (value: number): string => String(Math.round(value * 10) / 10);
const figures = (value: number): string => String(Number(value.toPrecision(2)));
/** Room for two names below a plot. */
const short = (run_id: string): string => (run_id.length > 26 ? `${run_id.slice(0, 25)}…` : run_id);
