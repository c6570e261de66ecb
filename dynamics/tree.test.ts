import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { randomRobot } from '../test/support/random_robot.ts';
import { jointsBetween } from './tree.ts';

describe('joints between bodies of a tree', () => {
  const model = randomRobot(createRng(4), { bodies: 12 });

  it('are a metric: none to itself, one to the parent, symmetric, triangle inequality', () => {
    for (let a = -1; a < model.nb; a++) {
      expect(jointsBetween(model, a, a)).toBe(0);
      if (a >= 0) expect(jointsBetween(model, a, model.parent[a])).toBe(1);
      for (let b = -1; b < model.nb; b++) {
        expect(jointsBetween(model, a, b)).toBe(jointsBetween(model, b, a));
        for (let c = -1; c < model.nb; c++) {
          expect(jointsBetween(model, a, c)).toBeLessThanOrEqual(
            jointsBetween(model, a, b) + jointsBetween(model, b, c),
          );
        }
      }
    }
  });
});
