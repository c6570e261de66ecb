import { expect, test } from 'vitest';
import { createRng, type Shape, type Vector3 } from '../contracts/index.ts';
import { shapeHeight, type TableObject } from './table_objects.ts';
import {
  aboutVertical,
  remainingTurn,
  rotate,
  SIDE_TURNS,
  sameSideUp,
  standing,
  turnedHeight,
  turnInWorld,
  UNTURNED,
} from './turning.ts';

const box = (size: Vector3, yaw_rad: number): TableObject => ({
  ...{ class: 'box', colour: 'red', shape: { type: 'box', size }, position: [0, 0, size[2] / 2], yaw_rad },
  ...{ seen: 3, score: 1 },
});

/** Corners of a box whose frame has the orientation R, relative to its middle, sorted. */
function corners({ shape }: { readonly shape: Shape }, R: ArrayLike<number>): string[] {
  if (shape.type !== 'box') throw new TypeError('a box is expected');
  const { size } = shape;
  return Array.from({ length: 8 }, (_, k) => {
    const p = [0, 1, 2].map((axis) => (((k >> axis) & 1) - 0.5) * size[axis]);
    return [0, 1, 2].map((r) => (R[3 * r] * p[0] + R[3 * r + 1] * p[1] + R[3 * r + 2] * p[2] + 1).toFixed(9)).join();
  }).sort();
}

test('a box put down on any side is the same body as the upright one it is told to be', () => {
  for (let seed = 0; seed < 200; seed++) {
    const rng = createRng(seed);
    const object = box([rng.range(0.02, 0.06), rng.range(0.02, 0.06), rng.range(0.02, 0.06)], rng.range(-3, 3));
    const turn = [UNTURNED, ...SIDE_TURNS][rng.int(6)];
    // the orientation of its frame after the turn and a yaw
    const R = rotate(rotate(aboutVertical(rng.range(-3, 3)), turnInWorld(object, turn)), aboutVertical(object.yaw_rad));
    const placed = standing(object, R, [0.4, 0.1, 0.02]);
    if (placed === null) throw new Error('a box always stands');
    expect(corners(placed.object, aboutVertical(placed.object.yaw_rad)), `seed ${seed}`).toEqual(corners(object, R));
    expect(shapeHeight(placed.object.shape), `seed ${seed}`).toBeCloseTo(turnedHeight(object.shape, turn), 12);
    expect(placed.object.position[2], `seed ${seed}`).toBeCloseTo(0.02 + turnedHeight(object.shape, turn) / 2, 12);
    // the frames are related as `sides` says
    const back = rotate(aboutVertical(placed.object.yaw_rad), placed.sides);
    for (let k = 0; k < 9; k++) expect(back[k], `seed ${seed}`).toBeCloseTo(R[k], 12);
  }
});

test('what remains of a turn, done from where the object stands in between, brings up the side that was wanted', () => {
  for (let seed = 0; seed < 200; seed++) {
    const rng = createRng(seed);
    const object = box([0.03, 0.04, 0.05], rng.range(-3, 3));
    const [first, whole] = [rng.int(6), rng.int(6)].map((k) => [UNTURNED, ...SIDE_TURNS][k]);
    const after = (from: TableObject, turn: Float64Array): Float64Array =>
      rotate(rotate(aboutVertical(rng.range(-3, 3)), turnInWorld(from, turn)), aboutVertical(from.yaw_rad));
    const between = standing(object, after(object, first), [0, 0, 0]);
    if (between === null) throw new Error('a box always stands');
    const R = rotate(after(between.object, remainingTurn(whole, between)), between.sides);
    expect(sameSideUp(R, whole), `seed ${seed}`).toBe(true);
  }
});

test('a cylinder stands on its caps only', () => {
  const can: TableObject = {
    ...box([1, 1, 1], 0),
    class: 'cylinder',
    shape: { type: 'cylinder', radius: 0.02, length: 0.05 },
  };
  expect(standing(can, UNTURNED, [0, 0, 0])?.object.shape).toEqual(can.shape);
  expect(standing(can, SIDE_TURNS[4], [0, 0, 0])?.object.position[2]).toBeCloseTo(0.025, 12);
  expect(standing(can, SIDE_TURNS[0], [0, 0, 0])).toBeNull();
});
