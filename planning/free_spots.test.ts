import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../contracts/index.ts';
import { freeSpots, reachesOut } from './free_spots.ts';
import { footprintRadius, type TableObject } from './table_objects.ts';

const REGION = { centre: [0.5, 0.2, 0] as const, size: [0.26, 0.18] as const };

function thing(rng: Rng): TableObject {
  const side = (): number => rng.range(0.03, 0.05);
  const shape =
    rng.uniform() < 0.5
      ? ({ type: 'box', size: [side(), side(), side()] } as const)
      : ({ type: 'cylinder', radius: side() / 2, length: side() } as const);
  return {
    class: shape.type,
    colour: 'red',
    shape,
    position: [rng.range(0.36, 0.64), rng.range(0.1, 0.3), 0.02],
    yaw_rad: rng.range(-3, 3),
    seen: 3,
    score: 1,
  };
}

/** How far any point of an object's outline is out of the region, by walking round it. */
function walkedOut({ shape, position, yaw_rad }: TableObject): number {
  let most = -Infinity;
  for (let k = 0; k < 720; k++) {
    const angle = (k * Math.PI) / 360;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    let [u, v] = [0, 0];
    if (shape.type === 'cylinder') [u, v] = [shape.radius * c, shape.radius * s];
    else if (shape.type === 'box') {
      const scale = Math.min(shape.size[0] / 2 / Math.abs(c), shape.size[1] / 2 / Math.abs(s));
      [u, v] = [scale * c, scale * s];
    }
    const x = position[0] + Math.cos(yaw_rad) * u - Math.sin(yaw_rad) * v - REGION.centre[0];
    const y = position[1] + Math.sin(yaw_rad) * u + Math.cos(yaw_rad) * v - REGION.centre[1];
    most = Math.max(most, Math.abs(x) - REGION.size[0] / 2, Math.abs(y) - REGION.size[1] / 2);
  }
  return most;
}

test('how far an outline reaches out is what walking round it finds', () => {
  const rng = createRng(1);
  for (let round = 0; round < 200; round++) {
    const object = thing(rng);
    const out = reachesOut(object, REGION);
    const walked = walkedOut(object);
    expect(out, `round ${round}`).toBeGreaterThan(walked - 1e-9);
    expect(out, `round ${round}`).toBeLessThan(walked + 5e-4);
  }
});

describe('free spots', () => {
  test('keep every footprint inside and apart from others, those with more room first', () => {
    const rng = createRng(2);
    for (let round = 0; round < 60; round++) {
      const others = Array.from({ length: rng.int(5) }, () => thing(rng));
      const object = thing(rng);
      const radius = footprintRadius(object.shape);
      const gap = (at: readonly number[]): number =>
        Math.min(
          ...others.map(
            (o) => Math.hypot(o.position[0] - at[0], o.position[1] - at[1]) - radius - footprintRadius(o.shape),
          ),
          1,
        );
      const spots = freeSpots(REGION, object, others, { clearances_m: [0.04, 0.012], edges_m: [0.004] });
      for (const spot of spots) {
        expect(reachesOut({ ...object, position: spot }, REGION), `round ${round}`).toBeLessThan(0);
        expect(gap(spot), `round ${round}`).toBeGreaterThanOrEqual(0.012);
      }
      const roomy = spots.map((spot) => gap(spot) >= 0.04);
      expect(roomy.lastIndexOf(true) + 1, `round ${round}`).toBe(roomy.filter(Boolean).length);
    }
  });

  test('four objects one after the other all find room; a region full of one has none', () => {
    const rng = createRng(3);
    for (let round = 0; round < 50; round++) {
      const placed: TableObject[] = [];
      for (let k = 0; k < 4; k++) {
        const object = thing(rng);
        const [spot] = freeSpots(REGION, object, placed);
        expect(spot, `round ${round}, object ${k}`).toBeDefined();
        placed.push({ ...object, position: spot });
      }
    }
    const inset = freeSpots(REGION, thing(rng), []);
    const edge = (at: readonly number[]): number =>
      Math.min(...[0, 1].map((k) => REGION.size[k] / 2 - Math.abs(at[k] - REGION.centre[k])));
    expect(edge(inset[0])).toBeGreaterThan(Math.min(...inset.map(edge)) + 0.007);
    const slab: TableObject = {
      ...thing(rng),
      shape: { type: 'box', size: [0.3, 0.3, 0.03] },
      position: [0.5, 0.2, 0.015],
    };
    expect(freeSpots(REGION, thing(rng), [slab])).toEqual([]);
  });
});
