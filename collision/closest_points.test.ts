import { expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { CollisionWorld } from './world.ts';

/** A position near which slivers of a simplex once seemed to hold the origin, of bodies 7 and 19 mm apart. */
const SLIVERS = [0.13191, 0.46954, 0.03256, -2.16985, 0.09989, 1.23717, 0.03732];
const STEP_RAD = 1e-6;

test('a distance changes by no more than the bodies move, also where a simplex is a sliver', () => {
  const robot = loadRobot('panda');
  const world = new CollisionWorld(robot);
  world.setObstacles([]);
  const table = world.proximityTable();
  const rng = createRng(28);
  for (let trial = 0; trial < 1200; trial++) {
    const q = Float64Array.from(SLIVERS, (value) => value + rng.range(-1e-3, 1e-3));
    world.distances(q, 0, 0.1, table);
    const before = table.distance_m.slice();
    world.distances(
      q.map((value) => value + STEP_RAD),
      0,
      0.1,
      table,
    );
    for (let row = table.links; row < table.rows; row++) {
      if (before[row] === table.distance_m[row]) continue;
      const change = Math.abs(before[row] - table.distance_m[row]);
      // Within reach on one side only: the other says Infinity.
      if (Math.min(before[row], table.distance_m[row]) > 0.0999) continue;
      expect(change, `trial ${trial}, ${table.a[row]} and ${table.other[row]}`).toBeLessThan(20 * STEP_RAD);
    }
  }
});
