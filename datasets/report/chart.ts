import { type Html, html } from './escape.ts';
import { reportAsset } from './page.ts';

/** One curve over the chart's x. */
export interface ChartSeries {
  readonly name: string;
  /** As many as there are x; null where nothing is known. */
  readonly values: readonly (number | null)[];
  /** Bounds of an interval about every value, drawn as a band. */
  readonly low?: readonly (number | null)[];
  readonly high?: readonly (number | null)[];
}

export interface ChartData {
  readonly x: { readonly label: string; readonly unit: string; readonly values: readonly number[] };
  /** Of the values. */
  readonly unit: string;
  readonly series: readonly ChartSeries[];
  /** Whether values are drawn by their logarithm; all are positive then. */
  readonly log?: boolean;
  /** Least and most of the axis; by the values otherwise. */
  readonly range?: readonly [number, number];
}

/** Curves over one x, drawn by uPlot when they come into view; the page needs `chartScript()` once. */
export function chart(data: ChartData): Html {
  return html`<div class="plot" data-chart="${JSON.stringify(data)}"></div>`;
}

export function chartScript(): string {
  return reportAsset('chart_client.js');
}
