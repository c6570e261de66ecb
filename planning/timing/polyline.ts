/** A polyline up to a length along it (rad, Euclidean over the joints). */
export function cutPolyline(path: readonly Float64Array[], length_rad: number): Float64Array[] {
  const { leg, point } = placeOn(path, length_rad);
  return leg === 0 ? [path[0]] : [...path.slice(0, leg), point];
}

/** What is left of a polyline from a length along it on. */
export function restOfPolyline(path: readonly Float64Array[], length_rad: number): Float64Array[] {
  const { leg, point, at_end } = placeOn(path, length_rad);
  return [point, ...path.slice(at_end ? leg + 1 : Math.max(leg, 1))];
}

/** The leg that holds a place, by the number of its end, and the point there; 0 for the first point. */
function placeOn(path: readonly Float64Array[], length_rad: number) {
  let left = length_rad;
  if (left <= 0) return { leg: 0, point: path[0], at_end: true };
  for (let i = 1; i < path.length; i++) {
    const [a, b] = [path[i - 1], path[i]];
    const leg = Math.hypot(...b.map((x, j) => x - a[j]));
    if (left < leg - SAME_RAD) {
      return { leg: i, point: b.map((x, j) => a[j] + (left / leg) * (x - a[j])), at_end: false };
    }
    left -= leg;
    if (left < SAME_RAD) return { leg: i, point: b, at_end: true };
  }
  return { leg: path.length - 1, point: path[path.length - 1], at_end: true };
}

/** Places closer than this are one (rad). */
const SAME_RAD = 1e-9;
