import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { requirePeer } from '../test/support/peer.ts';
import { pythonEnvironment } from '../test/support/python.ts';
import { compareWithRuckig } from '../test/support/ruckig.ts';
import { sweep } from '../test/support/sweep.ts';
import { readMotions } from '../test/support/trajectories.ts';

const GOLDEN = join(PACKAGE_ROOT, 'trajectory', 'golden');
const LIVE = join(PACKAGE_ROOT, '.cache', `ruckig-live-${process.pid}`);

describe('durations of Ruckig or shorter, within limits', () => {
  afterAll(() => rmSync(LIVE, { recursive: true, force: true }));

  test('on the committed motions', () => {
    const { sets } = readMotions(join(GOLDEN, 'golden.json'));
    expect(sets.map(({ name }) => name)).toEqual(['full', 'jerk20', 'short', 'rest', 'velocity', 'grid']);
    for (const set of sets) compareWithRuckig(set);
  });

  test('on motions drawn now', async (ctx) => {
    const environment = await pythonEnvironment('ruckig', ['ruckig==0.19.4']);
    const missing = 'missing' in environment ? environment.missing : '';
    requirePeer(ctx, 'ruckig', missing, missing === '');
    if (!('python' in environment)) return;
    mkdirSync(LIVE, { recursive: true });
    const out = join(LIVE, 'live.json');
    const seed = 1 + Math.floor(Math.random() * 1e9);
    const options = ['--seed', String(seed), '--cases', String(sweep(300, 1000)), '--grid-every', '17', '--out', out];
    await promisify(execFile)(environment.python, ['-B', join(GOLDEN, 'make_golden.py'), ...options]);
    const { sets } = readMotions(out);
    for (const set of sets) compareWithRuckig(set, `seed ${seed}`);
  }, 300_000);
});
