import { type Html, html, selfContainedPage } from '../../datasets/index.ts';
import { pngOf } from '../../perception/index.ts';
import type { Evaluation, PolicyScore } from './evaluation.ts';
import type { EvaluationSetting, PlayedEpisode } from './play_policy.ts';

/** Pictures that a page carries, at most. */
const MOST_PICTURES = 24;
const BAR_PX = 360;
const STYLES = `
.evaluation section{margin-top:28px}.evaluation section h2{margin-bottom:8px}
.evaluation .ends{display:grid;grid-template-columns:repeat(auto-fill,minmax(240px,1fr));gap:16px}.evaluation .ends img{width:100%;height:auto;border-radius:10px;display:block}`;

/** A page of its own that tells how a policy did: rates with intervals, failures by stage, and how failed episodes ended. */
export function evaluationPage(
  { score, against, comparison, decision, played }: Evaluation,
  { task, engine, randomize, objects, seed, pictures }: EvaluationSetting,
): string {
  const scores = against === null ? [score] : [score, against];
  const body = html`<main class="evaluation"><header class="page"><p class="kind">surepick eval</p><h1>${score.policy}</h1>
<p>${task} in ${engine}, randomisation ${randomize}, objects ${objects}, seed ${seed}, ${score.episodes} episodes. Intervals are at 95 %.</p></header>
<section><h2>Success</h2>${table(['policy', 'successes', 'interval', ''], scores.map(successRow))}
${comparison === null ? null : html`<p>On the same worlds: ${comparison.first_only} only ${score.policy} did, ${comparison.second_only} only the other; difference ${percent(comparison.difference)} (${percent(comparison.interval[0])} to ${percent(comparison.interval[1])}), exact p ${comparison.p_value.toPrecision(3)}.</p>`}
${decision === null ? null : html`<p>Sequential test: ${decision.verdict} after ${decision.episodes} worlds (error ${decision.error}).</p>`}</section>
<section><h2>Failures by stage</h2>${failuresPart(score)}</section>
<section><h2>Motion</h2>${table(['policy', 'time of success, median', '95th percentile', 'roughness', 'gate events', 'asked for help'], scores.map(motionRow))}</section>
${calibrationPart(score)}
<section><h2>How failed episodes ended</h2><div class="ends">${shown(played, pictures)}</div></section></main>`;
  return selfContainedPage({ title: `Evaluation of ${score.policy}`, body, scripts: [], styles: STYLES });
}

function table(head: readonly string[], rows: readonly Html[]): Html {
  return html`<div class="scroll"><table class="summary"><thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function failuresPart({ failure_classes }: PolicyScore): Html {
  if (failure_classes.length === 0) return html`<p>None.</p>`;
  const rows = failure_classes.map(
    ({ stage, episodes, share, wilson95 }) =>
      html`<tr><td>${stage}</td><td>${episodes}</td><td>${range(wilson95)}</td><td>${bar(share, wilson95, 'var(--bad)')}</td></tr>`,
  );
  return table(['stage', 'episodes', 'share', ''], rows);
}

function successRow({ policy, success_rate, wilson95, successes, episodes }: PolicyScore): Html {
  return html`<tr><td>${policy}</td><td>${successes} of ${episodes}</td><td>${range(wilson95)}</td><td>${bar(success_rate, wilson95, 'var(--ok)')}</td></tr>`;
}

function motionRow({ policy, time_s, roughness, interventions, asked }: PolicyScore): Html {
  const seconds = (value: number) => (Number.isNaN(value) ? '–' : `${value.toFixed(1)} s`);
  return html`<tr><td>${policy}</td><td>${seconds(time_s.median)}</td><td>${seconds(time_s.p95)}</td><td>${roughness === null ? '–' : roughness.toFixed(3)}</td><td>${interventions}</td><td>${asked}</td></tr>`;
}

function calibrationPart({ calibration }: PolicyScore): Html | null {
  if (calibration === null) return null;
  const { error, interval, brier, bins } = calibration;
  const rows = bins.map(
    ({ from, to, episodes, confidence, success_rate }) =>
      html`<tr><td>${from.toFixed(1)} to ${to.toFixed(1)}</td><td>${episodes}</td><td>${percent(confidence)}</td><td>${percent(success_rate)}</td></tr>`,
  );
  return html`<section><h2>Confidence</h2>
<p>Expected calibration error ${error.toFixed(3)} (${interval[0].toFixed(3)} to ${interval[1].toFixed(3)}), Brier score ${brier.toFixed(3)}.</p>
${table(['stated', 'episodes', 'mean stated', 'success'], rows)}</section>`;
}

function shown(played: readonly PlayedEpisode[], size: EvaluationSetting['pictures']): readonly Html[] {
  if (size === null) return [html`<p>No pictures were taken.</p>`];
  return played
    .filter(({ picture }) => picture !== null)
    .slice(0, MOST_PICTURES)
    .map(({ episode, stage, reason, picture }) => {
      const image = {
        stamp_ns: 0n,
        frame_id: '',
        encoding: 'rgb8',
        ...size,
        data: picture ?? new Uint8Array(),
      } as const;
      const url = `data:image/png;base64,${Buffer.from(pngOf(image)).toString('base64')}`;
      const { width, height } = size;
      return html`<figure><img src="${url}" width="${width}" height="${height}" alt="end of episode ${episode}"><figcaption>episode ${episode}, ${stage}: ${reason}</figcaption></figure>`;
    });
}

/** A share as a bar, with its interval as a line. */
function bar(share: number, [low, high]: readonly [number, number], colour: string): Html {
  const at = (value: number) => (BAR_PX * value).toFixed(1);
  return html`<svg width="${BAR_PX}" height="16" role="img" aria-label="${percent(share)}"><rect width="${BAR_PX}" height="16" fill="var(--line)"/><rect width="${at(share)}" height="16" fill="${colour}"/><path d="M${at(low)} 8H${at(high)}M${at(low)} 3v10M${at(high)} 3v10" stroke="currentColor" fill="none"/></svg>`;
}

function range([low, high]: readonly [number, number]): string {
  return `${percent(low)} to ${percent(high)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
