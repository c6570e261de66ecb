import { describe, expect, it } from 'vitest';
import { TASK_KINDS } from '../protocol/index.ts';
import { refusalOf, type Wish } from './motion_rules.ts';

const WISHES: readonly Wish[] = ['jog', 'pick', 'batch', 'policy', 'go', 'gripper', 'pause', 'continue', 'cancel'];
const STARTS: readonly Wish[] = ['jog', 'pick', 'batch', 'policy', 'go', 'gripper'];

describe('what excludes what', () => {
  it('is told for every wish beside everything that can be under way', () => {
    const allowed: string[] = [];
    for (const kind of TASK_KINDS)
      for (const paused of [false, true])
        for (const ending of [false, true])
          for (const wish of WISHES) {
            if (refusalOf(wish, { kind, paused, ending }) !== '') continue;
            const how = `${paused ? ' paused' : ''}${ending ? ' ending' : ''}`;
            if ((kind === 'none' || kind === 'jog' || kind === 'gripper' || kind === 'other') && how !== '') continue;
            allowed.push(`${kind}${how}: ${wish}`);
          }
    const begun = (kind: string) => [
      `${kind}: pause`,
      `${kind}: cancel`,
      `${kind} ending: cancel`,
      `${kind} paused: continue`,
      `${kind} paused: cancel`,
      `${kind} paused ending: cancel`,
    ];
    expect(allowed).toEqual([
      ...STARTS.map((wish) => `none: ${wish}`),
      'jog: jog',
      ...['pick', 'batch', 'policy', 'home', 'retreat'].flatMap(begun),
      'gripper: cancel',
    ]);
  });
});
