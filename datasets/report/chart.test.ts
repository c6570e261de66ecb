import { expect, it } from 'vitest';
import { type ChartData, chart } from './chart.ts';

it('carries its data in one attribute that nothing in it can end', () => {
  const data: ChartData = {
    x: { label: '"t"', unit: 's', values: [0, 0.5, 1] },
    unit: '<mm>',
    series: [{ name: `'a" & <b>`, values: [1, null, 3], low: [0, null, 2], high: [2, null, 4] }],
  };
  const { text } = chart(data);
  const attribute = /^<div class="plot" data-chart="([^"<>]*)"><\/div>$/.exec(text)?.[1] ?? '';
  const entities: Readonly<Record<string, string>> = { quot: '"', lt: '<', gt: '>', amp: '&', '#39': "'" };
  const read = attribute.replace(/&([^;]+);/g, (_, name: string) => entities[name]);
  expect(JSON.parse(read)).toEqual(data);
});
