import { describe, expect, it } from 'vitest';
import type { SeenObject } from '../../protocol/index.ts';
import { objectOf, outlineOf, seenAgain } from './selection.ts';

const object = (id: number, kind: 'box' | 'cylinder', colour: 'red' | 'blue', x: number): SeenObject => ({
  ...{ id, class: kind, colour, score: 1, verdict: 'accept', reason: '' },
  pose: { position: [x, 0, 0], orientation: [0, 0, 0, 1] },
  shape: { type: 'sphere', radius: 0.02 },
});
const box = (id: number, kind: 'box' | 'cylinder', colour: 'red' | 'blue') => ({
  ...{ id, class: kind, colour, score: 1, box: [0, 0, 1, 1] },
});
const chosen = object(4, 'box', 'red', 0.5);

describe('what was chosen', () => {
  it('is the nearest of its kind, whatever numbers are given', () => {
    const now = [object(4, 'cylinder', 'blue', 0.5), object(1, 'box', 'red', 0.9), object(2, 'box', 'red', 0.52)];
    expect(seenAgain(chosen, now)?.id).toBe(2);
  });

  it('is never another kind', () => {
    expect(seenAgain(chosen, [object(4, 'box', 'blue', 0.5), object(5, 'cylinder', 'red', 0.5)])).toBeNull();
  });

  it('is outlined in a picture that numbers otherwise', () => {
    expect(outlineOf(chosen, [box(4, 'cylinder', 'blue'), box(9, 'box', 'red')])).toBe(9);
    expect(outlineOf(chosen, [box(9, 'box', 'red'), box(4, 'box', 'red')])).toBe(4);
    expect(outlineOf(chosen, [box(4, 'box', 'blue')])).toBeNull();
    expect(outlineOf(null, [box(4, 'box', 'red')])).toBeNull();
  });

  it('by an outline is the object of its kind', () => {
    expect(objectOf(box(4, 'cylinder', 'blue'), [chosen, object(7, 'cylinder', 'blue', 0)])?.id).toBe(7);
    expect(objectOf(box(4, 'cylinder', 'red'), [chosen])).toBeNull();
    expect(objectOf(undefined, [chosen])).toBeNull();
  });
});
