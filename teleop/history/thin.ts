/**
 * Which of the rows from `low` to before `high` to show where at most so many may be: evenly, the first and the last always,
 * and where a status changes as long as those are less than half.
 */
export function thinned(low: number, high: number, most: number, statusOf: (row: number) => number): number[] {
  const count = high - low;
  if (count <= most) return Array.from({ length: Math.max(count, 0) }, (_, k) => low + k);
  const kept = new Uint8Array(count);
  const changes: number[] = [];
  for (let k = 1; k < count; k++) if (statusOf(low + k) !== statusOf(low + k - 1)) changes.push(k);
  const told = changes.length < most / 2 ? changes : [];
  for (const k of told) kept[k] = 1;
  const even = most - told.length;
  for (let k = 0; k < even; k++) kept[even === 1 ? 0 : Math.round((k * (count - 1)) / (even - 1))] = 1;
  const rows: number[] = [];
  for (let k = 0; k < count; k++) if (kept[k] === 1) rows.push(low + k);
  return rows;
}
