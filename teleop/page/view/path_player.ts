const PLAY_S = 2.5;
const REST_S = 1;

/**
 * The pose of a path of `rows` at a time since its start: along it at even steps, a rest at its end, and again. With reduced
 * motion its end. Interpolates into `out`. @returns false for an empty path
 */
export function playPath(
  rows: readonly (readonly number[])[],
  elapsed_s: number,
  still: boolean,
  out: Float64Array,
): boolean {
  if (rows.length === 0) return false;
  const share = still ? 1 : Math.min(1, Math.max(0, elapsed_s % (PLAY_S + REST_S)) / PLAY_S);
  const at = share * (rows.length - 1);
  const before = rows[Math.floor(at)];
  const after = rows[Math.min(rows.length - 1, Math.floor(at) + 1)];
  for (let i = 0; i < out.length && i < before.length; i++)
    out[i] = before[i] + (after[i] - before[i]) * (at - Math.floor(at));
  return true;
}
