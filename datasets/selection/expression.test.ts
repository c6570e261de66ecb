import { describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { drawnEpisodes, episodeOf, rngOf } from '../../test/support/dataset_episodes.ts';
import { parseExpression } from './index.ts';

const one = episodeOf('a', {
  ...{ duration_s: 8, objects: ['box', 'cup'], task: 'sort' },
  randomization: { 'friction.table': 0.4, level: 'hard' },
});

describe('a condition', () => {
  it.each([
    ["task == 'sort'", true],
    ['task == "sort" and duration_s > 8', false],
    ['duration_s >= 8 or duration_s < 0', true],
    ['not duration_s == 8', false],
    ['not (duration_s == 8 and outcome.success == false)', true],
    ['outcome.success', true],
    ["objects has 'cup' and not objects has 'can'", true],
    ['quality.score == null', true],
    ['quality.score > 0', false],
    ['randomization.friction.table < 0.5', true],
    ["randomization.level != 'hard'", false],
    ['randomization.mass == null', true],
    ['duration_s > -1e3', true],
    ["robot.name == 'panda' and true == outcome.success", null],
  ])('%s is %s', (text, expected) => {
    if (expected === null) expect(() => parseExpression(text)).toThrow(InputError);
    else expect(parseExpression(text)(one)).toBe(expected);
  });

  it.each<[string, string]>([
    ['tusk == 1', 'column 1: tusk is no field'],
    ["duration_s == 'x'", 'column 15: does not go with duration_s, a number: duration_s >= 1'],
    ['duration_s >', 'column 13'],
    ['duration_s > 5)', 'column 15: ")" is too much'],
    ['(duration_s > 5', 'column 16: must be ")"'],
    ['duration_s > 5 & true', 'column 16: "&" is not understood'],
    ['duration_s', 'column 11: compare duration_s with something'],
    ["objects == 'box'", "objects has 'name'"],
    ["task has 'x'", "task == 'name'"],
    ['__proto__ == 1', 'is no field'],
    ['constructor.constructor', 'is no field'],
    ['', 'column 1'],
    ["task == 'open", 'is not understood'],
    [`${'('.repeat(100)}outcome.success`, 'deep'],
    ['not '.repeat(400), 'deep'],
    [`task == '${'x'.repeat(3000)}'`, '2000'],
  ])('refuses %s', (text, said) => {
    expect(() => parseExpression(text)).toThrow(said);
  });

  it('agrees with what JavaScript makes of the same logic, on random conditions', () => {
    for (let seed = 0; seed < 400; seed++) {
      const rng = rngOf(seed, 'expression');
      const draw = (depth: number): [string, (d: number, s: boolean) => boolean] => {
        const limit = rng.int(60);
        const kind = depth > 4 ? rng.int(2) : rng.int(5);
        if (kind === 0) return [`duration_s < ${limit}`, (d) => d < limit];
        if (kind === 1) return ['outcome.success', (_d, s) => s];
        const [left, of_left] = draw(depth + 1);
        if (kind === 2) return [`not (${left})`, (d, s) => !of_left(d, s)];
        const [right, of_right] = draw(depth + 1);
        return kind === 3
          ? [`(${left}) and (${right})`, (d, s) => of_left(d, s) && of_right(d, s)]
          : [`(${left}) or (${right})`, (d, s) => of_left(d, s) || of_right(d, s)];
      };
      const [text, expected] = draw(0);
      const predicate = parseExpression(text);
      for (const episode of drawnEpisodes(rng, 6))
        expect(predicate(episode), `seed ${seed}: ${text}`).toBe(
          expected(episode.duration_s, episode.outcome.success === true),
        );
    }
  });

  it('never throws anything but an error that names the column, whatever is typed', () => {
    const pieces = [
      '(',
      ')',
      'and',
      'or',
      'not',
      'task',
      "'x'",
      '==',
      '<',
      'has',
      '5',
      'null',
      '"',
      '$',
      'outcome.success',
      ' ',
    ];
    for (let seed = 0; seed < 2000; seed++) {
      const rng = rngOf(seed, 'typed');
      const text = Array.from({ length: rng.int(12) }, () => pieces[rng.int(pieces.length)]).join(
        rng.int(2) === 0 ? ' ' : '',
      );
      try {
        expect(typeof parseExpression(text)(one)).toBe('boolean');
      } catch (error) {
        expect(error, text).toBeInstanceOf(InputError);
        expect(String(error), text).toMatch(/column \d+/);
      }
    }
  });
});
