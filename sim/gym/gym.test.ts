import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { GYM_PACKAGE, gymEnvironment, gymPython } from '../../test/support/gym.ts';
import { LONG } from '../../test/support/sweep.ts';

/** Of the tests of failures those that stand for a kind each: what dies, lies, hangs, and what is left behind. */
const FAILURES = [
  'test_a_killed_process_is_told_with_its_signal_and_the_others_end',
  'test_rubbish_is_told_for_what_it_is',
  'test_silence_ends_in_time',
  'test_closing_and_forgetting_leave_no_process',
].map((name) => `tests.test_failures.Failures.${name}`);

beforeAll(async () => {
  await gymEnvironment();
});

describe('the Python package', () => {
  it('passes its tests of what dies, lies or hangs', { timeout: 300_000 }, async (ctx) => {
    const tests = LONG ? ['tests.test_failures'] : FAILURES;
    const printed = await gymPython(ctx, ['-m', 'unittest', ...tests]);
    expect(printed).toContain(`Ran ${LONG ? 9 : FAILURES.length} tests`);
    expect(printed).toMatch(/\nOK\s*$/);
  });

  it('installs, and finds the checkout that it came from', async (ctx) => {
    const folder = mkdtempSync(join(tmpdir(), 'surepick gym '));
    try {
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-index'];
      await gymPython(ctx, [...pip, '--no-deps', '--no-build-isolation', '--target', folder, GYM_PACKAGE], folder, '');
      expect(existsSync(join(folder, 'surepick_gym', 'py.typed'))).toBe(true);
      const program = [
        'import surepick_gym, surepick_gym.locate as locate, gymnasium',
        'print(surepick_gym.__file__)',
        'env = gymnasium.make("surepick/PickPlace-v0")',
        'print(env.reset(seed=3)[1]["seed"], locate.server_command()[1])',
        'env.close()',
      ].join('\n');
      const printed = await gymPython(ctx, ['-c', program], folder, folder);
      expect(printed).toContain(join(folder, 'surepick_gym', '__init__.py'));
      const home = process.env.SUREPICK_HOME ?? PACKAGE_ROOT;
      expect(printed).toContain(`3 ${join(home, 'dist', 'stack', 'env', 'server.js')}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
      for (const left of ['build', 'surepick_gym.egg-info'])
        rmSync(join(GYM_PACKAGE, left), { recursive: true, force: true });
    }
  });
});
