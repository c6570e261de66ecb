import { type ChartData, chart, chartScript, html, selfContainedPage } from '../../datasets/index.ts';
import type { TrainingCurves } from './curves.ts';

/** A page of its own with the curves of a training: losses by step (logarithmic) where there are any, and success with its interval. */
export function curvesPage({ command, loss, success }: TrainingCurves): string {
  const start = startOfSegments([...loss, ...success]);
  const steps = (points: readonly Point[]) => ({
    ...{ label: 'step', unit: '' },
    values: points.map(({ segment, step }) => (start.get(segment) ?? 0) + step),
  });
  const losses: ChartData = {
    ...{ x: steps(loss), unit: '', log: true },
    series: [
      { name: 'training', values: loss.map(({ training }) => training) },
      { name: 'held out', values: loss.map(({ held_out }) => held_out) },
    ],
  };
  const rates: ChartData = {
    ...{ x: steps(success), unit: '', range: [0, 1] },
    series: [
      {
        name: 'success',
        values: success.map(({ successes, episodes }) => successes / Math.max(1, episodes)),
        low: success.map(({ wilson95: [low] }) => low),
        high: success.map(({ wilson95: [, high] }) => high),
      },
    ],
  };
  const body = html`<main><header class="page"><p class="kind">surepick train</p><h1>Training</h1><p><code>${command}</code></p></header>
${loss.length === 0 ? null : html`<section><h2>Loss</h2>${chart(losses)}</section>`}
<section><h2>Success on worlds held out</h2>${chart(rates)}</section></main>`;
  return selfContainedPage({
    title: 'Training · surepick',
    body,
    scripts: [chartScript()],
    styles: 'section{margin-top:26px}',
  });
}

interface Point {
  readonly segment: number;
  readonly step: number;
}

/** Steps before each segment: those that the segments before it reached. */
function startOfSegments(points: readonly Point[]): ReadonlyMap<number, number> {
  const lengths = new Map<number, number>();
  for (const { segment, step } of points) lengths.set(segment, Math.max(step, lengths.get(segment) ?? 0));
  const starts = new Map<number, number>();
  let sum = 0;
  for (const segment of [...lengths.keys()].sort((a, b) => a - b)) {
    starts.set(segment, sum);
    sum += lengths.get(segment) ?? 0;
  }
  return starts;
}
