import { type Html, html, selfContainedPage } from '../../datasets/index.ts';
import { pngOf } from '../../perception/index.ts';
import type { Evaluation, PolicyScore } from './evaluation.ts';
import type { EvaluationSetting, PlayedEpisode } from './play_policy.ts';

/** Pictures that a page carries, at most. */
const MOST_PICTURES = 24;
const BAR_PX = 360;

/** A page of its own that tells how a policy did: rates with intervals, failures by stage, and how failed episodes ended. */
export function evaluationPage(
  { score, against, comparison, decision, played }: Evaluation,
  { task, engine, randomize, objects, seed, pictures }: EvaluationSetting,
): string {
  const scores = against === null ? [score] : [score, against];
  const body = html`<main>
<h1>Evaluation of ${score.policy}</h1>
<p>${task} in ${engine}, randomisation ${randomize}, objects ${objects}, seed ${seed}, ${score.episodes} episodes.</p>
<h2>Success</h2>
<table><tr><th>policy</th><th>rate</th><th>95 % interval</th><th></th></tr>${scores.map(successRow)}</table>
${comparison === null ? null : html`<p>On the same worlds: ${comparison.first_only} only ${score.policy} did, ${comparison.second_only} only the other; difference ${percent(comparison.difference)} (${percent(comparison.interval[0])} to ${percent(comparison.interval[1])}), exact p ${comparison.p_value.toPrecision(3)}.</p>`}
${decision === null ? null : html`<p>Sequential test: ${decision.verdict} after ${decision.episodes} worlds (error ${decision.error}).</p>`}
<h2>Failures by stage</h2>
${
  score.failure_classes.length === 0
    ? html`<p>None.</p>`
    : html`<table><tr><th>stage</th><th>episodes</th><th>95 % interval</th><th></th></tr>${score.failure_classes.map(
        ({ stage, episodes, share, wilson95 }) =>
          html`<tr><td>${stage}</td><td>${episodes}</td><td>${range(wilson95)}</td><td>${bar(share, wilson95, '#d62728')}</td></tr>`,
      )}</table>`
}
<h2>Motion</h2>
<table><tr><th>policy</th><th>time of success, median</th><th>95th percentile</th><th>roughness</th><th>gate events</th><th>asked for help</th></tr>${scores.map(motionRow)}</table>
${calibrationPart(score)}
<h2>How failed episodes ended</h2>
<div>${shown(played, pictures)}</div>
</main>`;
  return selfContainedPage({ title: `Evaluation of ${score.policy}`, body, scripts: [] });
}

function successRow({ policy, success_rate, wilson95, successes, episodes }: PolicyScore): Html {
  return html`<tr><td>${policy}</td><td>${successes} of ${episodes}</td><td>${range(wilson95)}</td><td>${bar(success_rate, wilson95, '#2ca02c')}</td></tr>`;
}

function motionRow({ policy, time_s, roughness, interventions, asked }: PolicyScore): Html {
  const seconds = (value: number) => (Number.isNaN(value) ? '–' : `${value.toFixed(1)} s`);
  return html`<tr><td>${policy}</td><td>${seconds(time_s.median)}</td><td>${seconds(time_s.p95)}</td><td>${roughness === null ? '–' : roughness.toFixed(3)}</td><td>${interventions}</td><td>${asked}</td></tr>`;
}

function calibrationPart({ calibration }: PolicyScore): Html | null {
  if (calibration === null) return null;
  const { error, interval, brier, bins } = calibration;
  return html`<h2>Confidence</h2>
<p>Expected calibration error ${error.toFixed(3)} (${interval[0].toFixed(3)} to ${interval[1].toFixed(3)}), Brier score ${brier.toFixed(3)}.</p>
<table><tr><th>stated</th><th>episodes</th><th>mean stated</th><th>success</th></tr>${bins.map(
    ({ from, to, episodes, confidence, success_rate }) =>
      html`<tr><td>${from.toFixed(1)} to ${to.toFixed(1)}</td><td>${episodes}</td><td>${percent(confidence)}</td><td>${percent(success_rate)}</td></tr>`,
  )}</table>`;
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
      return html`<figure style="display:inline-block;margin:8px"><img src="${url}" width="${width}" height="${height}" alt="end of episode ${episode}"><figcaption>episode ${episode}, ${stage}: ${reason}</figcaption></figure>`;
    });
}

/** A share as a bar, with its interval as a line. */
function bar(share: number, [low, high]: readonly [number, number], colour: string): Html {
  const at = (value: number) => (BAR_PX * value).toFixed(1);
  return html`<svg width="${BAR_PX}" height="16" role="img" aria-label="${percent(share)}"><rect width="${BAR_PX}" height="16" fill="#8884"/><rect width="${at(share)}" height="16" fill="${colour}"/><path d="M${at(low)} 8H${at(high)}M${at(low)} 3v10M${at(high)} 3v10" stroke="currentColor" fill="none"/></svg>`;
}

function range([low, high]: readonly [number, number]): string {
  return `${percent(low)} to ${percent(high)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
