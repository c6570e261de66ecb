/**
 * Points of a small line through the values, `x,y` each, from left to right over the whole width: 0 at the bottom and the
 * greatest at the top, in a picture whose y points down. Empty below two values.
 */
export function trendLine(values: readonly number[], width: number, height: number): string {
  if (values.length < 2) return '';
  const most = Math.max(1e-9, ...values);
  const step = width / (values.length - 1);
  return values.map((value, i) => `${round(i * step)},${round(height * (1 - Math.max(0, value) / most))}`).join(' ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
