import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { gymEnvironment } from '../../test/support/gym.ts';
import { requirePeer } from '../../test/support/peer.ts';
import type { PythonEnvironment } from '../../test/support/python.ts';

const run = promisify(execFile);
const HERE = join(PACKAGE_ROOT, 'sim', 'gym');

let environment: PythonEnvironment;

beforeAll(async () => {
  environment = await gymEnvironment();
});

/** Runs Python with the package of this checkout; what it printed, or an error with both outputs. */
async function python(ctx: TestContext, args: readonly string[], cwd = HERE, path = HERE): Promise<string> {
  const missing = 'missing' in environment ? environment.missing : '';
  requirePeer(ctx, 'gymnasium', missing, missing === '');
  if ('missing' in environment) throw new Error(missing);
  const env = { ...process.env, PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout, stderr } = await run(environment.python, [...args], { cwd, env, maxBuffer: 1 << 24 });
  return stdout + stderr;
}

describe('the Python package', () => {
  for (const [what, module, count] of [
    ['one environment by the rules of Gymnasium', 'test_env', 9],
    ['many environments over processes', 'test_vector', 4],
    ['what dies, lies or hangs', 'test_failures', 9],
  ] as const) {
    it(`passes its tests of ${what}`, { timeout: 300_000 }, async (ctx) => {
      const printed = await python(ctx, ['-m', 'unittest', `tests.${module}`]);
      expect(printed).toContain(`Ran ${count} tests`);
      expect(printed).toMatch(/\nOK\s*$/);
    });
  }

  it('has an example that measures how well the expert does, with and without noise', async (ctx) => {
    const printed = await python(ctx, ['examples/evaluate_expert.py', '6']);
    const rows = [...printed.matchAll(/^noise (.*): success (.*), mean reward (.*)$/gm)].map((row) => row.map(Number));
    expect(rows.map(([, noise]) => noise)).toEqual([0, 0.2, 0.4, 1]);
    const [[, , expert, reward], , , [, , random, least]] = rows;
    expect(expert).toBeGreaterThan(0.8);
    expect(random).toBe(0);
    expect(reward).toBeGreaterThan(least + 0.2);
  });

  it('installs, and finds the checkout that it came from', async (ctx) => {
    const folder = mkdtempSync(join(tmpdir(), 'surepick gym '));
    try {
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-index'];
      await python(ctx, [...pip, '--no-deps', '--no-build-isolation', '--target', folder, HERE], folder, '');
      expect(existsSync(join(folder, 'surepick_gym', 'py.typed'))).toBe(true);
      const program = [
        'import surepick_gym, surepick_gym.locate as locate, gymnasium',
        'print(surepick_gym.__file__)',
        'env = gymnasium.make("surepick/PickPlace-v0")',
        'print(env.reset(seed=3)[1]["seed"], locate.server_command()[1])',
        'env.close()',
      ].join('\n');
      const printed = await python(ctx, ['-c', program], folder, folder);
      expect(printed).toContain(join(folder, 'surepick_gym', '__init__.py'));
      const home = process.env.SUREPICK_HOME ?? PACKAGE_ROOT;
      expect(printed).toContain(`3 ${join(home, 'dist', 'stack', 'env', 'server.js')}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
      for (const left of ['build', 'surepick_gym.egg-info']) rmSync(join(HERE, left), { recursive: true, force: true });
    }
  });
});
