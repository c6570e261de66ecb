import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createRng, InputError } from '../../contracts/index.ts';
import { keptPlay } from './kept_play.ts';
import { InterruptedError, type Play } from './play.ts';
import { playedWorld, withoutFactors } from './worlds.ts';

const folder = mkdtempSync(join(tmpdir(), 'outcomes-'));
const file = join(folder, 'outcomes.jsonl');
const SETTING = {
  task: 'pick-place',
  objects: 'all',
  randomize: 'none',
  seed: 3,
  model: 'vision',
  workers: 1,
} as const;
const HERE = playedWorld('cannon', null);
const THERE = playedWorld('mujoco', 'sealed');

/** Success by policy, world and number; `stop` ends it at an episode. */
function chance(stop = Number.POSITIVE_INFINITY): { readonly play: Play; readonly played: number[] } {
  const played: number[] = [];
  const play: Play = async (policy, world, first, episodes) => {
    if (first + episodes > stop) throw new InterruptedError();
    return Array.from({ length: episodes }, (_, k) => {
      played.push(first + k);
      const name = `${policy} ${JSON.stringify(world)} ${first + k}`;
      return createRng(1).stream(name).uniform() < 0.5;
    });
  };
  return { play, played };
}

beforeEach(() => rmSync(file, { force: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('outcomes that are kept', () => {
  it('are those of the play itself, each episode played once, whatever is asked in which order', async () => {
    const rng = createRng(7);
    const { play, played } = chance();
    const kept = keptPlay(play, file, SETTING);
    const seen = new Set<number>();
    for (let k = 0; k < 40; k++) {
      const [first, count] = [rng.int(200), 1 + rng.int(70)];
      for (let i = first; i < first + count; i++) seen.add(i);
      expect(await kept('expert', HERE, first, count), `${first}+${count}`).toEqual(
        await chance().play('expert', HERE, first, count),
      );
    }
    expect(played.toSorted((a, b) => a - b)).toEqual([...seen].sort((a, b) => a - b));
  });

  it('are not lost when play is ended, nor when a line is cut off', async () => {
    await expect(keptPlay(chance(130).play, file, SETTING)('expert', HERE, 0, 200)).rejects.toThrow(InterruptedError);
    appendFileSync(file, readFileSync(file, 'utf8').split('\n')[1].slice(0, 30));
    const { play, played } = chance();
    const outcomes = await keptPlay(play, file, SETTING)('expert', HERE, 0, 200);
    expect(played).toEqual(Array.from({ length: 80 }, (_, k) => 120 + k));
    expect(outcomes).toEqual(await chance().play('expert', HERE, 0, 200));
    await keptPlay(chance(0).play, file, SETTING)('expert', HERE, 0, 200);
  });

  it('of other policies and worlds are others', async () => {
    const kept = keptPlay(chance().play, file, SETTING);
    const worlds = [HERE, THERE, withoutFactors(THERE, ['mass']), playedWorld('cannon', null, 'gain_scale=0.9~0.01')];
    for (const policy of ['expert', 'stack'])
      for (const world of worlds)
        expect(await kept(policy, world, 0, 60)).toEqual(await chance().play(policy, world, 0, 60));
  });

  it('of another setting, and files that are none, are refused as they are', async () => {
    await keptPlay(chance().play, file, SETTING)('expert', HERE, 0, 40);
    const before = readFileSync(file, 'utf8');
    expect(() => keptPlay(chance().play, file, { ...SETTING, seed: 4 })).toThrow(/at seed 3: those at 4/);
    for (const [text, words] of [
      ['', /line 1: a line of JSON/],
      ['{"schema":"surepick/fit"}\n', /line 1: schema/],
      [before.replace('"outcomes":"', '"outcomes":"2'), /line 2: outcomes/],
      [before.replace('\n{', '\n['), /line 2: a line of JSON/],
    ] as const) {
      writeFileSync(file, text);
      expect(() => keptPlay(chance().play, file, SETTING)).toThrow(InputError);
      expect(() => keptPlay(chance().play, file, SETTING)).toThrow(words);
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
  });
});
