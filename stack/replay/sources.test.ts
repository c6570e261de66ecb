import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withFolder } from '../../test/support/recording.ts';
import { chosenSources, replaySources } from './sources.ts';

const sources = ['a', 'b', 'c'].map((id) => ({ id, file: `${id}.mcap`, sha256: '' }));
const chosen = (asked: string | null) => chosenSources(sources, asked).map(({ id }) => id);

it('finds recordings by position, by ranges of positions and by id, each once', () => {
  expect(chosen(null)).toEqual(['a', 'b', 'c']);
  expect(chosen('1-2, a,0,2')).toEqual(['b', 'c', 'a']);
  for (const asked of ['3', '2-1', '0-3', 'd', '', '-1', '1.5'])
    expect(() => chosen(asked), asked).toThrow(/--episodes .*: positions within 0-2, ranges of them as 0-9, or ids/);
});

it('takes a recording by itself, cut off or not, and refuses what is none', () =>
  withFolder(async (folder) => {
    for (const name of ['e.mcap', 'f.mcap.part', 'g.txt']) writeFileSync(join(folder, name), '');
    expect(replaySources(join(folder, 'e.mcap'))).toEqual([{ id: 'e', file: join(folder, 'e.mcap'), sha256: '' }]);
    expect(replaySources(join(folder, 'f.mcap.part'))).toMatchObject([{ id: 'f' }]);
    for (const name of ['g.txt', 'nowhere.mcap', '.'])
      expect(() => replaySources(join(folder, name)), name).toThrow(/must be a recording \(\.mcap\), or a folder with/);
  }));
