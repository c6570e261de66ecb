import type { PageState } from './page_state.ts';

/** A part of the page. `draw` is called from requestAnimationFrame and touches only what changed. */
export interface Part {
  readonly element: HTMLElement;
  /** Least time between two calls, ms; 0 for each frame. */
  readonly every_ms: number;
  draw(page: Readonly<PageState>, now_ms: number): void;
}
