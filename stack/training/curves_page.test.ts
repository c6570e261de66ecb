import { expect, it } from 'vitest';
import { curvesPage } from './curves_page.ts';

const success = [{ segment: 0, step: 10, episodes: 4, successes: 3, wilson95: [0.3, 0.95] }] as const;

it('shows losses where there are any, and success always', () => {
  const loss = [{ segment: 0, step: 10, training: 0.2, held_out: 0.3 }];
  const headings = (page: string) => [...page.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, text]) => text);
  expect(headings(curvesPage({ command: 'train', loss, success }))).toEqual(['Loss', 'Success on worlds held out']);
  expect(headings(curvesPage({ command: 'tune', loss: [], success }))).toEqual(['Success on worlds held out']);
});
