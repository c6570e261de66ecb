import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { notAmong, TurnHistory } from './history.ts';
import type { SetFacts } from './record.ts';

const folder = mkdtempSync(join(tmpdir(), 'history '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const set = (source: string, hash: string, episodes: number): SetFacts => ({
  ...{ source, episodes },
  sha256: hash.repeat(64),
});
const SETUP = { command: 'surepick improve', parent: 'a'.repeat(64), data: [] };
const DECIDED = {
  ...{ turn: 1, promoted: false, reason: 'not shown to be better', candidate: null },
  policy: { file: 'pick.onnx', sha256: 'a'.repeat(64) },
  ...{ data: [], refused: [], sources: [], before: null, after: null, scored: null },
  ...{ command: SETUP.command, corrections: null, comparison: null, verdict: null, suites: null, canary: null },
  watched: { episodes: 1, successes: 1, stages: {}, with_interventions: 0, shown: 0 },
};

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
    expect(history.decided(SETUP.command, false)).toBeNull();
    expect(() => history.decide({ ...DECIDED, turn: 2 })).toThrow('decided.json: turn 2');
    history.decide({ ...DECIDED, corrections });
    expect(TurnHistory.open(file).next).toBe(1);
    expect(() => history.decided(SETUP.command, false)).toThrow('--resume');
    expect(() => history.decided('other', true)).toThrow(/command surepick improve/);
    expect(history.decided(SETUP.command, true)).toMatchObject({ turn: 1, corrections });
    const record = history.end();
    expect(history.decided(SETUP.command, true)).toBeNull();
    expect(TurnHistory.open(file)).toMatchObject({ next: 2, corrections: [corrections] });
    writeFileSync(record, JSON.stringify({ schema: 'surepick.improvement', version: 1, turn: 2 }));
    expect(() => TurnHistory.open(file)).toThrow(`${record}: promoted`);
    writeFileSync(record, 'no');
    expect(() => TurnHistory.open(file)).toThrow('cannot be read as JSON');
    mkdirSync(join(folder, 'empty.improve'));
    expect(TurnHistory.open(join(folder, 'empty.onnx')).next).toBe(1);
  });
});
