import { expect, it } from 'vitest';
import { createRng, type Detection } from '../../contracts/index.ts';
import type { Place } from '../protocol/index.ts';
import { freeSpot, nextObject } from './next_object.ts';

const PLACE: Place = { name: 'left', position: [0.45, 0.3, 0], size: [0.3, 0.2] };

function seen(x: number, y: number, changes: Partial<Detection> = {}): Detection {
  return {
    ...{ id: 0, class: 'box', colour: 'red', score: 0.9, shape: { type: 'box', size: [0.04, 0.04, 0.04] } },
    pose: { position: [x, y, 0.02], orientation: [0, 0, 0, 1] },
    ...{ covariance: new Array<number>(36).fill(0), image_box: [0, 0, 1, 1], pixels: 100 },
    ...changes,
  };
}

it('a free spot is inside its place, and clear of everything seen, wherever things lie', () => {
  const rng = createRng(4);
  for (let trial = 0; trial < 500; trial++) {
    const things = Array.from({ length: rng.int(8) }, () => seen(0.3 + 0.3 * rng.uniform(), 0.2 + 0.2 * rng.uniform()));
    const spot = freeSpot(PLACE, things);
    if (spot === null) {
      expect(things.length, `trial ${trial}`).toBeGreaterThan(1);
      continue;
    }
    expect(Math.abs(spot[0] - 0.45)).toBeLessThanOrEqual(0.15);
    expect(Math.abs(spot[1] - 0.3)).toBeLessThanOrEqual(0.1);
    for (const { pose } of things)
      expect(Math.hypot(pose.position[0] - spot[0], pose.position[1] - spot[1]), `trial ${trial}`).toBeGreaterThan(
        0.089,
      );
  }
  expect(freeSpot(PLACE, [])).toEqual([0.45, 0.3, 0]);
});

it('a batch takes the surest object, none that is there already, was tried or is in doubt', () => {
  const there = seen(0.45, 0.3, { colour: 'blue', score: 1 });
  const doubtful = seen(0.5, 0, {
    colour: 'green',
    score: 0.99,
    confidence: { visible: 1, possible: ['box', 'cylinder'], verdict: 'escalate', reason: 'two classes' },
  });
  const sure = seen(0.5, -0.1, { colour: 'yellow', score: 0.95 });
  const less = seen(0.6, -0.1, { colour: 'orange', score: 0.8 });
  const all = [there, doubtful, less, sure];
  const first = nextObject(all, PLACE, []);
  expect(first?.object).toEqual({ class: 'box', colour: 'yellow' });
  const second = nextObject(all, PLACE, first === null ? [] : [first]);
  expect(second?.object).toEqual({ class: 'box', colour: 'orange' });
  expect(
    nextObject(
      all,
      PLACE,
      [first, second].flatMap((goal) => goal ?? []),
    ),
  ).toBeNull();
  expect(nextObject(all, null, [])).toBeNull();
});
