import { expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { correctables, questionKey } from './correctable.ts';

const box = (id: number, left: number, kind = 'red') => {
  return { id, class: 'box' as const, colour: kind as 'red', score: 0.9, box: [left, 10, 20, 20] };
};
const picture = { camera: 'overview' as const, stamp_ms: 1200, width: 320, height: 240 };

it('keeps the name of an outline whatever numbers and order the detector gives, and names the newest picture', () => {
  const rng = createRng(3).stream('outlines');
  const names = new Map<number, string>();
  for (let scene = 0; scene < 200; scene++) {
    const lefts = [30, 90, 150, 220].map((left) => left + rng.int(20));
    const order = [0, 1, 2, 3].sort(() => rng.uniform() - 0.5);
    const boxes = order.map((k, id) => box(id, lefts[k], k === 3 ? 'blue' : 'red'));
    const found = correctables([{ ...picture, stamp_ms: scene, boxes }], []);
    for (const { key, about, outline } of found) {
      if (about.kind !== 'outline' || outline === null) throw new Error(`scene ${scene}: ${key}`);
      const k = order[about.object];
      expect(about.stamp_ms, `scene ${scene}`).toBe(scene);
      expect(names.get(k) ?? key, `scene ${scene}`).toBe(key);
      names.set(k, key);
      expect(outline.id).toBe(about.object);
    }
  }
  expect(new Set(names.values()).size).toBe(4);
});

it('has questions first, bound to their picture and model', () => {
  const asked = { id: 'a', question: 'What is it?', frame_sha256: 'ab', model: 'm', image_box: [1, 2, 3, 4] };
  const [first, second] = correctables([{ ...picture, boxes: [box(4, 9)] }], [asked]);
  expect(first).toMatchObject({
    ...{ key: questionKey('a'), box: [1, 2, 3, 4], outline: null },
    about: { kind: 'question', escalation: 'a', frame_sha256: 'ab', model: 'm' },
  });
  expect(second.label).toBe('overview: red box');
});
