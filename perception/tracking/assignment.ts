/**
 * Pairs of rows and columns of least total cost, of as many pairs as the smaller side has: the Hungarian method with shortest
 * augmenting paths, O(n² m) (Kuhn, 1955; Jonker and Volgenant, 1987).
 * @param cost  row-major rows × columns, finite
 * @returns of every row its column, or −1
 */
export function assign(cost: Float64Array, rows: number, columns: number): Int32Array {
  if (rows > columns) {
    const turned = new Float64Array(cost.length);
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) turned[j * rows + i] = cost[i * columns + j];
    const rowOf = assign(turned, columns, rows);
    const result = new Int32Array(rows).fill(-1);
    rowOf.forEach((i, j) => {
      result[i] = j;
    });
    return result;
  }
  // One more than there are: index 0 is the row that looks for its column.
  const u = new Float64Array(rows + 1);
  const v = new Float64Array(columns + 1);
  const rowAt = new Int32Array(columns + 1);
  const before = new Int32Array(columns + 1);
  const least = new Float64Array(columns + 1);
  const used = new Uint8Array(columns + 1);
  for (let i = 1; i <= rows; i++) {
    rowAt[0] = i;
    least.fill(Number.POSITIVE_INFINITY);
    used.fill(0);
    let at = 0;
    do {
      used[at] = 1;
      const row = rowAt[at];
      let delta = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let j = 1; j <= columns; j++) {
        if (used[j] === 1) continue;
        const reduced = cost[(row - 1) * columns + j - 1] - u[row] - v[j];
        if (reduced < least[j]) {
          least[j] = reduced;
          before[j] = at;
        }
        if (least[j] < delta) {
          delta = least[j];
          next = j;
        }
      }
      for (let j = 0; j <= columns; j++) {
        if (used[j] === 1) {
          u[rowAt[j]] += delta;
          v[j] -= delta;
        } else least[j] -= delta;
      }
      at = next;
    } while (rowAt[at] !== 0);
    while (at !== 0) {
      rowAt[at] = rowAt[before[at]];
      at = before[at];
    }
  }
  const result = new Int32Array(rows).fill(-1);
  for (let j = 1; j <= columns; j++) if (rowAt[j] > 0) result[rowAt[j] - 1] = j - 1;
  return result;
}

/**
 * As `assign`, where every row and every column may also stay alone at half of `alone`: pairs that cost more are not made.
 * @param cost  may hold Infinity for pairs that are out of the question
 */
export function assignGated(cost: Float64Array, rows: number, columns: number, alone: number): Int32Array {
  const n = rows + columns;
  const whole = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const real = i < rows && j < columns;
      const value = real ? Math.min(cost[i * columns + j], 2 * alone + 1) : i >= rows && j >= columns ? 0 : alone / 2;
      whole[i * n + j] = value;
    }
  }
  const found = assign(whole, n, n).subarray(0, rows);
  return Int32Array.from(found, (j, i) => (j < columns && cost[i * columns + j] <= alone ? j : -1));
}
