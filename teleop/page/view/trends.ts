import { COUNTERS, type Counter, type CountersMessage } from '../../protocol/messages.ts';
import { trendLine } from './trend_line.ts';

/** Counters with small lines of how they came about. */
export interface Trends {
  counters(message: CountersMessage): void;
  dispose(): void;
}

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 120;
const HEIGHT = 24;
const TITLES: Readonly<Record<Counter, string>> = {
  picks: 'Picks',
  successes: 'Successes',
  wrong_picks: 'Wrong picks',
  retries: 'Retries',
  asked: 'Questions asked',
  answered: 'Questions answered',
  overruled: 'Answers overruled',
  interventions: 'Interventions',
  saves: 'Saves',
  stops: 'Stops',
};

export function mountTrends(host: HTMLElement): Trends {
  const root = document.createElement('dl');
  root.className = 'trends';
  const rows = COUNTERS.map((counter) => ({ counter, ...buildRow(root, TITLES[counter]) }));
  const rate = buildRow(root, 'Interventions an hour');
  host.append(root);
  return {
    counters: ({ totals, trends, bin_s, interventions_per_h }) => {
      for (const { counter, total, line, picture } of rows) {
        const bins = trends[counter];
        setText(total, String(totals[counter]));
        const points = trendLine(bins, WIDTH, HEIGHT);
        if (line.getAttribute('points') !== points) line.setAttribute('points', points);
        const span_min = Math.round((bins.length * bin_s) / 60);
        const name = `${bins.reduce((sum, count) => sum + count, 0)} in the last ${span_min} min`;
        if (picture.getAttribute('aria-label') !== name) picture.setAttribute('aria-label', name);
      }
      setText(rate.total, interventions_per_h.toFixed(1));
    },
    dispose: () => root.remove(),
  };
}

function buildRow(root: HTMLElement, title: string) {
  const name = document.createElement('dt');
  name.textContent = title;
  const value = document.createElement('dd');
  const total = document.createElement('span');
  total.textContent = '0';
  const picture = document.createElementNS(SVG, 'svg');
  picture.setAttribute('viewBox', `0 -2 ${WIDTH} ${HEIGHT + 4}`);
  picture.setAttribute('preserveAspectRatio', 'none');
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', 'no trend yet');
  const line = document.createElementNS(SVG, 'polyline');
  line.setAttribute('vector-effect', 'non-scaling-stroke');
  picture.append(line);
  value.append(total, picture);
  root.append(name, value);
  return { total, line, picture };
}

function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
