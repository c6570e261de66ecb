import { describe, expect, it } from 'vitest';
import { loadRobot } from '../../robots/index.ts';
import { foundCover, keyOf, rowOf } from './found_covers.ts';
import { FOUND_COVERS } from './found_covers_table.ts';
import { coverBalls, linkBalls } from './link_capsules.ts';

const links = linkBalls(loadRobot('panda', { visualMeshes: false }));

describe('covers that were found before', () => {
  it('are what the search finds, of every link of the Panda and nothing else', () => {
    const table = Object.fromEntries(links.map(({ balls }) => [keyOf(balls), rowOf(coverBalls(balls))]));
    expect(FOUND_COVERS, `found_covers_table.ts should have ${JSON.stringify(table)}`).toEqual(table);
    for (const { link, balls } of links) expect(rowOf(foundCover(balls) ?? []), link).toEqual(table[keyOf(balls)]);
  });

  it('are of no other shapes, however little they differ', () => {
    for (const { link, balls } of links) {
      const moved = balls.map((ball) => ball.slice());
      moved[0][0] += 1e-12;
      expect(foundCover(moved), link).toBeNull();
      if (balls.length > 1) expect(foundCover(balls.slice(1)), link).toBeNull();
    }
    expect(foundCover([Float64Array.of(0, 0, 0, 1)])).toBeNull();
  });

  it('are not taken where they do not hold a shape', () => {
    for (const { link, balls } of links) {
      const rows = FOUND_COVERS[keyOf(balls)];
      const smaller = rows.map((row) => [...row.slice(0, 6), row[6] - 1e-9]);
      expect(foundCover(balls, { [keyOf(balls)]: smaller }), link).toBeNull();
      if (rows.length > 1) expect(foundCover(balls, { [keyOf(balls)]: rows.slice(1) }), link).toBeNull();
    }
  });
});
