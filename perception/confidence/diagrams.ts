import type { ReliabilityBin } from '../models/index.ts';
import type { RiskPoint } from './risk_coverage.ts';

const SIDE = 320;
const MARGIN = 48;
const INK = '#1b2733';
const GRID = '#d4dae0';
const BLUE = '#1f6fb2';
const ORANGE = '#d9822b';

/** How often what was said came true, by what was said; on the diagonal where it is calibrated. Self-contained SVG. */
export function reliabilitySvg(title: string, bins: readonly ReliabilityBin[]): string {
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const from = lowest(bins.flatMap(({ confidence, accuracy }) => [confidence, accuracy]));
  const at = scale(from, 1);
  const points = bins.map(({ confidence, accuracy }) => [at.x(confidence), at.y(accuracy)] as const);
  return frame(
    title,
    'probability given',
    'share that was right',
    at,
    [
      line([at.x(from), at.y(from)], [at.x(1), at.y(1)], GRID, 2),
      ...bins.map(({ confidence, accuracy }, i) =>
        line([points[i][0], at.y(confidence)], [points[i][0], at.y(accuracy)], ORANGE, 3),
      ),
      polyline(points, BLUE),
      ...bins.map(({ count }, i) => dot(points[i], 2 + 3 * Math.sqrt(count / most))),
    ].join(''),
  );
}

/** Share that is wrong of what is taken, by how much is taken, the likeliest first. Self-contained SVG. */
export function riskCoverageSvg(title: string, points: readonly RiskPoint[]): string {
  const most = Math.max(0.01, ...points.slice(Math.floor(points.length / 20)).map(({ risk }) => risk));
  const at = scale(0, 1, most);
  const every = Math.max(1, Math.floor(points.length / 200));
  const kept = points.filter((_, i) => i % every === every - 1 || i === points.length - 1);
  const path = kept.map(({ coverage, risk }) => [at.x(coverage), at.y(Math.min(most, risk))] as const);
  return frame(title, 'share that is taken', 'share of it that is wrong', at, polyline(path, BLUE));
}

interface Scale {
  readonly low: number;
  readonly high: number;
  readonly y_low: number;
  readonly y_high: number;
  x(value: number): number;
  y(value: number): number;
}

/** Values low..high across; upwards the same, or 0..most. */
function scale(low: number, high: number, most?: number): Scale {
  const [y_low, y_high] = most === undefined ? [low, high] : [0, most];
  return {
    ...{ low, high, y_low, y_high },
    x: (value) => MARGIN + (SIDE * (value - low)) / (high - low),
    y: (value) => MARGIN / 2 + SIDE * (1 - (value - y_low) / (y_high - y_low)),
  };
}

/** A tenth at or below all values, so that small errors near 1 can be seen. */
function lowest(values: readonly number[]): number {
  return Math.max(0, Math.min(0.9, Math.floor(10 * Math.min(...values, 1)) / 10));
}

function frame(title: string, across: string, upwards: string, at: Scale, inside: string): string {
  const steps = [0, 0.25, 0.5, 0.75, 1];
  const bottom = at.y(at.y_low);
  const ticks = steps.map((share) => {
    const x = at.low + share * (at.high - at.low);
    const y = at.y_low + share * (at.y_high - at.y_low);
    return (
      line([at.x(x), at.y(at.y_high)], [at.x(x), bottom], GRID, 0.5) +
      line([at.x(at.low), at.y(y)], [at.x(at.high), at.y(y)], GRID, 0.5) +
      text(at.x(x), bottom + 16, 'middle', number(x)) +
      text(at.x(at.low) - 6, at.y(y) + 4, 'end', number(y))
    );
  });
  const [width, height] = [SIDE + 1.5 * MARGIN, SIDE + 1.75 * MARGIN];
  const middle = MARGIN + SIDE / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}" font-family="sans-serif" font-size="11" fill="${INK}">`,
    `<title>${escaped(title)}</title><rect width="${width}" height="${height}" fill="#fff"/>`,
    ...ticks,
    inside,
    text(middle, 16, 'middle', title),
    text(middle, bottom + 34, 'middle', across),
    `<text transform="translate(12 ${SIDE / 2 + MARGIN / 2}) rotate(-90)" text-anchor="middle">${escaped(upwards)}</text>`,
    '</svg>',
  ].join('');
}

type Point = readonly [number, number];

function line([x1, y1]: Point, [x2, y2]: Point, colour: string, width: number): string {
  const ends = [x1, y1, x2, y2].map(pixel);
  return `<line x1="${ends[0]}" y1="${ends[1]}" x2="${ends[2]}" y2="${ends[3]}" stroke="${colour}" stroke-width="${width}"/>`;
}

function polyline(points: readonly Point[], colour: string): string {
  const path = points.map(([x, y]) => `${pixel(x)},${pixel(y)}`).join(' ');
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>`;
}

function dot([x, y]: Point, radius: number): string {
  return `<circle cx="${pixel(x)}" cy="${pixel(y)}" r="${pixel(radius)}" fill="${BLUE}"/>`;
}

function text(x: number, y: number, anchor: 'middle' | 'end', words: string): string {
  return `<text x="${pixel(x)}" y="${pixel(y)}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

const pixel = (value: number): string => String(Math.round(10 * value) / 10);
const number = (value: number): string => String(Math.round(1000 * value) / 1000);
const escaped = (words: string): string =>
  words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
