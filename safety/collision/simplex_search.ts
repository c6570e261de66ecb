interface Point {
  readonly x: Float64Array;
  value: number;
}

/**
 * Minimises f from the origin by the simplex method (Nelder and Mead, 1965) with a simplex of edge 0.2; a fixed number of
 * steps, so it always gives the same.
 *
 * @param f  must not keep its argument, which is overwritten
 */
export function simplexSearch(f: (x: Float64Array) => number, n: number, steps: number): Float64Array {
  const create = (): Point => ({ x: new Float64Array(n), value: 0 });
  const points = Array.from({ length: n + 1 }, (_, i) => {
    const point = create();
    if (i > 0) point.x[i - 1] = 0.2;
    point.value = f(point.x);
    return point;
  });
  const middle = new Float64Array(n);
  let next = create();
  let farther = create();
  const place = (point: Point, from: Float64Array, to: Float64Array, factor: number): void => {
    for (let k = 0; k < n; k++) point.x[k] = from[k] + factor * (to[k] - from[k]);
    point.value = f(point.x);
  };
  for (let step = 0; step < steps; step++) {
    order(points);
    const worst = points[n];
    middle.fill(0);
    for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) middle[k] += points[i].x[k] / n;
    place(next, middle, worst.x, -1);
    if (next.value < points[0].value) {
      place(farther, middle, worst.x, -2);
      if (farther.value < next.value) [next, farther] = [farther, next];
    } else if (next.value >= points[n - 1].value) place(next, middle, worst.x, next.value < worst.value ? -0.5 : 0.5);
    if (next.value < worst.value) {
      points[n] = next;
      next = worst;
    } else for (let i = 1; i <= n; i++) place(points[i], points[0].x, points[i].x, 0.5);
  }
  order(points);
  return points[0].x;
}

/** Smallest value first; equal ones stay in their order. By insertion: all but one are in order already. */
function order(points: Point[]): void {
  for (let i = 1; i < points.length; i++) {
    const point = points[i];
    let at = i;
    for (; at > 0 && points[at - 1].value > point.value; at--) points[at] = points[at - 1];
    points[at] = point;
  }
}
