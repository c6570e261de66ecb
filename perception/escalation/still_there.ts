import { type Detection, type NamedObject, objectName, type Shape } from '../../contracts/index.ts';

/** How far an object that nobody touched may seem to have moved, and to have changed its sizes (m). */
const SAME_PLACE_M = 0.02;
const SAME_SIZE_M = 0.012;

/**
 * Whether the object that a person was asked about still stands where it stood: at its place there is one of its colour
 * and its sizes that the detector takes for what it took it for before, or for what the person says.
 * @param named  what the person says it is
 * @returns why not; empty when it does
 */
export function whyGone(asked: Detection, seen: readonly Detection[], named: NamedObject): string {
  const [x, y] = asked.pose.position;
  let nearest: Detection | null = null;
  let least = SAME_PLACE_M;
  for (const detection of seen) {
    const gap = Math.hypot(detection.pose.position[0] - x, detection.pose.position[1] - y);
    if (gap <= least) [nearest, least] = [detection, gap];
  }
  if (nearest === null) return 'nothing is seen at its place any more';
  const { confidence } = nearest;
  const may = [asked.class, named.class].includes(nearest.class) || confidence?.possible.includes(named.class) === true;
  if (nearest.colour !== asked.colour || !may) return `a ${objectName(nearest)} stands at its place now`;
  if (sizeGap(asked.shape, nearest.shape) > SAME_SIZE_M) return 'something of another size stands at its place now';
  return '';
}

/** Largest difference of the sizes of the boxes about two shapes, sides in their order (m). */
function sizeGap(a: Shape, b: Shape): number {
  const [first, second] = [sizesOf(a), sizesOf(b)];
  return Math.max(...first.map((size, k) => Math.abs(size - second[k])));
}

function sizesOf(shape: Shape): number[] {
  if (shape.type === 'sphere') return [2 * shape.radius, 2 * shape.radius, 2 * shape.radius];
  if (shape.type === 'cylinder') return [2 * shape.radius, 2 * shape.radius, shape.length].sort((a, b) => a - b);
  return [...shape.size].sort((a, b) => a - b);
}
