import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { requirePeer } from '../test/support/peer.ts';
import { pythonEnvironment } from '../test/support/python.ts';
import { compareWithRuckig } from '../test/support/ruckig.ts';
import { readMotions } from '../test/support/trajectories.ts';

const LIVE = join(PACKAGE_ROOT, '.cache', `ruckig-long-${process.pid}`);
afterAll(() => rmSync(LIVE, { recursive: true, force: true }));

test.for(['full', 'jerk20', 'short', 'rest', 'velocity', 'grid'])(
  'durations of Ruckig or shorter, 10,000 times or the whole grid: %s',
  { timeout: 600_000 },
  async (name, ctx) => {
    const environment = await pythonEnvironment('ruckig', ['ruckig==0.19.4']);
    const missing = 'missing' in environment ? environment.missing : '';
    requirePeer(ctx, 'ruckig', missing, missing === '');
    if (!('python' in environment)) return;
    mkdirSync(LIVE, { recursive: true });
    const out = join(LIVE, `${name}.json`);
    const seed = 1 + Math.floor(Math.random() * 1e9);
    const script = join(PACKAGE_ROOT, 'trajectory', 'golden', 'make_golden.py');
    const options = ['--sets', name, '--cases', '10000', '--grid-every', '1', '--replans', '2', '--seed', String(seed)];
    await promisify(execFile)(environment.python, ['-B', script, ...options, '--out', out]);
    const [set] = readMotions(out).sets;
    const result = compareWithRuckig(set, `seed ${seed}`);
    process.stdout.write(`${name}: ${JSON.stringify({ ...result, ruckig_replans: set.replans })}\n`);
    expect(result.compared).toBeGreaterThan(0.75 * set.cases.length);
  },
);
