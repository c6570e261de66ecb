import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../../../test/support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-replay-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const surepick = (...args: string[]) => cli(args, folder);
const json = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
const EXPERT = ['--policy', 'expert', '--observation', 'state', '--seed', '6'];

describe('surepick dataset replay of runs', () => {
  beforeAll(async () => {
    for (const workers of ['1', '2']) {
      const { code, stderr } = await surepick(
        'run',
        '--episodes',
        '2',
        ...EXPERT,
        '--workers',
        workers,
        '--out',
        `w${workers}`,
      );
      expect(code, stderr).toBe(0);
    }
  }, 120_000);

  it('replays what one and two workers recorded, with any number of workers', async () => {
    for (const [run, workers] of [
      ['w1', '2'],
      ['w2', '1'],
    ]) {
      const { code, stdout, stderr } = await surepick(
        'dataset',
        'replay',
        run,
        '--workers',
        workers,
        '--out',
        'r.html',
        '--json',
      );
      expect(code, stderr).toBe(0);
      const tally = json(stdout);
      expect(tally).toMatchObject({
        schema: 'surepick/dataset_replay',
        mode: 'closed_loop',
        same: 2,
        asked: 2,
        interrupted: false,
      });
      expect(tally.replays.map(({ digest }: { digest: object }) => digest)).toEqual(
        JSON.parse(readFileSync(join(folder, 'w1', 'manifest.json'), 'utf8')).episodes.map(
          ({ digest }: { digest: string }) => ({
            recorded: digest,
            replayed: digest,
          }),
        ),
      );
      expect(stderr).toContain('/diagnostics/latency');
      expect(readFileSync(join(folder, 'r.html'), 'utf8')).toContain('2 of 2 replayed to the byte');
    }
  });

  it('plays commands in the other engine, and tells how far it drifts', async () => {
    const { code, stdout, stderr } = await surepick(
      'dataset',
      'replay',
      'w1',
      '--episodes',
      '0',
      '--engine',
      'other',
      '--out',
      'd.html',
      '--json',
    );
    expect(code, stderr).toBe(0);
    const [driven] = json(stdout).replays;
    expect(driven).toMatchObject({ result: 'played', recorded_engine: 'cannon', engine: 'mujoco' });
    expect(driven.tool.mm.p95).toBeGreaterThan(0);
    expect(readFileSync(join(folder, 'd.html'), 'utf8')).toMatch(/data-drift="tool-0"/);
  });
});
