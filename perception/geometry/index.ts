export { type Circle, fitCircle } from './circle.ts';
export { convexHull } from './convex_hull.ts';
export { describeRegion, type ObjectEstimate } from './object_fit.ts';
export { minAreaRectangle, type Rectangle } from './rectangle.ts';
export { fitTop, type TopFit } from './top_fit.ts';
