import type { TrainingCurves } from './curves.ts';

const WIDTH = 720;
const HEIGHT = 260;
const MARGIN = 48;

interface Line {
  readonly name: string;
  readonly colour: string;
  /** x and y, each within the axes. */
  readonly points: readonly (readonly [number, number])[];
}

/** A page of its own with the curves of a training: losses by step (logarithmic), and success with its interval. */
export function curvesPage({ command, loss, success }: TrainingCurves): string {
  const start = startOfSegments([...loss, ...success]);
  const at = ({ segment, step }: { segment: number; step: number }) => (start.get(segment) ?? 0) + step;
  const last = Math.max(1, ...loss.map(at), ...success.map(at));
  const decades = loss
    .flatMap(({ training, held_out }) => [training, held_out])
    .map((value) => Math.log10(Math.max(value, 1e-12)));
  const low = Math.floor(Math.min(0, ...decades));
  const high = Math.max(low + 1, Math.ceil(Math.max(low, ...decades)));
  const height = (value: number) => (Math.log10(Math.max(value, 1e-12)) - low) / (high - low);
  const losses: Line[] = [
    { name: 'training', colour: '#1f77b4', points: loss.map((p) => [at(p) / last, height(p.training)]) },
    { name: 'held out', colour: '#d62728', points: loss.map((p) => [at(p) / last, height(p.held_out)]) },
  ];
  const rates: Line[] = [
    {
      name: 'success',
      colour: '#2ca02c',
      points: success.map((p) => [at(p) / last, p.successes / Math.max(1, p.episodes)]),
    },
  ];
  const bars = success.map((p) => bar(at(p) / last, p.wilson95));
  return [
    '<!doctype html><meta charset="utf-8"><title>Training</title>',
    '<body style="font:14px sans-serif;max-width:760px;margin:2em auto">',
    `<h1>Training</h1><p><code>${escapeText(command)}</code></p>`,
    `<h2>Loss</h2>${plot(losses, [`1e${low}`, `1e${high}`], last, [])}`,
    `<h2>Success on worlds held out</h2>${plot(rates, ['0', '1'], last, bars)}`,
    '</body>',
  ].join('\n');
}

/** Steps before each segment: those that the segments before it reached. */
function startOfSegments(points: readonly { segment: number; step: number }[]): ReadonlyMap<number, number> {
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

const across = (x: number) => MARGIN + x * (WIDTH - 2 * MARGIN);
const down = (y: number) => HEIGHT - MARGIN - y * (HEIGHT - 2 * MARGIN);

function plot(
  lines: readonly Line[],
  [low, high]: readonly [string, string],
  steps: number,
  bars: readonly string[],
): string {
  const text = (x: number, y: number, what: string, anchor = 'middle') =>
    `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${what}</text>`;
  const drawn = lines.map(({ colour, points }) => {
    const path = points.map(([x, y]) => `${across(x).toFixed(1)},${down(y).toFixed(1)}`).join(' ');
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>`;
  });
  const names = lines.map(({ name, colour }, k) => `<tspan fill="${colour}" dx="${k === 0 ? 0 : 12}">${name}</tspan>`);
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="100%" role="img" font-size="12">`,
    `<path d="M${across(0)},${down(1)}V${down(0)}H${across(1)}" fill="none" stroke="#888"/>`,
    text(across(0) - 6, down(0) + 4, low, 'end') + text(across(0) - 6, down(1) + 4, high, 'end'),
    text(across(0), down(0) + 18, '0') + text(across(1), down(0) + 18, `${steps} steps`, 'end'),
    ...bars,
    ...drawn,
    text(across(1), down(1) - 8, names.join(''), 'end'),
    '</svg>',
  ].join('');
}

function bar(x: number, [low, high]: readonly [number, number]): string {
  return `<path d="M${across(x).toFixed(1)},${down(low).toFixed(1)}V${down(high).toFixed(1)}" stroke="#2ca02c" opacity="0.5"/>`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
