import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { fitInside, hitBox } from './hit_test.ts';

describe('what a press means', () => {
  it('is the smallest box around it', () => {
    const boxes = [
      { id: 1, box: [0, 0, 100, 100] },
      { id: 2, box: [40, 40, 20, 20] },
    ];
    expect(hitBox(boxes, 50, 50, 10)).toBe(2);
    expect(hitBox([...boxes].reverse(), 50, 50, 10)).toBe(2);
    expect(hitBox(boxes, 10, 10, 10)).toBe(1);
  });
  it('is a box around it rather than any near it', () => {
    const boxes = [
      { id: 1, box: [51, 50, 4, 4] },
      { id: 2, box: [0, 0, 50.5, 100] },
    ];
    for (const order of [boxes, [...boxes].reverse()]) expect(hitBox(order, 50, 52, 10)).toBe(2);
  });
  it('is the nearest box within reach, else none', () => {
    const boxes = [
      { id: 1, box: [0, 0, 10, 10] },
      { id: 2, box: [30, 0, 10, 10] },
    ];
    expect(hitBox(boxes, 18, 5, 10)).toBe(1);
    expect(hitBox(boxes, 23, 5, 10)).toBe(2);
    expect(hitBox(boxes, 15, 90, 10)).toBe(null);
    expect(hitBox([], 0, 0, 10)).toBe(null);
  });
  it('never is a box farther away than another that is as far in reach', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const rng = createRng(seed);
      const number = (most: number) => rng.uniform(0, most);
      const boxes = Array.from({ length: 6 }, (_, id) => ({
        id,
        box: [number(90), number(90), number(30), number(30)],
      }));
      const [x, y, reach] = [number(120), number(120), number(30)];
      const away = ({ box: [left, top, width, height] }: (typeof boxes)[number]) =>
        Math.hypot(Math.max(left - x, 0, x - left - width), Math.max(top - y, 0, y - top - height));
      const least = Math.min(...boxes.map(away));
      const hit = hitBox(boxes, x, y, reach);
      if (hit === null) expect(least, `seed ${seed}`).toBeGreaterThan(reach);
      else expect(away(boxes[hit]), `seed ${seed}`).toBe(least);
    }
  });
});

it('shows a picture whole and in the middle', () => {
  expect(fitInside(640, 480, 320, 480)).toEqual({ scale: 0.5, left: 0, top: 120 });
  expect(fitInside(640, 480, 1280, 480)).toEqual({ scale: 1, left: 320, top: 0 });
});
