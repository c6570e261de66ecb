import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../contracts/index.ts';
import { lucky } from '../../test/support/lucky_policy.ts';
import { linearPolicy } from '../../test/support/task_policies.ts';
import { manifestFileOf } from '../policies/task_policy_file.ts';
import { type Evaluation, evaluatePolicy, scoreOf } from './evaluation.ts';
import { evaluationPage } from './evaluation_report.ts';
import { type EvaluationSetting, openPolicy, type PlayedPolicy } from './play_policy.ts';
import { promotePolicy } from './promotion.ts';
import { readSuites } from './suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-evaluation-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SETTING: EvaluationSetting = {
  ...{ task: 'pick-place', engine: 'cannon', randomize: 'none', objects: 'all', seed: 1, model: 'vision' },
  ...{ second_world: null, workers: 0, pictures: { width: 64, height: 48 } },
};

const judge = (policy: PlayedPolicy, against: PlayedPolicy | null, until_decided: number | null, episodes = 400) =>
  evaluatePolicy({ policy, against, first: 0, episodes, until_decided });

/** Writes a policy that goes to the object by `gain`. */
function write(name: string, gain: number): string {
  const { bytes, manifest } = linearPolicy(gain);
  const file = join(folder, `${name}.onnx`);
  writeFileSync(file, bytes);
  writeFileSync(manifestFileOf(file), JSON.stringify(manifest));
  return file;
}

describe('the evaluation of a policy', () => {
  it('stops as soon as it is clear, with the right verdict, and plays all where it is not', async () => {
    const good = lucky('good', 0.97);
    const clear = await judge(good, null, 0.7);
    expect(clear.decision?.verdict).toBe('above');
    expect(clear.score.episodes).toBe(clear.decision?.episodes);
    expect(good.worlds.length).toBeLessThan(200);
    expect((await judge(lucky('bad', 0.2), null, 0.7)).decision?.verdict).toBe('below');
    const close = await judge(lucky('close', 0.7), null, 0.7, 40);
    expect(close.score.episodes).toBe(40);
    expect(close.decision?.verdict).toBe('open');
  });

  it('compares on the same worlds, both ways round', async () => {
    const there = await judge(lucky('a', 0.9), lucky('b', 0.6), 0.5);
    const back = await judge(lucky('b', 0.6), lucky('a', 0.9), 0.5);
    expect(there.decision?.verdict).toBe('better');
    expect(back.decision?.verdict).toBe('worse');
    expect(there.comparison?.pairs).toBe(there.score.episodes);
    expect(there.against?.episodes).toBe(there.score.episodes);
    expect(back.comparison?.difference).toBe(-(there.comparison?.difference ?? 0));
  });

  it('sums up failures by stage, and calibration by what the policy said', async () => {
    const played = await lucky('sums', 0.5, { confident: true }).play(0, 200);
    const score = scoreOf({ name: 'sums', model_sha256: null }, played);
    expect(score.failure_classes).toHaveLength(1);
    expect(score.failure_classes[0].episodes).toBe(200 - score.successes);
    expect(score.failures).toHaveLength(200 - score.successes);
    expect(score.interventions).toBe(200);
    expect(score.calibration?.error).toBeCloseTo(Math.abs(0.5 - score.success_rate), 9);
    expect(scoreOf({ name: 'sums', model_sha256: null }, played.slice(1)).digest).not.toBe(score.digest);
  });

  it('of a network shows how failed episodes ended, in a page that needs nothing else', async () => {
    const policy = openPolicy(`onnx:${write('shown', 4)}`, SETTING, () => {});
    const evaluation: Evaluation = await judge(policy, null, null, 1);
    expect(evaluation.score.successes).toBe(0);
    expect(evaluation.played[0].picture).toHaveLength(64 * 48 * 3);
    const page = evaluationPage(evaluation, SETTING);
    expect(page).toContain('data:image/png;base64,');
    expect(page).toContain(evaluation.score.failures[0].reason);
    expect(page).not.toMatch(/(?:src|href)="https?:/);
    expect(() => openPolicy('nobody', SETTING, () => {})).toThrow('policy nobody: stack, expert, random or onnx:FILE');
  });
});

describe('the gate of promotions', () => {
  const suites = (least: number, margin: number, episodes = 2) => {
    const file = join(folder, 'suites.json');
    const suite = { name: 'plain', seed: 4, episodes, margin, least };
    writeFileSync(file, JSON.stringify({ schema: 'surepick.suites', version: 1, suites: [suite] }));
    return readSuites(file);
  };
  const setting = { task: 'pick-place', model: 'vision', workers: 0 } as const;

  it('keeps what stands where a candidate may be worse, and says so in a record', { timeout: 300_000 }, async () => {
    const file = write('candidate', 3);
    const name = join(folder, 'best');
    const first = await promotePolicy({ file, name, suites: suites(0.5, 0.9), setting });
    expect(first).toMatchObject({ promoted: false, current: null });
    expect(first.reason).toContain('plain: success is only at least 0.000, asked 0.5');
    expect(existsSync(`${name}.onnx`)).toBe(false);
    expect(JSON.parse(readFileSync(first.record, 'utf8'))).toMatchObject({
      schema: 'surepick.promotion',
      promoted: false,
    });
    write('best', 2);
    const before = readFileSync(`${name}.onnx`);
    const doubtful = await promotePolicy({ file, name, suites: suites(0, 0.05), setting });
    expect(doubtful.reason).toMatch(/plain: may be worse by 0\.\d+, over 0\.05/);
    expect(readFileSync(`${name}.onnx`)).toEqual(before);
    const sure = await promotePolicy({ file, name, suites: suites(0, 0.9), setting });
    expect(sure).toMatchObject({ promoted: true, reason: 'not worse on any suite' });
    expect(readFileSync(`${name}.onnx`)).toEqual(readFileSync(file));
    expect(JSON.parse(readFileSync(manifestFileOf(`${name}.onnx`), 'utf8'))).toMatchObject({ model: 'best.onnx' });
  });

  it('refuses suites that are none, by field', () => {
    const file = join(folder, 'bad.json');
    const refused = (content: string) => {
      writeFileSync(file, content);
      return () => readSuites(file);
    };
    expect(refused('no')).toThrow(InputError);
    expect(refused('{"schema":"surepick.suites","version":1,"suites":[]}')).toThrow('suites');
    const suite = { name: 'a', seed: 1, episodes: 0 };
    const text = JSON.stringify({ schema: 'surepick.suites', version: 1, suites: [suite] });
    expect(refused(text)).toThrow('suites.0.episodes');
  });
});
