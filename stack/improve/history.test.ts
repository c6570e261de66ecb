import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { notAmong, type SetFacts, TurnHistory } from './history.ts';

const folder = mkdtempSync(join(tmpdir(), 'history '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const set = (source: string, hash: string, episodes: number): SetFacts => ({
  ...{ source, episodes },
  sha256: hash.repeat(64),
});
const SETUP = { command: 'surepick improve', parent: 'a'.repeat(64), data: [] };

describe('the turns of a policy', () => {
  it('give the corrections of each once, also where the checks left some of a set out', () => {
    const [first, second] = [set('turn 1', 'b', 106), set('turn 2', 'c', 98)];
    expect(notAmong([first, second], [set('demonstrations', 'd', 60), set('turn 1', 'e', 105)])).toEqual([second]);
  });

  it('are counted by their records, which must be whole and of one turn each', () => {
    const file = join(folder, 'pick.onnx');
    expect(TurnHistory.open(file).next).toBe(1);
    const history = TurnHistory.open(file);
    history.begin(SETUP, false);
    expect(() => TurnHistory.open(file).begin(SETUP, false)).toThrow('--resume');
    expect(() => TurnHistory.open(file).begin({ ...SETUP, command: 'other' }, true)).toThrow(
      /command surepick improve/,
    );
    const corrections = set('turn 1', 'b', 3);
    const record = history.end({ turn: 1, ...{ promoted: false, corrections } });
    expect(TurnHistory.open(file)).toMatchObject({ next: 2, corrections: [corrections] });
    writeFileSync(record, JSON.stringify({ schema: 'surepick.improvement', version: 1, turn: 2 }));
    expect(() => TurnHistory.open(file)).toThrow(`${record}: promoted`);
    writeFileSync(record, 'no');
    expect(() => TurnHistory.open(file)).toThrow('cannot be read as JSON');
    mkdirSync(join(folder, 'empty.improve'));
    expect(TurnHistory.open(join(folder, 'empty.onnx')).next).toBe(1);
  });
});
