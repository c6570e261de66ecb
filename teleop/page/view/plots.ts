import type uPlot from 'uplot';
import type { StateFrame, Welcome } from '../../protocol/messages.ts';
import { type PlotKind, plotChannels, plotKinds, writePlotSample } from './plot_channels.ts';
import { SampleRing } from './sample_ring.ts';
import { whileSeen } from './while_seen.ts';

/** The last half minute of what was measured, one kind at a time. */
export interface Plots {
  welcome(welcome: Welcome): void;
  state(frame: StateFrame): void;
  dispose(): void;
}

const SPAN_S = 30;
const GRID_S = 5;
/** More than 30 Hz over the span. */
const SAMPLES = 1024;
const EVERY_MS = 100;
const HEIGHT_PX = 220;
const LINES = ['#3f77b5', '#e0566b', '#2b8a3e', '#b8860b', '#2aa5c4', '#a0429a', '#7a7f85', '#d9702b'];

export function mountPlots(host: HTMLElement): Plots {
  const root = document.createElement('div');
  root.className = 'plots';
  const choice = document.createElement('select');
  const label = document.createElement('label');
  label.append('Plot ', choice);
  const figure = document.createElement('figure');
  figure.className = 'plot';
  figure.setAttribute('role', 'group');
  root.append(label, figure);
  host.append(root);

  let kinds: readonly PlotKind[] = [];
  let ring = new SampleRing(1, SAMPLES);
  let sample = new Float64Array(1);
  let joints = 0;
  let plot: uPlot | null = null;
  let Plot: typeof uPlot | null = null;
  const newest = () => ring.newest;

  const rebuild = () => {
    const kind = kinds[Number(choice.value)];
    plot?.destroy();
    plot = null;
    if (Plot === null || kind === undefined || root.clientWidth === 0) return;
    figure.setAttribute('aria-label', `Plot of ${kind.title.toLowerCase()}`);
    plot = new Plot(plotOptions(kind, root, newest), [[], ...kind.names.map(() => [])], figure);
    redraw();
  };
  const redraw = () => {
    const kind = kinds[Number(choice.value)];
    if (kind === undefined) return;
    if (plot === null) return rebuild();
    const start = ring.newest - SPAN_S;
    const lines = kind.names.map((_, i) => ring.channelFrom(kind.first + i, start));
    plot.setData([ring.timesFrom(start), ...lines]);
    if (plot.cursor.idx == null && ring.length > 0) plot.setLegend({ idx: plot.data[0].length - 1 });
  };
  import('uplot').then(
    (loaded) => {
      Plot = loaded.default;
      rebuild();
    },
    () => figure.append('Plots cannot be drawn in this browser.'),
  );
  const seen = whileSeen(root, EVERY_MS, redraw);
  const sized = new ResizeObserver(() => plot?.setSize({ width: root.clientWidth, height: HEIGHT_PX }));
  sized.observe(root);
  choice.addEventListener('change', rebuild);

  return {
    welcome: ({ joints: { names } }) => {
      joints = names.length;
      kinds = plotKinds(names);
      ring = new SampleRing(plotChannels(joints), SAMPLES);
      sample = new Float64Array(plotChannels(joints));
      const before = choice.value;
      choice.replaceChildren(...kinds.map(({ title, unit }, i) => new Option(`${title} (${unit})`, String(i))));
      if (before !== '') choice.value = before;
      rebuild();
    },
    state: (frame) => {
      writePlotSample(frame, joints, sample);
      ring.push(frame.sent_ms / 1000, sample);
    },
    dispose: () => {
      seen.end();
      sized.disconnect();
      plot?.destroy();
      root.remove();
    },
  };
}

function plotOptions({ names, unit, decimals }: PlotKind, root: HTMLElement, newest: () => number): uPlot.Options {
  const ink = getComputedStyle(root).color;
  const axis = { stroke: ink, grid: { stroke: '#8886', width: 1 }, ticks: { stroke: '#8886', width: 1 } };
  const every = Array.from({ length: SPAN_S / GRID_S + 1 }, (_, i) => i * GRID_S - SPAN_S);
  const ago = (time: number) => `${(time - newest()).toFixed(1)} s`;
  return {
    width: root.clientWidth,
    height: HEIGHT_PX,
    scales: { x: { time: false, range: () => [newest() - SPAN_S, newest()] } },
    axes: [
      {
        ...axis,
        splits: () => every.map((ago_s) => newest() + ago_s),
        values: () => every.map((ago_s) => `${ago_s} s`),
      },
      axis,
    ],
    series: [
      { label: 'time', value: (_, time) => (time == null ? '' : ago(time)) },
      ...names.map((name, i) => ({
        label: name,
        stroke: LINES[i % LINES.length],
        width: 1.5,
        points: { show: false },
        value: (_: uPlot, value: number | null) =>
          value === null || Number.isNaN(value) ? '–' : `${value.toFixed(decimals)} ${unit}`,
      })),
    ],
  };
}
