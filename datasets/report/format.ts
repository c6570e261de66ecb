/** A length in millimetres, or a dash where it is not known. */
export function millimetres(metres: number): string {
  return Number.isFinite(metres) ? `${(1000 * metres).toFixed(1)} mm` : '–';
}

export function seconds(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(1)} s` : '–';
}

export function percent(fraction: number): string {
  return Number.isFinite(fraction) ? `${(100 * fraction).toFixed(1).replace(/\.0$/, '')} %` : '–';
}

/** A short time: microseconds, milliseconds or seconds, three figures; a dash for none. */
export function duration(value_s: number): string {
  if (!Number.isFinite(value_s) || value_s === 0) return '–';
  if (value_s < 1e-3) return `${(value_s * 1e6).toPrecision(3)} µs`;
  if (value_s < 1) return `${(value_s * 1e3).toPrecision(3)} ms`;
  return `${value_s.toPrecision(3)} s`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
