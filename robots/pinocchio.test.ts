import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../contracts/index.ts';
import { requirePeer } from '../test/support/peer.ts';
import { pythonEnvironment } from '../test/support/python.ts';
import { compareDynamics, PINOCCHIO_FOLDER, type RecordedDynamics, readRecordedDynamics } from './recorded_dynamics.ts';

const TOLERANCE = 1e-9;
const LIVE = join(PACKAGE_ROOT, '.cache', `pinocchio-live-${process.pid}`);

function check(recorded: RecordedDynamics, folderOf: (urdf: string) => string): void {
  for (const { robot, errors } of compareDynamics(recorded, folderOf)) {
    for (const [field, error] of Object.entries(errors)) {
      expect(error, `seed ${recorded.seed} ${robot} ${field}`).toBeLessThan(TOLERANCE);
    }
  }
}

describe('dynamics equal to Pinocchio', () => {
  afterAll(() => rmSync(LIVE, { recursive: true, force: true }));

  test('on the committed states of the Panda, an industrial arm and random trees', () => {
    const golden = readRecordedDynamics();
    expect(golden.robots.length).toBeGreaterThanOrEqual(7);
    check(golden, () => PINOCCHIO_FOLDER);
  });

  test('and a wrong answer shows in its field alone', () => {
    const golden = readRecordedDynamics();
    const robots = golden.robots.slice(0, 1).map((robot) => ({
      ...robot,
      cases: robot.cases.slice(0, 1).map((each) => ({
        ...each,
        expected: { ...each.expected, gravity: each.expected.gravity.map((x) => x + 1e-6) },
      })),
    }));
    const [{ errors }] = compareDynamics({ ...golden, robots }, () => PINOCCHIO_FOLDER);
    expect(errors.gravity).toBeGreaterThan(TOLERANCE);
    expect(errors.tau).toBeLessThan(TOLERANCE);
  });

  test('on states and trees drawn now', async (ctx) => {
    const environment = await pythonEnvironment('pinocchio', ['pin==4.1.0', 'numpy==2.2.6']);
    const missing = 'missing' in environment ? environment.missing : '';
    requirePeer(ctx, 'pinocchio', missing, missing === '');
    if (!('python' in environment)) return;
    mkdirSync(LIVE, { recursive: true });
    const out = join(LIVE, 'live.json');
    const seed = 1 + Math.floor(Math.random() * 1e9);
    const script = join(PINOCCHIO_FOLDER, 'make_golden.py');
    const options = ['--seed', String(seed), '--cases', '10', '--trees', LIVE, '--out', out];
    await promisify(execFile)(environment.python, ['-B', script, ...options]);
    check(readRecordedDynamics(out), (urdf) => (urdf.startsWith('tree_') ? LIVE : dirname(script)));
  }, 300_000);
});
