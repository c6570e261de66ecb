/** Pearson's coefficient of correlation of paired values; NaN where one of them does not vary or there are fewer than two. */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const n = Math.min(x.length, y.length);
  let [mean_x, mean_y] = [0, 0];
  for (let i = 0; i < n; i++) {
    mean_x += x[i] / n;
    mean_y += y[i] / n;
  }
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [dx, dy] = [x[i] - mean_x, y[i] - mean_y];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return n < 2 || xx === 0 || yy === 0 ? Number.NaN : Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
}
